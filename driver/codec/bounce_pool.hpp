// SPDX-License-Identifier: Apache-2.0
// BouncePool: slots of DMA memory, mapped once, for requests whose own memory is not.
// Limitation: slots of one size; one thread.
#pragma once

#include <pagepress/codec.hpp>
#include <pagepress/memory.hpp>

#include <cstdint>
#include <vector>

namespace pagepress {

inline constexpr std::uint16_t kNoSlot = 0xffff;

class BouncePool {
 public:
  // The longest block fits, and every slot begins with a page.
  static constexpr std::size_t kSlotBytes = 2 * kPageSize;
  static_assert(kSlotBytes >= kMaxBlockSize);

  BouncePool(DmaMap& map, DmaAllocator& allocator, unsigned slots)
      : memory_(map, allocator, slots * kSlotBytes, kPageSize) {
    free_.reserve(slots);
    for (unsigned i = slots; i != 0; --i) {
      free_.push_back(static_cast<std::uint16_t>(i - 1));
    }
  }

  // kNoSlot: none is free.
  [[nodiscard]] std::uint16_t take() noexcept {
    if (free_.empty()) {
      return kNoSlot;
    }
    const std::uint16_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  void give_back(std::uint16_t slot) noexcept {
    if (slot != kNoSlot) {
      free_.push_back(slot);
    }
  }
  [[nodiscard]] std::byte* data(std::uint16_t slot) const noexcept {
    return memory_.data() + slot * kSlotBytes;
  }
  [[nodiscard]] Iova iova(std::uint16_t slot) const noexcept {
    return memory_.iova() + slot * kSlotBytes;
  }
  // For a device that was cut off and may believe in it still.
  void abandon() noexcept { memory_.abandon(); }

 private:
  DmaBuffer memory_;
  std::vector<std::uint16_t> free_;
};

}  // namespace pagepress
