// SPDX-License-Identifier: Apache-2.0
// shrink_node(), shrink_zones() and do_try_to_free_pages() of mm/vmscan.c.
#include <algorithm>

#include "sim/reclaim/mm/node.hpp"

namespace pagepress::reclaim {
namespace {

// consider_reclaim_throttle(), of direct reclaim.
void consider_throttle(Node& node, ScanControl& control) {
  if (control.nr_reclaimed > control.nr_scanned >> 3) {
    node.unthrottle(Throttle::kNoProgress);
    return;
  }
  if (!control.memcg && control.priority == 1 && control.nr_reclaimed == 0 &&
      node.waits_for_writeback()) {
    node.throttle(control.task, Throttle::kNoProgress);
  }
}

// From the lowest priority on, until enough is freed.
void passes(Node& node, ScanControl& control) {
  if (!control.memcg) ++node.vmstat.allocstall;
  for (control.priority = kDefPriority; control.priority >= 0; --control.priority) {
    control.nr_scanned = 0;
    shrink_node(node, control);
    consider_throttle(node, control);
    if (control.nr_reclaimed >= control.nr_to_reclaim) break;
  }
  node.lru->snapshot_refaults();
}

}  // namespace

void put_back_isolated(Node& node, ScanControl& control) {
  for (const PageId folio : control.folios) {
    Page& page = node.pages[folio];
    node.isolated[page.has(kFile) ? 1 : 0] -= page.pages();
    page.clear(kIsolated);
    node.lru->put_back(folio);
    node.wake_waiters(folio);
  }
  control.folios.clear();
}

void count_scanned(Node& node, const ScanControl& control, bool file, std::uint64_t pages) {
  Vmstat& stat = node.vmstat;
  (control.kswapd() ? stat.pgscan_kswapd : stat.pgscan_direct) += pages;
  (file ? stat.pgscan_file : stat.pgscan_anon) += pages;
}

void count_stolen(Node& node, const ScanControl& control, bool file, std::uint64_t pages) {
  Vmstat& stat = node.vmstat;
  (control.kswapd() ? stat.pgsteal_kswapd : stat.pgsteal_direct) += pages;
  (file ? stat.pgsteal_file : stat.pgsteal_anon) += pages;
}

void shrink_node(Node& node, ScanControl& control) {
  const std::uint64_t before = control.nr_reclaimed;
  control.nr = {};
  // Time must pass even with costs of nothing: who retries would never let others go on.
  control.task.charge(std::max<Ns>(node.costs.shrink_ns, 1), "shrink_node");
  node.lru->shrink(control);
  if (control.kswapd()) {
    if (control.nr.writeback != 0 && control.nr.writeback == control.nr.taken) {
      node.many_writebacks = true;
    }
    // It runs around the LRU faster than pages are written.
    if (control.nr.immediate != 0) node.throttle(control.task, Throttle::kWriteback);
  }
  if (control.nr_reclaimed != before) {
    node.kswapd_failures = 0;
  } else if (control.cache_trim_mode) {
    control.cache_trim_mode_failed = true;
  }
}

std::uint64_t try_to_free_pages(Node& node, ScanControl& control) {
  passes(node, control);
  if (control.nr_reclaimed == 0 && control.cache_trim_mode_failed && !control.no_cache_trim_mode) {
    control.no_cache_trim_mode = true;
    passes(node, control);
  }
  if (control.nr_reclaimed == 0 && control.skipped_deactivate) {
    control.force_deactivate = true;
    control.skipped_deactivate = false;
    passes(node, control);
  }
  return control.nr_reclaimed;
}

}  // namespace pagepress::reclaim
