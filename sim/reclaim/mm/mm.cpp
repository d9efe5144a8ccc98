// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/mm/mm.hpp"

#include <algorithm>
#include <utility>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/mm/check.hpp"
#include "sim/reclaim/mm/fault.hpp"
#include "sim/reclaim/mm/node.hpp"

namespace pagepress::reclaim {

namespace {

// __alloc_pages() of a frame without __GFP_DIRECT_RECLAIM: LOW; kswapd is woken, then MIN
// (gfp_to_alloc_flags() of the slow path). With PF_MEMALLOC there is no watermark.
bool take_for_pool(Node& node, bool memalloc, std::uint8_t& zone) {
  if (memalloc) return node.take_frames(1, Mark::kNone, zone);
  if (node.take_frames(1, Mark::kLow, zone)) return true;
  node.wake_kswapd(nullptr);
  return node.take_frames(1, Mark::kMin, zone);
}

}  // namespace

struct Mm::Impl {
  Impl(const MmConfig& config, const KernelCosts& costs, Scheduler& scheduler, Vmstat& vmstat,
       Trace* trace)
      : node(config, costs, scheduler, vmstat, trace), faults(node, stalls) {
    scheduler.spawn({.name = "kswapd0", .group = "kswapd", .cores = config.kswapd_cores},
                    [this](Task& task) { run_kswapd(node, task, kswapd); });
  }

  Node node;
  AllocationStalls stalls;
  Faults faults;
  KswapdTimes kswapd;
};

Mm::Mm(const MmConfig& config, const KernelCosts& costs, Scheduler& scheduler, Vmstat& vmstat,
       Trace* trace)
    : impl_(std::make_unique<Impl>(config, costs, scheduler, vmstat, trace)) {}

Mm::~Mm() = default;

void Mm::set_swap(SwapPath& path) {
  impl_->node.path = &path;
  impl_->node.swap_slots = path.free_slots();
}

PageId Mm::add_region(PageType type, std::size_t pages) {
  return impl_->faults.add_region(type, pages);
}

bool Mm::touch(Task& current, PageId page, bool write) {
  return impl_->faults.touch(current, page, write);
}

void Mm::discard(Task& current, PageId first, std::size_t count) {
  impl_->faults.discard(current, first, count);
}

void Mm::stop_kswapd(Task& current) {
  Node& node = impl_->node;
  node.stopping = true;
  node.kswapd_wait.notify();
  while (!node.kswapd_ended) current.wait(node.kswapd_end);
}

void Mm::end_write(PageId page, WriteEnd end) { reclaim::end_write(impl_->node, page, end); }

Version Mm::version(PageId page) const noexcept { return impl_->node.pages[page].version; }

bool Mm::take_frames(std::uint64_t count, bool memalloc) {
  Node& node = impl_->node;
  for (std::uint64_t taken = 0; taken < count; ++taken) {
    std::uint8_t zone = 0;
    if (!take_for_pool(node, memalloc, zone)) {
      give_frames(taken);
      return false;
    }
    ++node.zones[zone].pool;
  }
  return true;
}

void Mm::give_frames(std::uint64_t count) {
  Node& node = impl_->node;
  for (std::size_t i = node.zones.size(); i-- > 0;) {
    Zone& zone = node.zones[i];
    const std::uint64_t given = std::min(count, zone.pool);
    zone.pool -= given;
    zone.free += given;
    count -= given;
  }
  if (count != 0) throw ConservationError("frames were given back that no pool had taken");
}

std::uint64_t Mm::managed_frames() const noexcept { return impl_->node.managed_frames(); }

Mm::Watermarks Mm::watermarks(std::size_t zone) const { return impl_->node.zones.at(zone).marks; }

std::uint64_t Mm::zone_frames(std::size_t zone) const { return impl_->node.zones.at(zone).managed; }

Mm::Place Mm::place(PageId page) const {
  const Page& state = impl_->node.pages.at(page);
  if (state.has(kPresent)) return Place::kFrame;
  return state.has(kCopy) ? Place::kSwap : Place::kNowhere;
}

std::size_t Mm::page_count() const noexcept { return impl_->node.pages.size(); }

Mm::Levels Mm::levels() const {
  const Node& node = impl_->node;
  const LruLevels lru = node.lru->levels();
  return {.free = node.free_frames(),
          .anon_active = lru.active[0],
          .anon_inactive = lru.inactive[0],
          .file_active = lru.active[1],
          .file_inactive = lru.inactive[1],
          .pool = node.pool_frames(),
          .queued = node.queued};
}

void Mm::trace_levels() const { impl_->node.timeline.levels(impl_->node.zones); }

const AllocationStalls& Mm::stalls() const noexcept { return impl_->stalls; }

Ns Mm::kswapd_awake_ns() const {
  const KswapdTimes& times = impl_->kswapd;
  return times.awake + (times.is_awake ? now_ns() - times.since : 0);
}

void Mm::check() const { reclaim::check(impl_->node); }

}  // namespace pagepress::reclaim
