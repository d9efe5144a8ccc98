// SPDX-License-Identifier: Apache-2.0
// Slots of a swap area: which are free. Slot 0 is the area's header, as mkswap leaves it.
// Limitation: no clusters; where a slot lies costs nothing.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace pagepress::reclaim {

class SwapSlots {
 public:
  using Slot = std::uint32_t;
  static constexpr Slot kNone = 0;

  // `pages`: of the area, with its header; at most 2^32.
  explicit SwapSlots(std::uint64_t pages) : pages_(pages) {}

  // kNone: all are taken.
  [[nodiscard]] Slot take() {
    if (!given_back_.empty()) {
      const Slot slot = given_back_.back();
      given_back_.pop_back();
      return slot;
    }
    return fresh_ < pages_ ? static_cast<Slot>(fresh_++) : kNone;
  }
  void give(Slot slot) { given_back_.push_back(slot); }
  [[nodiscard]] std::uint64_t free() const noexcept { return pages_ - fresh_ + given_back_.size(); }
  [[nodiscard]] std::uint64_t taken() const noexcept { return fresh_ - 1 - given_back_.size(); }

 private:
  std::uint64_t pages_;
  std::uint64_t fresh_ = 1;  // slots from here on have never been taken
  std::vector<Slot> given_back_;
};

}  // namespace pagepress::reclaim
