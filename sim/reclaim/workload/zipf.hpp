// SPDX-License-Identifier: Apache-2.0
// Which of n pages is accessed next, by a Zipf law: the k-th most popular has a share proportional
// to 1 / k^exponent (0: all alike). Popular pages are spread over the memory.
//
// Vose's alias method: built once in O(n), then one random number and one look-up an access.
// Limitation: 8 bytes a page; accesses do not depend on each other (no phases, no streams).
#pragma once

#include <cstdint>
#include <vector>

#include "sim/reclaim/random.hpp"

namespace pagepress::reclaim {

class Zipf {
 public:
  // `n` of at least 1; `exponent` of at least 0.
  Zipf(std::uint32_t n, double exponent);

  [[nodiscard]] std::uint32_t size() const noexcept {
    return static_cast<std::uint32_t>(slots_.size());
  }
  // 0: the most popular.
  [[nodiscard]] std::uint32_t rank(RandomStream& random) const {
    const std::uint64_t number = random.next();
    const auto slot = static_cast<std::uint32_t>(((number >> 32) * slots_.size()) >> 32);
    return static_cast<std::uint32_t>(number) < slots_[slot].share ? slot : slots_[slot].alias;
  }
  // Its place among the n pages.
  [[nodiscard]] std::uint32_t page_of(std::uint32_t rank) const {
    return static_cast<std::uint32_t>((rank * std::uint64_t{stride_} + stride_ / 2) %
                                      slots_.size());
  }
  [[nodiscard]] std::uint32_t page(RandomStream& random) const { return page_of(rank(random)); }

 private:
  struct Slot {
    std::uint32_t share;  // of 2^32: that the slot stands for itself
    std::uint32_t alias;  // else for this
  };
  std::vector<Slot> slots_;
  std::uint32_t stride_ = 1;  // coprime to n: page_of() is a permutation
};

}  // namespace pagepress::reclaim
