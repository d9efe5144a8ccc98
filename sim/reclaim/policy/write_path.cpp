// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/write_path.hpp"

#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "sim/reclaim/policy/asking_codec.hpp"

namespace pagepress::reclaim {
namespace {

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
  task.charge(costs_.same_filled_ns + (word ? costs_.copy_ns(kPageSize) : 0), "same-filled check");
  if (!word) return false;
  ++counters_.caught;
  PageDone done;
  done.page = page(cookie);
  done.completion = store_.accepts() ? memo_.compressed(index).done : refused(0);
  done.synchronous = true;
  settle(task, done, /*memalloc=*/true);
  if (!is_refused(done.completion)) --counters_.compressed;
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
  const bool turned_away = is_refused(done.completion);
  ++(turned_away ? counters_.refused : counters_.compressed);
  counters_.block_bytes += done.completion.out_len;
  counters_.engine_cycles += done.completion.engine_cycles;
  if ((folio.dropped & bit) == 0) {
    const Stored stored = turned_away ? store_.refuse(task, page)
                                      : store_.store(task, page, folio.versions[place],
                                                     done.completion, done.out, memalloc);
    folio.verdict = std::max(folio.verdict, verdict_of(stored));
    if ((folio.dropped & bit) != 0) store_.invalidate(page);  // time has passed
  }
  if (--folio.left == 0) finish(task, slot);
}

WriteResult WritePath::close(Task& task, std::uint32_t slot, WriteResult queued) {
  if (--folios_.at(slot).left != 0) return queued;
  const Verdict verdict = folios_.at(slot).verdict;
  if (verdict == Verdict::kRejected && may_write_back_) {
    write_to_device(task, slot);
    return WriteResult::kQueuedWriteback;
  }
  if (verdict != Verdict::kStored) {
    give_up(slot);
    return WriteResult::kActivate;
  }
  take(slot);
  return WriteResult::kDone;
}

// Behind the back of who wrote it.
void WritePath::finish(Task& task, std::uint32_t slot) {
  const Verdict verdict = folios_.at(slot).verdict;
  if (verdict == Verdict::kRejected && may_write_back_) {
    write_to_device(task, slot);
    return;
  }
  task.settle();  // what it took to store them comes before anybody sees it
  const bool stored = verdict == Verdict::kStored;
  const Folio folio = stored ? take(slot) : give_up(slot);
  for (std::uint32_t i = 0; i < folio.count; ++i) {
    mm_.end_write(folio.pages[i], stored ? WriteEnd::kStored : WriteEnd::kFailed);
  }
}

WritePath::Folio WritePath::take(std::uint32_t slot) {
  const Folio folio = folios_.at(slot);
  folios_.close(slot);
  const auto wanted = folio.count - static_cast<std::uint32_t>(std::popcount(folio.dropped));
  counters_.dropped += folio.count - wanted;
  switch (folio.verdict) {
    case Verdict::kStored:
      counters_.stored += wanted;
      break;
    case Verdict::kRejected:
      (may_write_back_ ? counters_.to_device : counters_.failed) += wanted;
      break;
    case Verdict::kFailed:
      counters_.failed += wanted;
      break;
  }
  return folio;
}

// None of a folio is kept where one page is not: copies go, and slots.
WritePath::Folio WritePath::give_up(std::uint32_t slot) {
  const Folio folio = take(slot);
  for (std::uint32_t i = 0; i < folio.count; ++i) store_.give_up(folio.pages[i]);
  return folio;
}

// Copies that the store has of some pages are replaced. Pages that nobody wants are left out, also
// those of which that becomes known while the others are submitted.
void WritePath::write_to_device(Task& task, std::uint32_t slot) {
  const Folio& folio = folios_.at(slot);
  std::uint32_t written = 0;
  for (std::uint32_t i = 0; i < folio.count; ++i) {
    const std::uint32_t bit = 1u << i;
    if ((folio.dropped & bit) != 0) continue;
    store_.write_to_device(task, folio.pages[i], folio.versions[i]);
    written |= bit;  // the device tells Mm of its end
    if ((folio.dropped & bit) != 0) store_.invalidate(folio.pages[i]);
  }
  if (written == 0) task.settle();  // else the device may end them all before the folio is closed
  const Folio ended = take(slot);
  for (std::uint32_t i = 0; i < ended.count; ++i) {
    if ((written >> i & 1u) == 0) mm_.end_write(ended.pages[i], WriteEnd::kStored);
  }
}

void WritePath::invalidate(PageId page) {
  // The copy that is under way is not kept; one of an earlier version goes now.
  (void)folios_.drop(page);
  store_.invalidate(page);
}

nlohmann::json to_json(const WritePath::Counters& counters) {
  return {
      {"folios", counters.folios}, {"pages", counters.pages},     {"caught", counters.caught},
      {"stored", counters.stored}, {"refused", counters.refused}, {"to_device", counters.to_device},
      {"failed", counters.failed}, {"dropped", counters.dropped}, {"no_slot", counters.no_slot}};
}

}  // namespace pagepress::reclaim
