// SPDX-License-Identifier: Apache-2.0
// kswapd: balance_pgdat() and kswapd_try_to_sleep() of mm/vmscan.c.
// Limitations: order 0 only (no kcompactd), no watermark boost, no soft limits.
#include <algorithm>

#include "sim/reclaim/mm/node.hpp"

namespace pagepress::reclaim {
namespace {

// Priorities from DEF_PRIORITY to 1. True: balanced before they ran out.
bool reclaim_by_priorities(Node& node, ScanControl& control) {
  control.nr_to_reclaim = 0;
  for (const Zone& zone : node.zones) {
    control.nr_to_reclaim += std::max(zone.marks.high, kSwapClusterMax);
  }
  for (control.priority = kDefPriority; control.priority >= 1;) {
    node.timeline.levels(node.zones);
    if (node.balanced()) return true;
    const std::uint64_t before = control.nr_reclaimed;
    node.lru->age(control);
    if (node.stopping) return true;
    control.nr_scanned = 0;
    shrink_node(node, control);
    if (node.throttled != 0 && node.may_reclaim_directly()) node.wake_throttled();
    const bool scanned_enough = control.nr_scanned >= control.nr_to_reclaim;
    if (!scanned_enough || control.nr_reclaimed == before) --control.priority;
  }
  return false;
}

void balance(Node& node, Task& task) {
  ScanControl control{.task = task, .caller = Caller::kKswapd, .nr_to_reclaim = 0};
  ++node.vmstat.pageoutrun;
  bool balanced = reclaim_by_priorities(node, control);
  if (!balanced && control.nr_reclaimed == 0 && control.cache_trim_mode_failed) {
    control.no_cache_trim_mode = true;
    balanced = reclaim_by_priorities(node, control);
  }
  if (!balanced && control.nr_reclaimed == 0) {
    ++node.kswapd_failures;
    ++node.vmstat.kswapd_failures;
  }
  node.lru->snapshot_refaults();
}

// prepare_kswapd_sleep().
bool may_sleep(Node& node) {
  node.wake_throttled();
  if (node.kswapd_failures >= kMaxReclaimRetries) return true;
  if (!node.balanced()) return false;
  node.many_writebacks = false;
  return true;
}

class Kswapd {
 public:
  Kswapd(Node& node, Task& task, KswapdTimes& times) : node_(node), task_(task), times_(times) {
    if (node_.trace != nullptr) track_ = node_.trace->track("kswapd", task.config().name);
    wake_up();
  }

  // kthread_should_stop().
  void end() {
    fall_asleep();
    node_.kswapd_ended = true;
    node_.kswapd_end.notify();
  }

  void try_to_sleep() {
    task_.settle();
    if (node_.stopping) return;
    if (!may_sleep(node_)) {
      ++node_.vmstat.kswapd_high_wmark_hit_quickly;
      return;
    }
    fall_asleep();
    const bool woken = task_.wait_for(node_.kswapd_wait, node_.config.kswapd_sleep_ns);
    node_.kswapd_sleeps = false;
    if (woken) {
      ++node_.vmstat.kswapd_low_wmark_hit_quickly;
    } else if (!may_sleep(node_)) {
      ++node_.vmstat.kswapd_high_wmark_hit_quickly;
    } else {
      node_.kswapd_sleeps = true;
      task_.wait(node_.kswapd_wait);
    }
    node_.kswapd_sleeps = false;
    wake_up();
  }

 private:
  void fall_asleep() {
    if (node_.trace != nullptr) node_.trace->slice(track_, "awake", times_.since, now_ns());
    times_.awake += now_ns() - times_.since;
    times_.is_awake = false;
    node_.kswapd_sleeps = true;
  }

  void wake_up() {
    times_.since = now_ns();
    times_.is_awake = true;
  }

  Node& node_;
  Task& task_;
  KswapdTimes& times_;
  Trace::Track track_ = 0;
};

}  // namespace

void run_kswapd(Node& node, Task& task, KswapdTimes& times) {
  Kswapd kswapd(node, task, times);
  while (!node.stopping) {
    kswapd.try_to_sleep();
    if (!node.stopping) balance(node, task);
  }
  task.settle();
  kswapd.end();
}

}  // namespace pagepress::reclaim
