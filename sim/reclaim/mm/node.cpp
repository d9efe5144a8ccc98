// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/mm/node.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace pagepress::reclaim {
namespace {

constexpr std::uint64_t kPagesPerMib = 1024 / kPageKib;

std::unique_ptr<Lru> make_lru(Node& node) {
  const std::string& name = node.config.lru;
  if (name == "classic") return make_classic_lru(node);
  if (name == "mglru") return make_mglru(node);
  throw std::invalid_argument(fmt::format("memory: lru = {}, not classic or mglru", name));
}

void check_config(const MmConfig& config) {
  if (config.swappiness > 200) {
    throw std::invalid_argument(
        fmt::format("memory: swappiness = {}, not 0 to 200", config.swappiness));
  }
  const std::uint64_t folio = config.folio_pages;
  if (folio == 0 || folio > kMostFolioPages || (folio & (folio - 1)) != 0) {
    throw std::invalid_argument(
        fmt::format("memory: folio_pages = {}, not 1, 2, 4, 8 or 16", folio));
  }
}

}  // namespace

Node::Node(const MmConfig& config, const KernelCosts& costs, Scheduler& scheduler, Vmstat& vmstat,
           Trace* trace)
    : config(config),
      costs(costs),
      scheduler(scheduler),
      vmstat(vmstat),
      trace(trace),
      timeline(trace),
      zones(make_zones(config)),
      memcg_limit(config.memcg_limit_mib * kPagesPerMib),
      folio_waits_(std::make_unique<sc_core::sc_event[]>(kWaitBuckets)) {
  check_config(config);
  lru = make_lru(*this);
}

std::uint64_t Node::free_frames() const noexcept {
  std::uint64_t all = 0;
  for (const Zone& zone : zones) all += zone.free;
  return all;
}

std::uint64_t Node::managed_frames() const noexcept {
  std::uint64_t all = 0;
  for (const Zone& zone : zones) all += zone.managed;
  return all;
}

std::uint64_t Node::pool_frames() const noexcept {
  std::uint64_t all = 0;
  for (const Zone& zone : zones) all += zone.pool;
  return all;
}

bool Node::take_frames(std::uint64_t count, Mark mark, std::uint8_t& zone) {
  for (std::size_t i = zones.size(); i-- > 0;) {
    if (!zones[i].ok(zones[i].free, count, mark)) continue;
    zones[i].free -= count;
    zone = static_cast<std::uint8_t>(i);
    return true;
  }
  return false;
}

bool Node::balanced() const noexcept {
  for (const Zone& zone : zones) {
    if (zone.ok(zone.free, 1, Mark::kHigh)) return true;
  }
  return false;
}

bool Node::can_reclaim_anon() const { return path->free_slots() != 0; }

std::uint64_t Node::reclaimable(const Zone& zone) const {
  return zone.lru[1] + (can_reclaim_anon() ? zone.lru[0] : 0);
}

bool Node::may_reclaim_directly() {
  if (kswapd_failures >= kMaxReclaimRetries) return true;
  std::uint64_t reserve = 0;
  std::uint64_t free = 0;
  for (const Zone& zone : zones) {
    if (reclaimable(zone) == 0) continue;
    reserve += zone.marks.min;
    free += zone.free;
  }
  if (reserve == 0 || free > reserve / 2) return true;
  if (kswapd_sleeps) {
    kswapd_sleeps = false;
    kswapd_wait.notify(sc_core::SC_ZERO_TIME);
  }
  return false;
}

std::uint64_t Node::memcg_usage() const noexcept {
  return resident + charged + (config.memcg_charges_pool ? pool_frames() : 0);
}

void Node::wake_kswapd(Task* task) {
  if (!kswapd_sleeps || kswapd_failures >= kMaxReclaimRetries || balanced()) return;
  kswapd_sleeps = false;
  kswapd_wait.notify(sc_core::SC_ZERO_TIME);
  if (task != nullptr) task->charge(costs.wake_up_ns, "wake kswapd");
}

void Node::wake_throttled() {
  if (throttled != 0) pfmemalloc_wait.notify(sc_core::SC_ZERO_TIME);
}

