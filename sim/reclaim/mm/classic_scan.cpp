// SPDX-License-Identifier: Apache-2.0
// shrink_lruvec() of mm/vmscan.c and what it calls: how much of each list is scanned, and the scan.
#include <algorithm>

#include "sim/reclaim/mm/classic_lru.hpp"

namespace pagepress::reclaim {
namespace {

constexpr std::uint64_t kMaxSwappiness = 200;

}  // namespace

std::uint64_t ClassicLru::isolate(ScanControl& control, List list, std::uint64_t pages) {
  control.folios.clear();
  std::uint64_t taken = 0;
  while (taken < pages && lists_[list].tail != kNoPage) {
    const PageId folio = lists_[list].tail;
    taken += node_.pages[folio].pages();
    remove(folio);
    node_.pages[folio].set(kIsolated);
    control.folios.push_back(folio);
  }
  node_.isolated[list >= kInactiveFile ? 1 : 0] += taken;
  control.task.charge(control.folios.size() * node_.costs.isolate_ns, "isolate");
  return taken;
}

void ClassicLru::prepare(ScanControl& control) const {
  control.anon_cost = costs_[0];
  control.file_cost = costs_[1];
  if (control.force_deactivate) {
    control.may_deactivate_anon = control.may_deactivate_file = true;
  } else {
    control.may_deactivate_anon =
        activated_refaults_[0] != refaults_seen_[0] || inactive_is_low(false);
    control.may_deactivate_file =
        activated_refaults_[1] != refaults_seen_[1] || inactive_is_low(true);
  }
  const std::uint64_t file = size(kInactiveFile);
  control.cache_trim_mode = (file >> control.priority) != 0 && !control.may_deactivate_file &&
                            !control.no_cache_trim_mode;
  if (control.memcg) return;
  std::uint64_t high = 0;
  for (const Zone& zone : node_.zones) high += zone.marks.high;
  control.file_is_tiny = file + size(kActiveFile) + node_.free_frames() <= high &&
                         !control.may_deactivate_anon &&
                         (size(kInactiveAnon) >> control.priority) != 0;
}

// get_scan_count().
ClassicLru::Targets ClassicLru::scan_count(const ScanControl& control) const {
  enum class Balance { kEqual, kFraction, kAnon, kFile } balance = Balance::kFraction;
  const std::uint64_t swappiness = node_.config.swappiness;
  if (!node_.can_reclaim_anon() || (control.memcg && swappiness == 0)) {
    balance = Balance::kFile;
  } else if (control.priority == 0 && swappiness != 0) {
    balance = Balance::kEqual;
  } else if (control.file_is_tiny) {
    balance = Balance::kAnon;
  } else if (control.cache_trim_mode) {
    balance = Balance::kFile;
  }
  const std::uint64_t total = control.anon_cost + control.file_cost;
  const std::uint64_t anon_cost = total + control.anon_cost;
  const std::uint64_t file_cost = total + control.file_cost;
  const std::uint64_t both = anon_cost + file_cost;
  const std::array<std::uint64_t, 2> fraction = {
      swappiness * (both + 1) / (anon_cost + 1),
      (kMaxSwappiness - swappiness) * (both + 1) / (file_cost + 1)};
  const std::uint64_t denominator = fraction[0] + fraction[1];

  Targets targets{};
  for (unsigned list = 0; list < kLists; ++list) {
    const unsigned file = list >= kInactiveFile ? 1 : 0;
    std::uint64_t scan = size(list) >> control.priority;
    if (balance == Balance::kFraction) {
      scan = scan * fraction[file] / denominator;
    } else if (balance != Balance::kEqual && (balance == Balance::kFile) != (file == 1)) {
      scan = 0;
    }
    targets[list] = scan;
  }
  return targets;
}

bool ClassicLru::too_many_isolated(const ScanControl& control, bool file) const noexcept {
  if (control.kswapd()) return false;
  return node_.isolated[file ? 1 : 0] > size(file ? kInactiveFile : kInactiveAnon) >> 3;
}

std::uint64_t ClassicLru::shrink_inactive(ScanControl& control, List list, std::uint64_t pages) {
  const bool file = list == kInactiveFile;
  for (bool stalled = false; too_many_isolated(control, file); stalled = true) {
    if (stalled) return 0;
    node_.throttle(control.task, Throttle::kIsolated);
  }
  const std::uint64_t taken = isolate(control, list, pages);
  count_scanned(node_, control, file, taken);
  if (taken == 0) return 0;
  ShrinkStat shrunk;
  const std::uint64_t freed = shrink_folio_list(node_, control, shrunk);
  put_back_isolated(node_, control);
  count_stolen(node_, control, file, freed);
  note_cost(file, shrunk.pageout, taken - freed);
  node_.unthrottle(Throttle::kIsolated);
  control.nr.writeback += shrunk.writeback;
  control.nr.immediate += shrunk.immediate;
  control.nr.taken += taken;
  return freed;
}

void ClassicLru::shrink_active(ScanControl& control, List list, std::uint64_t pages) {
  const std::uint64_t taken = isolate(control, list, pages);
  node_.vmstat.pgrefill += taken;
  Ns owed = 0;
  for (const PageId folio : control.folios) {
    Page& head = node_.pages[folio];
    for (PageId id = folio; id < folio + head.pages(); ++id) {
      if (node_.pages[id].has(kMapped)) owed += node_.costs.reference_ns;
      node_.pages[id].clear(kYoung);  // folio_referenced(): only executable file folios stay
    }
    head.clear(kActive);
    head.set(kWorkingset);
  }
  node_.vmstat.pgdeactivate += taken;
  put_back_isolated(node_, control);
  control.task.charge(owed, "deactivate");
}

std::uint64_t ClassicLru::shrink_list(ScanControl& control, List list, std::uint64_t pages) {
  const bool file = list >= kInactiveFile;
  if (list != kActiveAnon && list != kActiveFile) return shrink_inactive(control, list, pages);
  if (file ? control.may_deactivate_file : control.may_deactivate_anon) {
    shrink_active(control, list, pages);
  } else {
    control.skipped_deactivate = true;
  }
  return 0;
}

void ClassicLru::age(ScanControl& control) {
  if (node_.can_reclaim_anon() && inactive_is_low(false)) {
    shrink_active(control, kActiveAnon, kSwapClusterMax);
  }
}

void ClassicLru::shrink(ScanControl& control) {
  prepare(control);
  Targets left = scan_count(control);
  const Targets targets = left;
  const bool proportional = !control.memcg && !control.kswapd() && control.priority == kDefPriority;
  std::uint64_t freed = 0;
  while (left[kInactiveAnon] != 0 || left[kActiveFile] != 0 || left[kInactiveFile] != 0) {
    for (unsigned list = 0; list < kLists; ++list) {
      const std::uint64_t now = std::min(left[list], kSwapClusterMax);
      if (now == 0) continue;
      left[list] -= now;
      freed += shrink_list(control, static_cast<List>(list), now);
    }
    if (freed < control.nr_to_reclaim || proportional) continue;
    // Enough: the shorter of the two kinds is left alone, the other is scanned in proportion.
    const std::uint64_t file = left[kInactiveFile] + left[kActiveFile];
    const std::uint64_t anon = left[kInactiveAnon] + left[kActiveAnon];
    if (file == 0 || anon == 0) break;
    const unsigned shorter = file > anon ? kInactiveAnon : kInactiveFile;
    const unsigned longer = file > anon ? kInactiveFile : kInactiveAnon;
    const std::uint64_t percentage =
        std::min(file, anon) * 100 / (targets[shorter] + targets[shorter + 1] + 1);
    left[shorter] = left[shorter + 1] = 0;
    for (const unsigned list : {longer, longer + 1}) {
      const std::uint64_t scanned = targets[list] - left[list];
      const std::uint64_t wanted = targets[list] * (100 - percentage) / 100;
      left[list] = wanted - std::min(wanted, scanned);
    }
  }
  control.nr_reclaimed += freed;
  if (node_.can_reclaim_anon() && inactive_is_low(false)) {
    shrink_active(control, kActiveAnon, kSwapClusterMax);
  }
}

}  // namespace pagepress::reclaim
