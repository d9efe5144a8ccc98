// SPDX-License-Identifier: Apache-2.0
// zsmalloc's size classes, as zs_create_pool() of mm/zsmalloc.c makes them on pages of 4 KiB:
// steps of ZS_SIZE_CLASS_DELTA (16 bytes) from ZS_MIN_ALLOC_SIZE (32) to a page, a zspage of so
// many pages that least is wasted, and neighbours with the same geometry merged into the larger.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pagepress::reclaim {

struct SizeClass {
  std::uint32_t size = 0;            // bytes of an object, its handle included
  std::uint32_t zspage_pages = 0;    // chained pages
  std::uint32_t zspage_objects = 0;  // that fit them
};

class SizeClasses {
 public:
  static constexpr std::uint32_t kMinSize = 32;    // ZS_MIN_ALLOC_SIZE
  static constexpr std::uint32_t kDelta = 16;      // ZS_SIZE_CLASS_DELTA
  static constexpr std::uint32_t kMaxSize = 4096;  // ZS_MAX_ALLOC_SIZE
  static constexpr std::uint32_t kHandle = 8;      // ZS_HANDLE_SIZE
  static constexpr std::uint32_t kLeastChain = 4;  // of CONFIG_ZSMALLOC_CHAIN_SIZE
  static constexpr std::uint32_t kMostChain = 16;

  // `kernel`: "6.12" (calculate_zspage_chain_size(): fewest bytes wasted, chains up to 8) or "6.1"
  // (get_pages_per_zspage(): largest share in whole per cent, up to ZS_MAX_PAGES_PER_ZSPAGE = 4).
  // `chain`: other than that many pages; 0: the kernel's.
  // Throws std::invalid_argument: another kernel, a chain that is none.
  SizeClasses(std::string_view kernel, std::uint64_t chain);

  // Merged, largest first.
  [[nodiscard]] const std::vector<SizeClass>& all() const noexcept { return classes_; }
  // Index in all() of the class that zs_malloc(bytes) takes; `bytes`: 1 to kMaxSize.
  [[nodiscard]] std::size_t of(std::uint32_t bytes) const noexcept { return by_step_[step(bytes)]; }
  // zs_huge_class_size(): objects of as many bytes, or more, take a page each.
  [[nodiscard]] std::uint32_t huge_bytes() const noexcept { return huge_bytes_; }

 private:
  static constexpr std::size_t kSteps = (kMaxSize - kMinSize + kDelta - 1) / kDelta + 1;
  [[nodiscard]] static std::size_t step(std::uint32_t bytes) noexcept;

  std::vector<SizeClass> classes_;
  std::array<std::uint8_t, kSteps> by_step_{};
  std::uint32_t huge_bytes_ = 0;
};

}  // namespace pagepress::reclaim