void Node::wait_on(Task& task, PageId page, std::uint32_t busy) {
  task.settle();
  const PageId folio = head(page);  // it may have been split meanwhile
  if (!pages[folio].has(busy)) return;
  pages[folio].set(kWaited);
  task.wait(bucket(folio));
}

void Node::wake_waiters(PageId folio) {
  if (!pages[folio].has(kWaited)) return;
  pages[folio].clear(kWaited);
  bucket(folio).notify(sc_core::SC_ZERO_TIME);
}

void Node::unlock(PageId folio) {
  pages[folio].clear(kLocked);
  wake_waiters(folio);
}

void Node::split(PageId folio) {
  Page& first = pages[folio];
  const std::uint64_t count = first.pages();
  constexpr std::uint32_t kOfFolio = kReferenced | kActive | kSwapCache | kReclaim | kWorkingset;
  first.order = 0;
  for (PageId id = folio + 1; id < folio + count; ++id) {
    Page& page = pages[id];
    page.clear(kTail);
    page.set(first.flags & kOfFolio);
    page.aux = 0;
    page.order = 0;
    page.shadow = first.shadow;
  }
}

void Node::release(PageId folio, bool batched) {
  const std::uint32_t shadow = batched ? lru->evicted(folio) : 0;
  const std::uint64_t count = pages[folio].pages();
  Zone& zone = zones[pages[folio].zone];
  for (PageId id = folio; id < folio + count; ++id) {
    Page& page = pages[id];
    page.flags &= kFile | kCopy | kTaken | kWaited;
    page.shadow = shadow;
    page.order = 0;
    page.aux = 0;
  }
  wake_waiters(folio);
  resident -= count;
  (batched ? zone.freeing : zone.free) += count;
}

void Node::end_of_batch() {
  for (Zone& zone : zones) {
    zone.free += zone.freeing;
    zone.freeing = 0;
  }
}

void Node::drop_copy(PageId page) {
  if (!pages[page].has(kCopy)) return;
  pages[page].clear(kCopy);
  path->invalidate(page);
}

bool Node::free_swap_if_full(PageId folio) {
  Page& head = pages[folio];
  if (!head.has(kSwapCache) || head.has(kWriteback | kQueued | kWriting)) return false;
  if (2 * path->free_slots() >= swap_slots) return false;
  const PageId end = folio + static_cast<PageId>(head.pages());
  for (PageId id = folio; id < end; ++id) {
    if (!pages[id].has(kMapped)) return false;  // folio_swapped(): a PTE has its entry
  }
  head.clear(kSwapCache);
  for (PageId id = folio; id < end; ++id) {
    drop_copy(id);
    pages[id].set(kDirty);
  }
  return true;
}

void Node::throttle(Task& task, Throttle reason) {
  constexpr std::array<Ns, 3> kTimeouts = {kSecond / 10, kSecond / 50, kJiffy};
  const auto which = static_cast<std::size_t>(reason);
  task.settle();
  const auto slice = timeline.slice(task, "reclaim_throttle");
  ++throttle_waiters_[which];
  (void)task.wait_for(throttle_wait_[which], kTimeouts[which]);
  --throttle_waiters_[which];
}

void Node::unthrottle(Throttle reason) {
  const auto which = static_cast<std::size_t>(reason);
  if (throttle_waiters_[which] != 0) throttle_wait_[which].notify(sc_core::SC_ZERO_TIME);
}

void Node::note_written(std::uint64_t count) {
  const std::uint64_t waiters = throttle_waiters_[static_cast<std::size_t>(Throttle::kWriteback)];
  throttled_written_ = waiters == 0 ? 0 : throttled_written_ + count;
  if (throttled_written_ <= kSwapClusterMax * waiters) return;
  throttled_written_ = 0;
  unthrottle(Throttle::kWriteback);
}

bool Node::waits_for_writeback() const {
  if (kswapd_failures >= kMaxReclaimRetries) return false;
  std::uint64_t all = 0;
  for (const Zone& zone : zones) all += reclaimable(zone);
  return 2 * writeback > all;
}

}  // namespace pagepress::reclaim
