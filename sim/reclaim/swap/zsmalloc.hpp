// SPDX-License-Identifier: Apache-2.0
// Zsmalloc: frames that a pool of compressed blocks takes, after mm/zsmalloc.c.
//
//   size class --> fullness groups (99 % ... 0 %) --> zspages, each of `zspage_pages` frames
//
// A block goes into the fullest zspage of its class that has room; a zspage gives its frames back
// when its last object is freed. So freed objects keep frames: fragmentation as the kernel has it.
// Bytes are not here (block_vault.hpp): a handle names a zspage, which is all that frames hang on.
// Limitations: no compaction (zs_compact(), its shrinker) and no migration; groups are 6.12's, for
// 6.1's classes too; a zspage's pages come at once.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "sim/reclaim/swap/size_classes.hpp"
#include "sim/reclaim/swap/swap_path.hpp"

namespace pagepress::reclaim {

class Zsmalloc {
 public:
  using Handle = std::uint32_t;

  // `frames` outlives it; frames still held are not given back.
  Zsmalloc(SizeClasses classes, FrameSource& frames);
  Zsmalloc(const Zsmalloc&) = delete;
  Zsmalloc& operator=(const Zsmalloc&) = delete;

  // zs_malloc(); none: no frames for a new zspage. `bytes`: 1 to a page.
  [[nodiscard]] std::optional<Handle> allocate(std::uint32_t bytes, bool memalloc);
  // zs_free(). Throws ConservationError: the zspage has no object.
  void free(Handle handle);

  [[nodiscard]] std::uint64_t frames() const noexcept { return held_; }  // zs_get_total_pages()
  [[nodiscard]] std::uint64_t peak_frames() const noexcept { return peak_; }
  [[nodiscard]] std::uint64_t objects() const noexcept { return objects_; }
  [[nodiscard]] const SizeClasses& classes() const noexcept { return classes_; }
  // Lists, counts and frames agree. Throws ConservationError.
  void check() const;

 private:
  static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();
  static constexpr std::uint32_t kGroups = 12;  // NR_FULLNESS_GROUPS
  static constexpr std::uint8_t kEmpty = 0;     // ZS_INUSE_RATIO_0
  static constexpr std::uint8_t kFull = 11;     // ZS_INUSE_RATIO_100

  struct Zspage {
    std::uint32_t next = kNone;  // in its group's list, or of the unused ones
    std::uint32_t previous = kNone;
    std::uint16_t in_use = 0;
    std::uint8_t size_class = 0;
    std::uint8_t group = kEmpty;
  };

  [[nodiscard]] std::uint32_t find(std::uint8_t size_class) const noexcept;
  [[nodiscard]] std::uint32_t make(std::uint8_t size_class, bool memalloc);
  void regroup(std::uint32_t index);  // fix_fullness_group()
  void link(std::uint32_t index, std::uint8_t group);
  void unlink(std::uint32_t index);
  [[nodiscard]] std::uint8_t group_of(const Zspage& zspage) const noexcept;
  [[nodiscard]] const SizeClass& class_of(const Zspage& zspage) const noexcept {
    return classes_.all()[zspage.size_class];
  }

  SizeClasses classes_;
  FrameSource& frames_;
  std::vector<std::array<std::uint32_t, kGroups>> groups_;  // heads of lists, by class
  std::vector<Zspage> zspages_;
  std::uint32_t unused_ = kNone;
  std::uint64_t held_ = 0;
  std::uint64_t peak_ = 0;
  std::uint64_t objects_ = 0;
};

}  // namespace pagepress::reclaim
