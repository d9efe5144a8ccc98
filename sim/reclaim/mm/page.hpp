// SPDX-License-Identifier: Apache-2.0
// What the model keeps of each virtual page: struct page, its PTE and its swap entry in 24 bytes.
//
// A folio is its first page (the head) with `order`; the pages after it are tails that hold the
// distance to it. State of the folio is the head's, that of the PTE and of the copy each page's.
//
//   untouched --fault--> present, mapped --unmap--> present, swap cache --free--> copy only
//                              ^---------- swap-in, or swap cache hit ----------------'
//
// Limitations: a page has one mapping (no fork, no sharing), and frames have no numbers, only a
// zone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

inline constexpr std::uint8_t kNoList = 0xff;
inline constexpr std::uint64_t kMostFolioPages = 16;

enum PageFlag : std::uint32_t {
  // Of each page.
  kPresent = 1U << 0,   // has a frame
  kMapped = 1U << 1,    // its PTE is present
  kYoung = 1U << 2,     // accessed bit of the PTE
  kDirty = 1U << 3,     // differs from its copy, or has none
  kCopy = 1U << 4,      // swap has this version
  kTaken = 1U << 5,     // this version has been given to SwapPath: a write makes a new one
  kFile = 1U << 6,      // of a file; else anonymous
  kTail = 1U << 7,      // `aux` pages after the head
  kFaulting = 1U << 8,  // a task is bringing it in; no frame, or not on a list yet
  // Of folios, in the head.
  kLocked = 1U << 9,       // PG_locked
  kReferenced = 1U << 10,  // PG_referenced
  kActive = 1U << 11,      // PG_active
  kSwapCache = 1U << 12,   // PG_swapcache
  kWriteback = 1U << 13,   // PG_writeback
  kReclaim = 1U << 14,     // PG_reclaim
  kWorkingset = 1U << 15,  // PG_workingset
  kQueued = 1U << 16,      // locked until SwapPath's end_write()
  kWriting = 1U << 17,     // write_folio() has not returned
  kWriteFailed = 1U << 18,
  kIsolated = 1U << 19,  // off its list, in a reclaimer's hands
  kWaited = 1U << 20,    // a task waits for it: PG_waiters
  kPteDirty = 1U << 21,  // dirty bit of the PTE, of each page: written to since it was mapped
};

struct Page {
  std::uint32_t prev = kNoPage;
  std::uint32_t next = kNoPage;
  Version version = 0;
  // Absent: workingset's shadow entry (0: none). Present, MGLRU: the sequence number of its
  // generation.
  std::uint32_t shadow = 0;
  std::uint32_t flags = 0;
  std::uint8_t list = kNoList;
  std::uint8_t zone = 0;
  std::uint8_t order = 0;
  std::uint8_t aux = 0;  // of a tail: distance to the head; of a head: writes not ended

  [[nodiscard]] bool has(std::uint32_t any) const noexcept { return (flags & any) != 0; }
  void set(std::uint32_t which) noexcept { flags |= which; }
  void clear(std::uint32_t which) noexcept { flags &= ~which; }
  [[nodiscard]] std::uint64_t pages() const noexcept { return std::uint64_t{1} << order; }
};
static_assert(sizeof(Page) == 24);

using PageTable = std::vector<Page>;

[[nodiscard]] inline PageId head_of(const PageTable& pages, PageId page) noexcept {
  return pages[page].has(kTail) ? page - pages[page].aux : page;
}

}  // namespace pagepress::reclaim
