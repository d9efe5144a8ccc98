// SPDX-License-Identifier: Apache-2.0
// Lists and the working set; classic_scan.cpp has what empties them.
#include "sim/reclaim/mm/classic_lru.hpp"

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {
namespace {

// A shadow entry: 30 bits of age, PG_workingset, and one that is always set.
constexpr std::uint32_t kShadowIsSet = 1;
constexpr std::uint32_t kShadowWorkingset = 2;
constexpr unsigned kShadowShift = 2;
constexpr std::uint64_t kAgeMask = (std::uint64_t{1} << 30) - 1;
constexpr unsigned kGibShift = 18;  // of pages: 30 - PAGE_SHIFT

}  // namespace

std::unique_ptr<Lru> make_classic_lru(Node& node) { return std::make_unique<ClassicLru>(node); }

void ClassicLru::enter(PageId folio, bool at_tail) {
  Page& page = node_.pages[folio];
  const unsigned file = page.has(kFile) ? 1 : 0;
  const unsigned list = 2 * file + (page.has(kActive) ? 1 : 0);
  if (at_tail) {
    lists_[list].push_tail(node_.pages, folio, static_cast<std::uint8_t>(list));
  } else {
    lists_[list].push_head(node_.pages, folio, static_cast<std::uint8_t>(list));
  }
  node_.zones[page.zone].lru[file] += page.pages();
}

void ClassicLru::add(PageId folio) { enter(folio, false); }

void ClassicLru::put_back(PageId folio) { enter(folio, false); }

void ClassicLru::remove(PageId folio) {
  Page& page = node_.pages[folio];
  node_.zones[page.zone].lru[page.has(kFile) ? 1 : 0] -= page.pages();
  lists_[page.list].remove(node_.pages, folio);
}

void ClassicLru::rotate(PageId folio) {
  remove(folio);
  node_.pages[folio].clear(kActive);
  enter(folio, true);
}

void ClassicLru::activate(PageId folio) {
  remove(folio);
  node_.pages[folio].set(kActive);
  enter(folio, false);
  node_.vmstat.pgactivate += node_.pages[folio].pages();
}

std::uint32_t ClassicLru::evicted(PageId folio) {
  const Page& page = node_.pages[folio];
  const std::uint64_t age = nonresident_age_ & kAgeMask;
  nonresident_age_ += page.pages();
  return static_cast<std::uint32_t>(age << kShadowShift) | kShadowIsSet |
         (page.has(kWorkingset) ? kShadowWorkingset : 0);
}

void ClassicLru::refault(PageId id, std::uint32_t shadow) {
  Page& page = node_.pages[id];
  const bool file = page.has(kFile);
  (file ? node_.vmstat.workingset_refault_file : node_.vmstat.workingset_refault_anon) += 1;
  // workingset_test_recent().
  const std::uint64_t distance = (nonresident_age_ - (shadow >> kShadowShift)) & kAgeMask;
  std::uint64_t workingset = size(kActiveFile);
  if (!file) workingset += size(kInactiveFile);
  if (node_.can_reclaim_anon()) {
    workingset += size(kActiveAnon);
    if (file) workingset += size(kInactiveAnon);
  }
  if (distance > workingset) return;
  page.set(kActive);
  nonresident_age_ += 1;
  ++activated_refaults_[file ? 1 : 0];
  if ((shadow & kShadowWorkingset) != 0) {
    page.set(kWorkingset);
    note_cost(file, 1, 0);  // lru_note_cost_refault()
  }
}

// lru_note_cost().
void ClassicLru::note_cost(bool file, std::uint64_t io, std::uint64_t rotated) {
  costs_[file ? 1 : 0] += io * kSwapClusterMax + rotated;
  std::uint64_t all = 0;
  for (const LruList& list : lists_) all += list.pages;
  if (costs_[0] + costs_[1] > all / 4) {
    costs_[0] /= 2;
    costs_[1] /= 2;
  }
}

bool ClassicLru::inactive_is_low(bool file) const noexcept {
  const std::uint64_t inactive = size(file ? kInactiveFile : kInactiveAnon);
  const std::uint64_t active = size(file ? kActiveFile : kActiveAnon);
  const std::uint64_t gib = (inactive + active) >> kGibShift;
  const std::uint64_t ratio = gib != 0 ? int_sqrt(10 * gib) : 1;
  return inactive * ratio < active;
}

LruLevels ClassicLru::levels() const {
  LruLevels levels;
  for (unsigned file = 0; file < 2; ++file) {
    levels.inactive[file] = size(2 * file);
    levels.active[file] = size(2 * file + 1);
  }
  return levels;
}

void ClassicLru::check() const {
  for (unsigned id = 0; id < kLists; ++id) {
    std::uint64_t pages = 0;
    std::uint32_t before = kNoPage;
    for (std::uint32_t at = lists_[id].head; at != kNoPage; at = node_.pages[at].next) {
      const Page& page = node_.pages[at];
      const unsigned should_be = (page.has(kFile) ? 2 : 0) + (page.has(kActive) ? 1 : 0);
      if (page.list != id || should_be != id || page.prev != before || !page.has(kPresent) ||
          page.has(kTail)) {
        throw ConservationError(fmt::format("page {}: is on LRU list {}, wrongly", at, id));
      }
      pages += page.pages();
      before = at;
    }
    if (pages != lists_[id].pages || before != lists_[id].tail) {
      throw ConservationError(
          fmt::format("LRU list {}: {} pages, counted as {}", id, pages, lists_[id].pages));
    }
  }
}

}  // namespace pagepress::reclaim
