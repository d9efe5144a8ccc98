// SPDX-License-Identifier: Apache-2.0
// struct scan_control and struct reclaim_stat of mm/vmscan.c: what one reclaimer wants and has had.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/ids.hpp"
#include "sim/reclaim/swap/swap_path.hpp"

namespace pagepress::reclaim {

inline constexpr int kDefPriority = 12;
inline constexpr std::uint64_t kSwapClusterMax = 32;
inline constexpr unsigned kMaxReclaimRetries = 16;

struct ScanControl {
  Task& task;
  Caller caller;
  std::uint64_t nr_to_reclaim;
  bool memcg = false;  // cgroup_reclaim(): for a limit, not for the node
  int priority = kDefPriority;
  std::uint64_t nr_scanned = 0;
  std::uint64_t nr_reclaimed = 0;
  std::uint64_t anon_cost = 0;
  std::uint64_t file_cost = 0;
  bool may_deactivate_anon = false;
  bool may_deactivate_file = false;
  bool force_deactivate = false;
  bool skipped_deactivate = false;
  bool cache_trim_mode = false;
  bool cache_trim_mode_failed = false;
  bool no_cache_trim_mode = false;
  bool file_is_tiny = false;
  struct {
    std::uint64_t writeback = 0;
    std::uint64_t immediate = 0;
    std::uint64_t taken = 0;
  } nr;
  std::vector<PageId> folios;  // isolated, of the batch at hand

  [[nodiscard]] bool kswapd() const noexcept { return caller == Caller::kKswapd; }
};

struct ShrinkStat {
  std::uint64_t pageout = 0;    // pages written or queued
  std::uint64_t writeback = 0;  // found under writeback
  std::uint64_t immediate = 0;  // of those: seen again by kswapd, before they were written
};

}  // namespace pagepress::reclaim
