// SPDX-License-Identifier: Apache-2.0
// Between mm and who compresses: what swap_writepage() and swap_read_folio() are in the kernel.
//
//   Mm (mm/mm.hpp) --write_folio()--> SwapPath (policy/) --store--> SwapStore (swap/)
//      <--end_write()--                    ^-- workers, engine
//
// Ownership: while a folio is queued it is locked, or under writeback; Mm neither frees nor reuses
// it before end_write().
#pragma once

#include <cstdint>
#include <span>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

class Task;

enum class Caller : std::uint8_t { kKswapd, kDirect };

// What became of a folio that pageout() wanted written. It was locked, in the swap cache, unmapped.
enum class WriteResult : std::uint8_t {
  kDone,             // stored, clean: the folio has been unlocked and can be freed at once
  kQueuedLocked,     // the RFC's kcompressd: stays locked until end_write(), not under writeback
  kQueuedWriteback,  // asynchronous I/O (v1, a swap device): unlocked, PG_writeback until
                     // end_write()
  kActivate,         // AOP_WRITEPAGE_ACTIVATE: not written, nobody will; stays dirty
};

enum class WriteEnd : std::uint8_t {
  kStored,
  kFailed,  // not written: dirty again, activated
};

class SwapPath {
 public:
  virtual ~SwapPath() = default;
  // `pages`: of one folio, in order; one, but for large folios. Time of `current` passes.
  virtual WriteResult write_folio(Task& current, Caller caller, std::span<const PageId> pages) = 0;
  enum class ReadFrom : std::uint8_t {
    kStore,   // zswap or zram: who faults may have the copy dropped
    kDevice,  // the swap device behind zswap: the copy stays, and is clean
  };
  // Reads a page that was written back into memory (the frame has been allocated), for a fault of
  // `current`. Checks that it is the version that was written, and that its bytes are.
  // Throws ConservationError if it is another, or none.
  virtual ReadFrom read_page(Task& current, PageId page) = 0;
  // The page's copy is of no use any more: it was written to, or its owner has gone. Does nothing
  // for a page without one. Takes no time; CPU time of the look-up and of zs_free() is the
  // caller's.
  virtual void invalidate(PageId page) = 0;
  // Free swap slots, in pages: reclaim leaves anonymous pages alone without one.
  [[nodiscard]] virtual std::uint64_t free_slots() const noexcept = 0;
};

// What SwapPath tells Mm, from any task's process, or from none (the swap device's interrupt).
class WriteSink {
 public:
  virtual ~WriteSink() = default;
  // Takes no time: neither waits nor asks for CPU time. May come before write_folio() has returned,
  // if time passes in that.
  virtual void end_write(PageId page, WriteEnd end) = 0;  // once a page of a queued folio
  // The version whose bytes are in the page's frame.
  [[nodiscard]] virtual Version version(PageId page) const noexcept = 0;
};

// Frames for pools (zsmalloc) and buffers: order-0 pages of the node, not on any LRU.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  // False: none left. `memalloc`: PF_MEMALLOC, watermarks do not count (kswapd, kcompressd, direct
  // reclaim itself); else as __GFP_NORETRY | __GFP_KSWAPD_RECLAIM has it: below the low watermark
  // kswapd is woken, and frames are given down to the min watermark.
  [[nodiscard]] virtual bool take_frames(std::uint64_t count, bool memalloc) = 0;
  virtual void give_frames(std::uint64_t count) = 0;
  [[nodiscard]] virtual std::uint64_t managed_frames() const noexcept = 0;
};

}  // namespace pagepress::reclaim
