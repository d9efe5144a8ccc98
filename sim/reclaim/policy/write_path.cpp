// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/write_path.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

namespace pagepress::reclaim {
namespace {

constexpr std::uint64_t kKibPerPage = kPageSize / 1024;

FolioTable::Verdict verdict_of(Stored stored) {
  switch (stored) {
    case Stored::kStored:
      return FolioTable::Verdict::kStored;
    case Stored::kRejected:
      return FolioTable::Verdict::kRejected;
    case Stored::kFailed:
      break;
  }
  return FolioTable::Verdict::kFailed;
}

}  // namespace

bool WritePath::reserve(std::span<const PageId> pages) {
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (store_.reserve_slot(pages[i])) continue;
    for (const PageId page : pages.first(i)) store_.invalidate(page);
    ++counters_.no_slot;
    return false;
  }
  return true;
}

std::uint32_t WritePath::open(std::span<const PageId> pages) {
  const std::uint32_t slot = folios_.open(pages, mm_);
  ++counters_.folios;
  counters_.pages += pages.size();
  return slot;
}

Page WritePath::page(std::uint64_t cookie) {
  const Folio& folio = folios_.at(FolioTable::slot_of(cookie));
  const std::uint32_t place = FolioTable::place_of(cookie);
  return {.data = contents_.of(folio.pages[place], folio.versions[place]).data(), .cookie = cookie};
}

bool WritePath::catch_same_filled(Task& task, std::uint64_t cookie) {
  const Folio& folio = folios_.at(FolioTable::slot_of(cookie));
  const std::uint32_t place = FolioTable::place_of(cookie);
  const std::uint32_t index = contents_.index(folio.pages[place], folio.versions[place]);
  const auto word = memo_.fill_word(index);
  // A page that is not ends the check early; one that is was read to its end, as in a copy.
  task.charge(costs_.same_filled_ns + (word ? kKibPerPage * costs_.copy_ns_per_kib : 0),
              "same-filled check");
  if (!word) return false;
  ++counters_.caught;
  PageDone done;
  done.page = page(cookie);
  done.completion = memo_.compressed(index).done;
  done.synchronous = true;
  settle(task, done, /*memalloc=*/true);
  --counters_.compressed;
  return true;
}

void WritePath::settle(Task& task, const PageDone& done, bool memalloc) {
  const std::uint32_t slot = FolioTable::slot_of(done.page.cookie);
  const std::uint32_t place = FolioTable::place_of(done.page.cookie);
  const std::uint32_t bit = 1u << place;
  Folio& folio = folios_.at(slot);
  const PageId page = folio.pages[place];
  const Status status = done.completion.status;
  if (status != Status::kOk && status != Status::kSameFilled && status != Status::kIncompressible) {
    throw ConservationError(
        fmt::format("page {} was to be compressed and came back as '{}'", page, to_string(status)));
  }
  ++counters_.compressed;
  counters_.block_bytes += done.completion.out_len;
  counters_.engine_cycles += done.completion.engine_cycles;
  if ((folio.dropped & bit) == 0) {
    const Stored stored =
        store_.store(task, page, folio.versions[place], done.completion, done.out, memalloc);
    folio.verdict = std::max(folio.verdict, verdict_of(stored));
    if (stored == Stored::kStored) {
      // Time has passed.
      if ((folio.dropped & bit) != 0) {
        store_.invalidate(page);
      } else {
        folio.stored |= bit;
      }
    }
  }
  if (--folio.left == 0) finish(task, slot);
}

WriteResult WritePath::close(Task& task, std::uint32_t slot, WriteResult queued) {
  if (--folios_.at(slot).left != 0) return queued;
  const Folio folio = take(slot);
  if (folio.verdict == Verdict::kStored) return WriteResult::kDone;
  unstore(folio);
  if (folio.verdict == Verdict::kRejected && may_write_back_) {
    write_to_device(task, folio);
    return WriteResult::kQueuedWriteback;
  }
  counters_.failed += folio.count;
  return WriteResult::kActivate;
}

// Behind the back of who wrote it.
void WritePath::finish(Task& task, std::uint32_t slot) {
  const Folio folio = take(slot);
  if (folio.verdict != Verdict::kStored) unstore(folio);
  if (folio.verdict == Verdict::kRejected && may_write_back_) {
    write_to_device(task, folio);
    return;
  }
  const bool stored = folio.verdict == Verdict::kStored;
  if (!stored) counters_.failed += folio.count;
  task.settle();  // what it took to store them comes before anybody sees it
  for (std::uint32_t i = 0; i < folio.count; ++i) {
    mm_.end_write(folio.pages[i], stored ? WriteEnd::kStored : WriteEnd::kFailed);
  }
}

FolioTable::Folio WritePath::take(std::uint32_t slot) {
  const Folio folio = folios_.at(slot);
  folios_.close(slot);
  counters_.stored += static_cast<std::uint64_t>(std::popcount(folio.stored));
  counters_.dropped += static_cast<std::uint64_t>(std::popcount(folio.dropped));
  return folio;
}

// None of a folio is kept where one page is not.
void WritePath::unstore(const Folio& folio) {
  for (std::uint32_t i = 0; i < folio.count; ++i) {
    if ((folio.stored >> i & 1u) != 0) store_.invalidate(folio.pages[i]);
  }
  counters_.stored -= static_cast<std::uint64_t>(std::popcount(folio.stored));
}

void WritePath::write_to_device(Task& task, const Folio& folio) {
  counters_.to_device += folio.count;
  for (std::uint32_t i = 0; i < folio.count; ++i) {
    store_.write_to_device(task, folio.pages[i], folio.versions[i]);
  }
}

void WritePath::invalidate(PageId page) {
  // The copy that is under way is not kept; one of an earlier version goes now.
  (void)folios_.drop(page);
  store_.invalidate(page);
}

nlohmann::json to_json(const WritePath::Counters& counters) {
  return {{"folios", counters.folios},       {"pages", counters.pages},
          {"caught", counters.caught},       {"stored", counters.stored},
          {"to_device", counters.to_device}, {"failed", counters.failed},
          {"dropped", counters.dropped},     {"no_slot", counters.no_slot}};
}

}  // namespace pagepress::reclaim
