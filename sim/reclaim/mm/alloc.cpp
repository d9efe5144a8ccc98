// SPDX-License-Identifier: Apache-2.0
// __alloc_pages() and its slow path (mm/page_alloc.c), and try_charge_memcg() (mm/memcontrol.c).
// Limitations: the OOM killer takes the task that asks.
#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "sim/reclaim/mm/node.hpp"

namespace pagepress::reclaim {
namespace {

// throttle_direct_reclaim(). A fault may enter the file system, so that there is no time-out but
// one after which the condition is looked at again.
void throttle(Node& node, Task& task) {
  if (node.may_reclaim_directly()) return;
  ++node.vmstat.direct_throttled;
  task.settle();
  const auto slice = node.timeline.slice(task, "throttled");
  while (!node.may_reclaim_directly()) {
    ++node.throttled;
    (void)task.wait_for(node.pfmemalloc_wait, kSecond);
    --node.throttled;
  }
}

std::uint64_t reclaim_directly(Node& node, Task& task, bool memcg) {
  ScanControl control{
      .task = task, .caller = Caller::kDirect, .nr_to_reclaim = kSwapClusterMax, .memcg = memcg};
  control.folios.reserve(kSwapClusterMax);
  const auto slice = node.timeline.slice(task, memcg ? "memcg reclaim" : "direct reclaim");
  node.timeline.levels(node.zones);
  return try_to_free_pages(node, control);
}

// should_reclaim_retry(), but for its count of loops.
bool could_succeed(const Node& node) {
  return std::any_of(node.zones.begin(), node.zones.end(), [&node](const Zone& zone) {
    return zone.ok(zone.free + node.reclaimable(zone), 1, Mark::kMin);
  });
}

[[noreturn]] void kill(Node& node, Task& task, const char* what) {
  ++node.vmstat.oom_kill;
  node.oom_quiet_until = now_ns() + kSecond;
  node.victim = task.config().process;
  throw OutOfMemory(fmt::format("{}: out of memory ({})", task.config().name, what));
}

// __alloc_pages_may_oom(): one victim at a time.
void out_of_memory(Node& node, Task& task, const char* what) {
  task.settle();
  if (now_ns() >= node.oom_quiet_until) kill(node, task, what);
  task.sleep(kJiffy);
}

// fatal_signal_pending(): another task of the process was the victim.
void die_with_process(const Node& node, const Task& task) {
  if (node.victim != 0 && node.victim == task.config().process) {
    throw OutOfMemory(task.config().name + ": its process was killed, as memory was out");
  }
}

// Whether it had to reclaim.
bool allocate_slowly(Node& node, Task& task, std::uint8_t& zone) {
  node.wake_kswapd(&task);
  if (node.take_frames(1, Mark::kMin, zone)) return false;
  unsigned no_progress = 0;
  while (true) {
    die_with_process(node, task);
    node.wake_kswapd(&task);  // it must not fall asleep as long as this goes on
    if (node.take_frames(1, Mark::kMin, zone)) return true;
    throttle(node, task);
    const bool progress = reclaim_directly(node, task, false) != 0;
    if (progress && node.take_frames(1, Mark::kMin, zone)) return true;
    no_progress = progress ? 0 : no_progress + 1;
    if (no_progress <= kMaxReclaimRetries && could_succeed(node)) continue;
    if (node.take_frames(1, Mark::kHigh, zone)) return true;
    out_of_memory(node, task, "no frame can be freed");
    no_progress = 0;
  }
}

bool has_room(const Node& node, std::uint64_t pages) {
  return node.memcg_limit == 0 || node.memcg_usage() + pages <= node.memcg_limit;
}

// try_charge_memcg(). Whether it had to reclaim. The kernel tries for as long as anything is freed,
// which can be for ever where a memcg is smaller than the pool that is charged to it; a run has to
// end.
bool charge_memcg(Node& node, Task& task) {
  constexpr unsigned kMostInVain = 16 * kMaxReclaimRetries;
  bool stalled = false;
  unsigned in_vain = 0;
  for (unsigned retries = kMaxReclaimRetries; !has_room(node, 1); stalled = true) {
    die_with_process(node, task);
    ++node.vmstat.memcg_max_events;
    if (reclaim_directly(node, task, true) != 0 && ++in_vain < kMostInVain) continue;
    if (has_room(node, 1)) continue;
    if (in_vain < kMostInVain && retries-- != 0) continue;
    out_of_memory(node, task, "memcg limit");
    retries = kMaxReclaimRetries;
    in_vain = 0;
  }
  ++node.charged;
  return stalled;
}

void allocate_one(Node& node, Task& task, Allocation& got) {
  task.settle();
  got.begin = now_ns();
  got.stalled = charge_memcg(node, task);
  try {
    if (!node.take_frames(1, Mark::kLow, got.zone) && allocate_slowly(node, task, got.zone)) {
      got.stalled = true;
    }
  } catch (const OutOfMemory&) {
    --node.charged;
    throw;
  }
  --node.charged;
  got.done = true;
}

}  // namespace

Allocation allocate(Node& node, Task& task, unsigned order) {
  const std::uint64_t pages = std::uint64_t{1} << order;
  Allocation got;
  if (has_room(node, pages) && node.take_frames(pages, Mark::kLow, got.zone)) {
    got.done = true;
  } else if (order == 0) {  // else GFP_TRANSHUGE_LIGHT: neither reclaims nor wakes kswapd
    allocate_one(node, task, got);
  }
  if (got.done) node.resident += pages;
  return got;
}

}  // namespace pagepress::reclaim
