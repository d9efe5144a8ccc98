// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/mm/fault.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include <fmt/format.h>

namespace pagepress::reclaim {

PageId Faults::add_region(PageType type, std::size_t pages) {
  const std::size_t first = node_.pages.size();
  if (pages >= kNoPage - first) {
    throw std::length_error(fmt::format("{} pages more than {}: too many", pages, first));
  }
  Page page;
  if (type == PageType::kFile) page.set(kFile);
  node_.pages.resize(first + pages, page);
  regions_.push_back(static_cast<PageId>(first));
  return static_cast<PageId>(first);
}

// A store to a mapped page. The copy that swap has, or is about to have, is of the version before.
void Faults::wrote(PageId id) {
  Page& page = node_.pages[id];
  if (page.has(kFile)) return;
  if (page.has(kTaken)) {
    ++page.version;
    page.clear(kTaken);
  }
  page.set(kDirty | kPteDirty);
  node_.drop_copy(id);
}

void Faults::fault(Task& task, PageId id, bool write) {
  ++node_.vmstat.pgfault;
  Page& page = node_.pages[id];
  Found found;
  task.charge(node_.costs.fault_ns, "fault");
  // Reclaim may take a page back while the fault's own time passes: look again after each step.
  while (!page.has(kMapped)) {
    if (page.has(kPresent) && !page.has(kFaulting)) {
      present(task, id, found);
    } else if (page.has(kFaulting)) {
      node_.wait_on(task, id, kFaulting);
    } else if (page.has(kCopy)) {
      swap_in(task, id);
    } else if (page.has(kFile)) {
      read_file(task, id);
    } else {
      first_touch(task, id);
    }
  }
  if (found.waited) stalls_.queued_ns.push_back(found.waited_ns);
  page.set(kYoung);
  if (write) wrote(id);
}

// In the swap cache, or a file page that reclaim has unmapped.
void Faults::present(Task& task, PageId id, Found& found) {
  const PageId folio = node_.head(id);
  Page& head = node_.pages[folio];
  if (!found.held) {
    found.held = true;
    if (head.has(kSwapCache)) ++node_.vmstat.swap_cache_hit;
  }
  if (!found.queued && head.has(kQueued)) {
    found.queued = true;
    ++node_.vmstat.refault_queued;
  }
  if (head.has(kLocked)) {
    const bool queued = head.has(kQueued);
    const Ns from = now_ns();
    const auto slice = node_.timeline.slice(task, queued ? "queued page" : "locked page");
    node_.wait_on(task, folio, kLocked);
    if (queued) {
      found.waited = true;
      found.waited_ns += now_ns() - from;
    }
    return;
  }
  node_.pages[id].set(kMapped | kYoung);
  const bool freed = node_.free_swap_if_full(folio);
  task.charge(node_.costs.swap_cache_ns + (freed ? node_.costs.zs_free_ns : 0), "swap cache");
}

void Faults::begin(Task& task, PageId id) {
  Page& page = node_.pages[id];
  page.set(kFaulting);
  ++stalls_.allocations;
  Allocation got;
  try {
    got = allocate(node_, task, 0);
  } catch (const OutOfMemory&) {
    page.clear(kFaulting);
    node_.wake_waiters(id);
    throw;
  }
  page.set(kPresent);
  page.zone = got.zone;
  if (!got.stalled) return;
  task.settle();
  stalls_.stall_ns.push_back(now_ns() - got.begin);
}

void Faults::finish(PageId id) {
  Page& page = node_.pages[id];
  page.clear(kFaulting);
  page.set(kMapped | kYoung);
  node_.lru->add(id);
  node_.wake_waiters(id);
}

void Faults::swap_in(Task& task, PageId id) {
  Page& page = node_.pages[id];
  task.settle();
  if (page.has(kPresent | kFaulting) || !page.has(kCopy)) return;  // another task was first
  const Ns entry = now_ns() - std::min(now_ns(), node_.costs.fault_ns);
  ++node_.vmstat.pgmajfault;
  const auto slice = node_.timeline.slice(task, "swap-in");
  const std::uint32_t shadow = page.shadow;
  begin(task, id);
  task.charge(node_.costs.alloc_ns + node_.costs.swap_cache_ns, "swap-in");
  const SwapPath::ReadFrom from = node_.path->read_page(task, id);
  const bool keeps_copy = from == SwapPath::ReadFrom::kDevice || node_.config.swap_in_keeps_copy;
  if (!keeps_copy) task.charge(node_.costs.zs_free_ns, "swap-in");
  task.settle();
  page.shadow = 0;
  if (shadow != 0) node_.lru->refault(id, shadow);
  if (keeps_copy) {
    page.set(kSwapCache);
  } else {
    node_.drop_copy(id);
    page.set(kDirty);
  }
  finish(id);
  (void)node_.free_swap_if_full(id);
  stalls_.fault_ns.push_back(now_ns() - entry);
}

void Faults::read_file(Task& task, PageId id) {
  Page& page = node_.pages[id];
  ++node_.vmstat.pgmajfault;
  const std::uint32_t shadow = page.shadow;
  begin(task, id);
  task.charge(node_.costs.alloc_ns + node_.costs.block_io_ns, "file read");
  task.sleep(node_.config.file_read_ns);
  page.shadow = 0;
  if (shadow != 0) node_.lru->refault(id, shadow);
  finish(id);
}

void Faults::first_touch(Task& task, PageId id) {
  if (node_.config.folio_pages > 1 && first_touch_large(task, id)) return;
  begin(task, id);
  node_.pages[id].set(kDirty | kPteDirty);
  node_.pages[id].shadow = 0;
  finish(id);
  task.charge(node_.costs.alloc_ns + node_.costs.zero_page_ns, "first touch");
}

// alloc_anon_folio(): an aligned range of the region, all of it untouched.
bool Faults::first_touch_large(Task& task, PageId id) {
  const auto after = std::upper_bound(regions_.begin(), regions_.end(), id);
  const PageId region = *std::prev(after);
  const std::size_t end = after == regions_.end() ? node_.pages.size() : *after;
  const auto count = static_cast<PageId>(node_.config.folio_pages);
  const PageId first = region + (id - region) / count * count;
  if (first + count > end) return false;
  for (PageId at = first; at < first + count; ++at) {
    if (node_.pages[at].has(kPresent | kCopy | kFaulting)) return false;
  }
  const auto order = static_cast<std::uint8_t>(std::countr_zero(count));
  const Allocation got = allocate(node_, task, order);
  if (!got.done) return false;
  ++stalls_.allocations;
  for (PageId at = first; at < first + count; ++at) {
    Page& page = node_.pages[at];
    page.set(kPresent | kMapped | kYoung | kDirty | kPteDirty);
    page.shadow = 0;
    page.zone = got.zone;
    page.order = order;
    page.aux = static_cast<std::uint8_t>(at - first);
    if (at != first) page.set(kTail);
  }
  node_.lru->add(first);
  node_.wake_waiters(first);
  task.charge(node_.costs.alloc_ns + count * node_.costs.zero_page_ns, "first touch");
  return true;
}

void Faults::discard(Task& task, PageId id) {
  constexpr std::uint32_t kHeld = kLocked | kWriteback | kIsolated | kFaulting | kWriting;
  Page& page = node_.pages[id];
  // munmap() does not wait for these, it leaves the folio to who holds it; here page and folio are
  // one.
  while (node_.pages[node_.head(id)].has(kHeld)) node_.wait_on(task, node_.head(id), kHeld);
  if (page.has(kPresent)) {
    const PageId folio = node_.head(id);
    if (node_.pages[folio].order != 0) {
      const std::uint64_t count = node_.pages[folio].pages();
      node_.lru->remove(folio);
      node_.split(folio);
      for (PageId at = folio; at < folio + count; ++at) node_.lru->put_back(at);
    }
    node_.lru->remove(id);
    node_.release(id, false);
  }
  node_.drop_copy(id);
  if (page.has(kTaken)) ++page.version;  // what comes next is not what it was
  page.flags &= kFile;
  page.shadow = 0;
}

void Faults::discard(Task& task, PageId first, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto id = static_cast<PageId>(first + i);
    if (!node_.pages[id].has(kPresent | kCopy | kFaulting)) continue;
    discard(task, id);
    task.charge(node_.costs.free_ns, "free");
  }
  node_.oom_quiet_until = 0;
  node_.victim = 0;
}

}  // namespace pagepress::reclaim
