// SPDX-License-Identifier: Apache-2.0
// /proc/vmstat, as far as reclaim is concerned: the kernel's own names and meanings (mm/vmstat.c,
// mm/vmscan.c, mm/page_io.c, 6.12). Those after `zswpwb` are the model's. Plain numbers: one
// simulation is one thread.
// Identities that hold at every moment (tests hold them):
//   pgscan_kswapd + pgscan_direct = pgscan_anon + pgscan_file, and likewise for pgsteal
//   pgsteal <= pgscan, of each pair
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace pagepress::reclaim {

struct Vmstat {
  std::uint64_t pgfault = 0;
  std::uint64_t pgmajfault = 0;
  std::uint64_t pgscan_kswapd = 0;
  std::uint64_t pgscan_direct = 0;
  std::uint64_t pgscan_anon = 0;
  std::uint64_t pgscan_file = 0;
  std::uint64_t pgsteal_kswapd = 0;
  std::uint64_t pgsteal_direct = 0;
  std::uint64_t pgsteal_anon = 0;
  std::uint64_t pgsteal_file = 0;
  std::uint64_t pgactivate = 0;
  std::uint64_t pgdeactivate = 0;
  std::uint64_t pgrefill = 0;
  std::uint64_t pgrotated = 0;
  std::uint64_t allocstall = 0;  // of all zones
  std::uint64_t pageoutrun = 0;
  std::uint64_t kswapd_low_wmark_hit_quickly = 0;
  std::uint64_t kswapd_high_wmark_hit_quickly = 0;
  std::uint64_t pgskip = 0;
  std::uint64_t nr_vmscan_write = 0;
  std::uint64_t nr_vmscan_immediate_reclaim = 0;
  std::uint64_t workingset_refault_anon = 0;
  std::uint64_t workingset_refault_file = 0;
  std::uint64_t pswpin = 0;   // pages read from the swap device (zram is one; zswap hits are not)
  std::uint64_t pswpout = 0;  // pages written to it
  std::uint64_t zswpin = 0;
  std::uint64_t zswpout = 0;
  std::uint64_t zswpwb = 0;
  std::uint64_t oom_kill = 0;
  // Not the kernel's.
  std::uint64_t direct_throttled = 0;  // tasks put to sleep by allow_direct_reclaim()
  // `max` of the memcg's memory.events (MEMCG_MAX of try_charge_memcg()): each time a charge
  // reclaimed, or tried to, because of the limit. allocstall does not count these.
  std::uint64_t memcg_max_events = 0;
  std::uint64_t swap_cache_hit = 0;  // faults on a page whose write had not ended or not been freed
  std::uint64_t refault_queued = 0;  // of those: that was still queued to be compressed
  std::uint64_t rescan_locked = 0;   // scanned again while queued and locked (RFC)
  std::uint64_t rescan_writeback = 0;  // scanned again while under writeback (v1)
  std::uint64_t kswapd_failures = 0;   // runs that freed nothing
  std::uint64_t write_activated = 0;   // pageout() got AOP_WRITEPAGE_ACTIVATE
};

struct VmstatName {
  std::string_view name;
  std::uint64_t Vmstat::*value;
};
// All of them, as they are declared.
[[nodiscard]] std::span<const VmstatName> vmstat_names() noexcept;

}  // namespace pagepress::reclaim
