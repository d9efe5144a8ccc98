// SPDX-License-Identifier: Apache-2.0
// Generations and aging; mglru_evict.cpp has what empties them.
#include "sim/reclaim/mm/mglru.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {
namespace {

constexpr std::size_t kPtesPerPmd = 512;

std::uint32_t shadow_of(std::uint32_t min_seq) { return min_seq << 1 | 1; }

}  // namespace

std::unique_ptr<Lru> make_mglru(Node& node) { return std::make_unique<Mglru>(node); }

void Mglru::enter(PageId folio, std::uint32_t seq, bool at_tail) {
  Page& page = node_.pages[folio];
  const unsigned type = page.has(kFile) ? 1 : 0;
  const auto id = static_cast<std::uint8_t>(2 * (seq % kMaxGens) + type);
  page.clear(kActive);
  page.shadow = seq;
  if (at_tail) {
    list(type, seq).push_tail(node_.pages, folio, id);
  } else {
    list(type, seq).push_head(node_.pages, folio, id);
  }
  node_.zones[page.zone].lru[type] += page.pages();
}

void Mglru::remove(PageId folio) {
  Page& page = node_.pages[folio];
  const unsigned type = page.has(kFile) ? 1 : 0;
  node_.zones[page.zone].lru[type] -= page.pages();
  lists_[page.list / 2][type].remove(node_.pages, folio);
}

void Mglru::move(PageId folio, std::uint32_t seq) {
  remove(folio);
  enter(folio, seq, false);
}

// Just faulted in: the youngest generation.
void Mglru::add(PageId folio) { enter(folio, max_seq_, false); }

// lru_gen_add_folio().
void Mglru::put_back(PageId folio) {
  const Page& page = node_.pages[folio];
  const unsigned type = page.has(kFile) ? 1 : 0;
  std::uint32_t seq = min_seq_[type] + 1;
  if (page.has(kActive)) {
    seq = max_seq_;
  } else if (!page.has(kFile | kSwapCache) ||
             (page.has(kReclaim) && page.has(kDirty | kWriteback))) {
    seq = max_seq_ - 1;
  } else if (min_seq_[type] + kMinGens >= max_seq_) {
    seq = min_seq_[type];
  }
  enter(folio, seq, false);
}

void Mglru::rotate(PageId folio) {
  remove(folio);
  enter(folio, min_seq_[node_.pages[folio].has(kFile) ? 1 : 0], true);
}

void Mglru::activate(PageId folio) {
  move(folio, max_seq_);
  node_.vmstat.pgactivate += node_.pages[folio].pages();
}

// lru_gen_eviction().
std::uint32_t Mglru::evicted(PageId folio) {
  const Page& page = node_.pages[folio];
  const unsigned type = page.has(kFile) ? 1 : 0;
  refaults_[type].evicted += page.pages();
  return shadow_of(min_seq_[type]);
}

// lru_gen_refault().
void Mglru::refault(PageId id, std::uint32_t shadow) {
  const unsigned type = node_.pages[id].has(kFile) ? 1 : 0;
  (type == 1 ? node_.vmstat.workingset_refault_file : node_.vmstat.workingset_refault_anon) += 1;
  if (shadow == shadow_of(min_seq_[type])) ++refaults_[type].refaulted;
}

void Mglru::begin_generation(unsigned type) {
  Refaults& of = refaults_[type];
  of.average_refaulted = (of.average_refaulted + of.refaulted) / 2;
  of.average_evicted = (of.average_evicted + of.evicted) / 2;
  of.refaulted = of.evicted = 0;
}

// What is in the oldest generation goes to the tail of the next: folios there are older still.
void Mglru::retire_oldest(unsigned type) {
  LruList& oldest = list(type, min_seq_[type]);
  while (oldest.head != kNoPage) {
    const PageId folio = oldest.head;
    const std::uint32_t seq = std::max(node_.pages[folio].shadow, min_seq_[type] + 1);
    remove(folio);
    enter(folio, seq, seq == min_seq_[type] + 1);
  }
  ++min_seq_[type];
  begin_generation(type);
}

