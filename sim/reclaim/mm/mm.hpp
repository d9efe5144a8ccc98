// SPDX-License-Identifier: Apache-2.0
// The memory of one node: zones, LRU lists, page faults, kswapd, direct reclaim, after
// mm/page_alloc.c, mm/vmscan.c and mm/memory.c of Linux 6.12 (docs/reclaim.md says what is left
// out).
#pragma once

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/reclaim/costs.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/ids.hpp"
#include "sim/reclaim/stats/trace.hpp"
#include "sim/reclaim/stats/vmstat.hpp"
#include "sim/reclaim/swap/swap_path.hpp"

namespace pagepress::reclaim {

struct ZoneConfig {
  std::string name = "Normal";
  std::uint64_t managed_mib = 512;
};

struct MmConfig {
  std::vector<ZoneConfig> zones = {{}};  // lowest first (DMA32, Normal)
  std::uint64_t min_free_kbytes = 0;     // 0: the kernel's formula
  std::uint64_t watermark_scale_factor = 10;
  std::uint64_t swappiness = 60;      // 0 to 200
  std::string lru = "classic";        // or "mglru"
  std::uint64_t folio_pages = 1;      // of anonymous faults: 1, or 2, 4, 8, 16 (large folios)
  std::uint64_t memcg_limit_mib = 0;  // one memcg around all tasks of the workload; 0: none
  bool memcg_zswap_writeback = true;
  bool memcg_charges_pool = true;  // frames of the pool count to it (zswap: yes, zram: no)
  // Of a page that is read from zswap or zram. 6.12's zswap_load() drops it and marks the page
  // dirty, zram's synchronous swap-in frees the slot: so an unchanged page is compressed again.
  // True: zswap up to 6.4. What was read from a swap device behind zswap keeps its copy either way.
  bool swap_in_keeps_copy = false;
  // try_to_unmap_flush_dirty() before each folio is written that was unmapped by a dirty PTE, as
  // 6.12 does; false: one TLB flush for each batch of 32.
  bool tlb_flush_each_folio = true;
  Ns file_read_ns = 100'000;         // a page of a file from storage, beside CPU time
  Ns kswapd_sleep_ns = 100'000'000;  // HZ/10 of prepare_kswapd_sleep()'s first, short sleep
  std::string kswapd_cores;          // as TaskConfig::cores
};

enum class PageType : std::uint8_t { kAnonymous, kFile };

// For time-outs of the whole: what one allocation waited for.
struct AllocationStalls {
  std::vector<Ns> stall_ns;       // of each allocation that entered direct reclaim or was throttled
  std::vector<Ns> fault_ns;       // of each fault that read a page from swap: entry to return
  std::vector<Ns> queued_ns;      // of each fault that waited for a page queued and locked
  std::uint64_t allocations = 0;  // of all
};

class Mm final : public WriteSink, public FrameSource {
 public:
  // During elaboration; makes kswapd's task. References outlive this; `trace` may be null.
  // Throws std::invalid_argument: names the setting.
  Mm(const MmConfig& config, const KernelCosts& costs, Scheduler& scheduler, Vmstat& vmstat,
     Trace* trace);
  ~Mm() override;
  Mm(const Mm&) = delete;
  Mm& operator=(const Mm&) = delete;
  void set_swap(SwapPath& path);  // once, before simulation begins

  // Before simulation: so many virtual pages more, not yet used. Returns the first.
  PageId add_region(PageType type, std::size_t pages);

  // A task's access. Faults, allocates, reclaims as the kernel would: time of `current` passes.
  // True: there was a fault. Throws OutOfMemory (which kills a task) if nothing can be freed.
  bool touch(Task& current, PageId page, bool write);
  // munmap() or exit: pages and their copies in swap go. Of a file: dropped from the page cache.
  void discard(Task& current, PageId first, std::size_t count);
  // madvise(MADV_PAGEOUT)-like reclaim of a process is not modelled.

  // Ends kswapd (kswapd_stop()); returns when it writes nothing any more.
  void stop_kswapd(Task& current);

  // WriteSink, FrameSource.
  void end_write(PageId page, WriteEnd end) override;
  [[nodiscard]] Version version(PageId page) const noexcept override;
  [[nodiscard]] bool take_frames(std::uint64_t count, bool memalloc) override;
  void give_frames(std::uint64_t count) override;
  [[nodiscard]] std::uint64_t managed_frames() const noexcept override;

  struct Watermarks {
    std::uint64_t min, low, high;  // pages
  };
  [[nodiscard]] Watermarks watermarks(std::size_t zone) const;
  [[nodiscard]] std::uint64_t zone_frames(std::size_t zone) const;  // managed
  // Where the contents of a page are: in a frame, only in swap, or nowhere (it was never used, or
  // is a file's and can be read again).
  enum class Place : std::uint8_t { kNowhere, kFrame, kSwap };
  [[nodiscard]] Place place(PageId page) const;
  [[nodiscard]] std::size_t page_count() const noexcept;
  struct Levels {  // pages, of all zones
    std::uint64_t free, anon_active, anon_inactive, file_active, file_inactive, pool, queued;
  };
  [[nodiscard]] Levels levels() const;
  // Free memory and watermarks onto the timeline, if there is one.
  void trace_levels() const;
  [[nodiscard]] const AllocationStalls& stalls() const noexcept;
  [[nodiscard]] Ns kswapd_awake_ns() const;
  // Every page is in one place, counts agree with lists, frames add up. Throws ConservationError.
  void check() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// The kernel would have called the OOM killer for this task.
class OutOfMemory : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace pagepress::reclaim
