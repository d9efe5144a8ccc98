// SPDX-License-Identifier: Apache-2.0
// lru_gen_shrink_lruvec() of mm/vmscan.c and what it calls.
#include <algorithm>
#include <bit>

#include "sim/reclaim/mm/mglru.hpp"

namespace pagepress::reclaim {
namespace {

constexpr std::uint64_t kMinLruBatch = 64;                 // MIN_LRU_BATCH
constexpr std::uint64_t kMaxLruBatch = kMinLruBatch * 64;  // MAX_LRU_BATCH
constexpr std::uint64_t kMaxSwappiness = 200;

}  // namespace

bool Mglru::should_age(bool can_swap, std::uint64_t& total) const {
  const std::uint32_t oldest = min_seq_[can_swap ? 0 : 1];
  total = 0;
  if (oldest + kMinGens > max_seq_) return true;  // out of cold folios
  std::uint64_t young = 0;
  std::uint64_t old = 0;
  for (unsigned type = can_swap ? 0 : 1; type < 2; ++type) {
    for (std::uint32_t seq = min_seq_[type]; seq <= max_seq_; ++seq) {
      const std::uint64_t pages = list(type, seq).pages;
      total += pages;
      if (seq == max_seq_) young += pages;
      if (seq + kMinGens == max_seq_) old += pages;
    }
  }
  // Aging is lazy: three generations, a third of the pages each, are the aim.
  if (oldest + kMinGens < max_seq_) return false;
  return young * kMinGens > total || old * (kMinGens + 2) < total;
}

// get_nr_to_scan().
std::uint64_t Mglru::scan_count(ScanControl& control) {
  const bool can_swap = node_.can_reclaim_anon() && node_.config.swappiness != 0;
  std::uint64_t total = 0;
  if (!should_age(can_swap, total) || control.priority == kDefPriority) {
    return total >> control.priority;
  }
  if (!aging_) {
    run_aging(control.task, can_swap);
  } else if (control.priority <= kDefPriority - 2) {
    // Another walks. Up to 6.6 the kernel waits for it; since then reclaimers share the walk.
    control.task.settle();
    if (aging_) control.task.wait(aged_);
  }
  return 0;
}

// get_type_to_scan(): the type that is refaulted less for what was evicted, weighted by
// swappiness.
unsigned Mglru::type_to_scan(bool can_swap) const {
  const std::uint64_t swappiness = node_.config.swappiness;
  if (!can_swap) return 1;
  if (min_seq_[0] < min_seq_[1]) return 0;
  if (swappiness == 1) return 1;
  if (swappiness == kMaxSwappiness) return 0;
  const auto refaulted = [this](unsigned type) {
    return refaults_[type].average_refaulted + refaults_[type].refaulted;
  };
  const auto evicted = [this](unsigned type) {
    return refaults_[type].average_evicted + refaults_[type].evicted;
  };
  const bool file = refaulted(1) < kMinLruBatch ||
                    refaulted(1) * (evicted(0) + kMinLruBatch) * swappiness <=
                        (refaulted(0) + 1) * evicted(1) * (kMaxSwappiness - swappiness);
  return file ? 1 : 0;
}

bool Mglru::sort(PageId folio, unsigned type) {
  Page& page = node_.pages[folio];
  if (page.shadow != min_seq_[type]) {  // the walk found it young
    move(folio, page.shadow);
    return true;
  }
  if (!page.has(kLocked | kWriteback)) return false;
  // Waits for its write: out of the way, in the next generation (folio_inc_gen()).
  if (page.has(kWriteback)) {
    page.set(kReclaim);
    node_.vmstat.rescan_writeback += page.pages();
  } else if (page.has(kQueued)) {
    node_.vmstat.rescan_locked += page.pages();
  }
  move(folio, min_seq_[type] + 1);
  return true;
}

// scan_folios(). Returns pages looked at; 0: there is nothing to be had of this type.
std::uint64_t Mglru::isolate(ScanControl& control, unsigned type) {
  control.folios.clear();
  if (gens(type) == kMinGens) return 0;
  LruList& oldest = list(type, min_seq_[type]);
  std::uint64_t remaining = kMaxLruBatch;
  std::uint64_t scanned = 0;
  std::uint64_t isolated = 0;
  std::uint64_t sorted = 0;
  while (oldest.tail != kNoPage && remaining != 0 && isolated < kMinLruBatch) {
    const PageId folio = oldest.tail;
    const std::uint64_t pages = node_.pages[folio].pages();
    scanned += pages;
    --remaining;
    if (sort(folio, type)) {
      sorted += pages;
      continue;
    }
    remove(folio);
    node_.pages[folio].set(kIsolated);
    control.folios.push_back(folio);
    isolated += pages;
  }
  node_.isolated[type] += isolated;
  node_.vmstat.pgrefill += sorted;
  count_scanned(node_, control, type == 1, isolated);
  control.task.charge((control.folios.size() + sorted) * node_.costs.isolate_ns, "isolate");
  return isolated != 0 || remaining == 0 ? scanned : 0;
}

bool Mglru::any_page(PageId folio, std::uint32_t flags) const {
  for (PageId id = folio; id < folio + node_.pages[folio].pages(); ++id) {
    if (node_.pages[id].has(flags)) return true;
  }
  return false;
}

// What shrink_folio_list() left. Folios under writeback keep their flags, which say where they go;
// those whose write ended meanwhile get another chance; the others must not come back to the oldest
// generation.
void Mglru::reject(ScanControl& control, bool is_retry, std::vector<PageId>& retry) {
  std::size_t kept = 0;
  for (const PageId folio : control.folios) {
    Page& head = node_.pages[folio];
    const bool waits = head.has(kReclaim) && (head.has(kWriteback) || any_page(folio, kDirty));
    if (!waits) {
      const bool may_be_freed = !head.has(kActive | kReferenced | kLocked | kWriteback) &&
                                !any_page(folio, kMapped | kDirty);
      if (may_be_freed && !is_retry) {
        control.nr_scanned -= std::min(control.nr_scanned, head.pages());  // it will count again
        retry.push_back(folio);
        continue;
      }
      head.clear(kReferenced | kWorkingset);
      head.set(kActive);
    }
    control.folios[kept++] = folio;
  }
  control.folios.resize(kept);
  put_back_isolated(node_, control);
}

// evict_folios().
std::uint64_t Mglru::evict(ScanControl& control, bool can_swap) {
  unsigned type = type_to_scan(can_swap);
  std::uint64_t scanned = isolate(control, type);
  if (scanned == 0 && can_swap) scanned = isolate(control, type = 1 - type);
  if (advance_min_seq(can_swap)) ++scanned;
  if (gens(can_swap ? 0 : 1) == kMinGens) scanned = 0;
  for (bool is_retry = false; !control.folios.empty(); is_retry = true) {
    ShrinkStat shrunk;
    const std::uint64_t freed = shrink_folio_list(node_, control, shrunk);
    std::vector<PageId> retry;
    reject(control, is_retry, retry);
    count_stolen(node_, control, type == 1, freed);
    control.nr_reclaimed += freed;
    control.nr.writeback += shrunk.writeback;
    control.nr.immediate += shrunk.immediate;
    if (is_retry) break;
    control.folios = std::move(retry);
  }
  return scanned;
}

bool Mglru::enough(const ScanControl& control) const {
  if (control.memcg) return false;  // for fairness among memcgs
  if (control.nr_reclaimed >= control.nr_to_reclaim) return true;
  if (!control.kswapd()) return false;
  return std::all_of(node_.zones.begin(), node_.zones.end(), [](const Zone& zone) {
    return zone.ok(zone.free - std::min(zone.free, kMinLruBatch), 1, Mark::kHigh);
  });
}

void Mglru::shrink(ScanControl& control) {
  const bool can_swap = node_.can_reclaim_anon() && node_.config.swappiness != 0;
  if (control.priority == kDefPriority && control.nr_to_reclaim >= kMinLruBatch) {
    // set_initial_priority().
    const LruLevels now = levels();
    const std::uint64_t reclaimable = now.inactive[1] + (can_swap ? now.inactive[0] : 0);
    control.priority = std::clamp(static_cast<int>(std::bit_width(reclaimable)) - 1 -
                                      static_cast<int>(std::bit_width(control.nr_to_reclaim - 1)),
                                  kDefPriority / 2, kDefPriority);
  }
  const std::uint64_t before = control.nr_reclaimed;
  if (control.kswapd()) control.nr_reclaimed = 0;
  std::uint64_t scanned = 0;
  while (true) {
    const std::uint64_t wanted = scan_count(control);
    if (wanted == 0) break;
    const std::uint64_t now = evict(control, can_swap);
    if (now == 0) break;
    scanned += now;
    if (scanned >= wanted || enough(control)) break;
  }
  if (control.kswapd()) control.nr_reclaimed += before;
}

}  // namespace pagepress::reclaim
