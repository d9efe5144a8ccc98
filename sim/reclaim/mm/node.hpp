// SPDX-License-Identifier: Apache-2.0
// struct pglist_data: what all parts of the memory model share, and the small steps they have in
// common. Each function that takes a Task lets its time pass, and other tasks run meanwhile; the
// rest happens at once.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <systemc>

#include "sim/reclaim/mm/lru.hpp"
#include "sim/reclaim/mm/mm.hpp"
#include "sim/reclaim/mm/mm_trace.hpp"
#include "sim/reclaim/mm/page.hpp"
#include "sim/reclaim/mm/scan_control.hpp"
#include "sim/reclaim/mm/zone.hpp"

namespace pagepress::reclaim {

inline constexpr Ns kSecond = 1'000'000'000;  // HZ
inline constexpr Ns kJiffy = 4'000'000;       // CONFIG_HZ=250

// Tasks that reclaim_throttle() put to sleep, by its reasons.
enum class Throttle : std::uint8_t { kWriteback, kIsolated, kNoProgress };

struct Node {
  Node(const MmConfig& config, const KernelCosts& costs, Scheduler& scheduler, Vmstat& vmstat,
       Trace* trace);

  const MmConfig config;
  const KernelCosts costs;
  Scheduler& scheduler;
  Vmstat& vmstat;
  Trace* const trace;  // may be null
  MmTrace timeline;
  SwapPath* path = nullptr;
  std::uint64_t swap_slots = 0;  // of `path`, in all

  std::vector<Zone> zones;  // lowest first
  PageTable pages;
  std::unique_ptr<Lru> lru;
  std::array<std::uint64_t, 2> isolated{};  // NR_ISOLATED_ANON, _FILE
  std::uint64_t queued = 0;                 // pages on their way through SwapPath
  std::uint64_t writeback = 0;              // NR_WRITEBACK
  std::uint64_t resident = 0;               // pages of the workload that have a frame
  std::uint64_t charged = 0;                // to the memcg, for frames that are being allocated
  std::uint64_t memcg_limit = 0;            // pages; 0: none

  // kswapd and who waits for it.
  bool kswapd_sleeps = false;  // waitqueue_active(&pgdat->kswapd_wait)
  unsigned kswapd_failures = 0;
  bool many_writebacks = false;  // PGDAT_WRITEBACK
  std::uint64_t throttled = 0;   // tasks on pfmemalloc_wait
  Ns oom_quiet_until = 0;        // a victim is exiting: no other is killed before
  std::uint32_t victim = 0;      // its process; 0: none, or of no process
  bool stopping = false;         // kswapd is to go to sleep for good
  bool kswapd_ended = false;
  sc_core::sc_event kswapd_end;
  sc_core::sc_event kswapd_wait;
  sc_core::sc_event pfmemalloc_wait;

  // Zones and frames.
  [[nodiscard]] std::uint64_t free_frames() const noexcept;
  [[nodiscard]] std::uint64_t managed_frames() const noexcept;
  [[nodiscard]] std::uint64_t pool_frames() const noexcept;
  // get_page_from_freelist(): so many frames of the highest zone that has them above `mark`. False:
  // none has.
  [[nodiscard]] bool take_frames(std::uint64_t count, Mark mark, std::uint8_t& zone);
  void give_frames(std::uint64_t count, std::uint8_t zone) { zones[zone].free += count; }
  [[nodiscard]] bool balanced() const noexcept;                     // pgdat_balanced()
  [[nodiscard]] bool may_reclaim_directly();                        // allow_direct_reclaim()
  [[nodiscard]] bool can_reclaim_anon() const;                      // can_reclaim_anon_pages()
  [[nodiscard]] std::uint64_t reclaimable(const Zone& zone) const;  // zone_reclaimable_pages()
  [[nodiscard]] std::uint64_t memcg_usage() const noexcept;
  // wakeup_kswapd(). Who wakes pays, if there is a `task`.
  void wake_kswapd(Task* task);
  void wake_throttled();