bool Mglru::advance_min_seq(bool can_swap) {
  std::array<std::uint32_t, 2> seq = min_seq_;
  for (unsigned type = can_swap ? 0 : 1; type < 2; ++type) {
    while (seq[type] + kMinGens <= max_seq_ && list(type, seq[type]).pages == 0) ++seq[type];
  }
  if (can_swap) {  // types stay together: their generations must mean the same
    seq[0] = std::min(seq[0], seq[1]);
    seq[1] = std::max(seq[0], min_seq_[1]);
  }
  bool advanced = false;
  for (unsigned type = can_swap ? 0 : 1; type < 2; ++type) {
    if (seq[type] <= min_seq_[type]) continue;
    min_seq_[type] = seq[type];
    begin_generation(type);
    advanced = true;
  }
  return advanced;
}

// walk_mm(): young pages are of the youngest generation; their lists follow when they are scanned.
void Mglru::walk_page_tables(Task& task) {
  for (std::size_t first = 0; first < node_.pages.size(); first += kPtesPerPmd) {
    const std::size_t end = std::min(first + kPtesPerPmd, node_.pages.size());
    Ns owed = 0;
    for (std::size_t id = first; id < end; ++id) {
      Page& page = node_.pages[id];
      if (!page.has(kMapped)) continue;
      owed += node_.costs.age_ns;
      if (!page.has(kYoung)) continue;
      page.clear(kYoung);
      Page& head = node_.pages[node_.head(static_cast<PageId>(id))];
      if (head.list != kNoList) {
        head.shadow = max_seq_;
      } else {
        head.set(kReferenced);
      }
    }
    if (owed != 0) task.charge(owed, "age");
  }
}

// try_to_inc_max_seq().
void Mglru::run_aging(Task& task, bool can_swap) {
  aging_ = true;
  walk_page_tables(task);
  for (unsigned type = 0; type < 2; ++type) {
    if (gens(type) == kMaxGens) retire_oldest(type);
  }
  ++max_seq_;
  (void)advance_min_seq(can_swap);
  aging_ = false;
  aged_.notify(sc_core::SC_ZERO_TIME);
}

LruLevels Mglru::levels() const {
  LruLevels levels;
  for (unsigned type = 0; type < 2; ++type) {
    for (std::uint32_t seq = min_seq_[type]; seq <= max_seq_; ++seq) {
      (seq + kMinGens > max_seq_ ? levels.active : levels.inactive)[type] += list(type, seq).pages;
    }
  }
  return levels;
}

void Mglru::check() const {
  for (unsigned type = 0; type < 2; ++type) {
    if (min_seq_[type] + kMinGens > max_seq_ + 1 || gens(type) > kMaxGens) {
      throw ConservationError(fmt::format("MGLRU: generations {} to {}", min_seq_[type], max_seq_));
    }
    for (std::uint32_t gen = 0; gen < kMaxGens; ++gen) {
      std::uint64_t pages = 0;
      std::uint32_t before = kNoPage;
      for (std::uint32_t at = lists_[gen][type].head; at != kNoPage; at = node_.pages[at].next) {
        const Page& page = node_.pages[at];
        if (page.list != 2 * gen + type || page.prev != before || !page.has(kPresent) ||
            page.has(kTail) || page.has(kFile) != (type == 1) || page.shadow > max_seq_) {
          throw ConservationError(fmt::format("page {}: is in generation {}, wrongly", at, gen));
        }
        pages += page.pages();
        before = at;
      }
      if (pages != lists_[gen][type].pages) {
        throw ConservationError(fmt::format("generation {}: {} pages, counted as {}", gen, pages,
                                            lists_[gen][type].pages));
      }
    }
  }
}

}  // namespace pagepress::reclaim