  // Folios.
  [[nodiscard]] PageId head(PageId page) const noexcept { return head_of(pages, page); }
  // Sleeps until something about the folio has changed, unless it is not `busy` any more once the
  // caller's owed time has passed.
  void wait_on(Task& task, PageId page, std::uint32_t busy);
  void wake_waiters(PageId folio);  // of wait_on()
  void unlock(PageId folio);
  // Makes folios of one page of it; those behind the first are off any list, as the first must be.
  void split(PageId folio);
  // Its frames are free at once, or with `batched` once end_of_batch() is called.
  void release(PageId folio, bool batched);
  void end_of_batch();
  // Page's copy in swap is of no use.
  void drop_copy(PageId page);
  // folio_free_swap() where vm_swap_full(), more than half of it is taken: a mapped folio of the
  // swap cache leaves it, and is dirty. True: it did.
  bool free_swap_if_full(PageId folio);

  // reclaim_throttle(): sleeps until woken, or the reason's time-out.
  void throttle(Task& task, Throttle reason);
  void unthrottle(Throttle reason);
  void note_written(std::uint64_t count);  // __acct_reclaim_writeback()
  // Nothing was freed because most of it is under writeback (skip_throttle_noprogress()).
  [[nodiscard]] bool waits_for_writeback() const;

 private:
  static constexpr std::size_t kWaitBuckets = 256;  // PAGE_WAIT_TABLE_BITS = 8
  [[nodiscard]] sc_core::sc_event& bucket(PageId folio) {
    return folio_waits_[folio % kWaitBuckets];
  }
  std::unique_ptr<sc_core::sc_event[]> folio_waits_;
  std::array<sc_core::sc_event, 3> throttle_wait_;
  std::array<std::uint64_t, 3> throttle_waiters_{};
  std::uint64_t throttled_written_ = 0;  // NR_THROTTLED_WRITTEN, since somebody waits
};

// shrink_folio_list(): frees what can be freed of control.folios, leaves the rest there. Returns
// pages freed.
[[nodiscard]] std::uint64_t shrink_folio_list(Node& node, ScanControl& control, ShrinkStat& stat);

// move_folios_to_lru(): what is left of control.folios.
void put_back_isolated(Node& node, ScanControl& control);
// PGSCAN_* and PGSTEAL_*. A memcg's reclaim counts as direct.
void count_scanned(Node& node, const ScanControl& control, bool file, std::uint64_t pages);
void count_stolen(Node& node, const ScanControl& control, bool file, std::uint64_t pages);

// shrink_node(): one pass over the LRU at control.priority.
void shrink_node(Node& node, ScanControl& control);
// do_try_to_free_pages(): passes at rising priority until nr_to_reclaim are freed. Returns how many
// were.
std::uint64_t try_to_free_pages(Node& node, ScanControl& control);

enum class Pageout : std::uint8_t { kClean, kQueued, kActivate, kKept };
// pageout() of a locked, unmapped folio in the swap cache. kClean: written, and still locked by the
// caller; else it is not the caller's lock any more. kKept: written, but someone waits for it.
[[nodiscard]] Pageout pageout(Node& node, ScanControl& control, PageId folio);
// What SwapPath's end_write() does for a page.
void end_write(Node& node, PageId page, WriteEnd end);

// kswapd's body: does not return.
struct KswapdTimes {
  Ns awake = 0;
  Ns since = 0;  // awake since; meaningless while it sleeps
  bool is_awake = false;
};
void run_kswapd(Node& node, Task& task, KswapdTimes& times);

struct Allocation {
  bool done = false;
  bool stalled = false;  // it had to reclaim, or was throttled, since `begin`
  std::uint8_t zone = 0;
  Ns begin = 0;
};
// __alloc_pages() and mem_cgroup_charge() of 2^order frames for a fault of `task`, which must mark
// its pages present before time passes. With order > 0 it only tries; for one page throws
// OutOfMemory.
[[nodiscard]] Allocation allocate(Node& node, Task& task, unsigned order);

}  // namespace pagepress::reclaim
