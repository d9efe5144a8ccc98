// SPDX-License-Identifier: Apache-2.0
// A folio on its way to swap: pageout() of mm/vmscan.c, and the end of its write as
// folio_unlock(), folio_end_writeback() and folio_rotate_reclaimable() have it.
#include <array>
#include <span>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/mm/node.hpp"

namespace pagepress::reclaim {
namespace {

// All pages' writes have ended: the folio is nobody's.
void end_folio(Node& node, PageId folio) {
  Page& page = node.pages[folio];
  const bool rotate = page.has(kWriteback) && page.has(kReclaim) && !page.has(kWriteFailed);
  const bool activate = page.has(kWriteFailed);
  if (page.has(kWriteback)) {
    node.writeback -= page.pages();
    node.note_written(page.pages());
  }
  page.clear(kLocked | kQueued | kWriteback | kReclaim | kWriteFailed);
  if (page.list != kNoList) {  // else it is still isolated, and comes back as its flags say
    if (activate) {
      node.lru->activate(folio);
    } else if (rotate) {
      node.lru->rotate(folio);
      node.vmstat.pgrotated += page.pages();
    }
  } else if (activate) {
    page.set(kActive);
  }
  node.wake_waiters(folio);
}

// Before SwapPath sees it.
void prepare(Node& node, PageId folio) {
  Page& head = node.pages[folio];
  const std::uint64_t count = head.pages();
  for (PageId id = folio; id < folio + count; ++id) {
    node.drop_copy(id);  // of a large folio of which some pages were clean
    node.pages[id].clear(kDirty);
    node.pages[id].set(kTaken);
  }
  head.aux = static_cast<std::uint8_t>(count);
  head.set(kWriting | kReclaim);
  head.clear(kWriteFailed);
}

Pageout refused(Node& node, PageId folio) {
  Page& head = node.pages[folio];
  const std::uint64_t count = head.pages();
  for (PageId id = folio; id < folio + count; ++id) node.pages[id].set(kDirty);
  head.aux = 0;
  head.clear(kReclaim);
  head.set(kActive);
  ++node.vmstat.write_activated;
  node.unlock(folio);
  return Pageout::kActivate;
}

Pageout stored(Node& node, PageId folio) {
  Page& head = node.pages[folio];
  const std::uint64_t count = head.pages();
  for (PageId id = folio; id < folio + count; ++id) node.pages[id].set(kCopy);
  head.aux = 0;
  head.clear(kReclaim);
  if (!head.has(kWaited)) return Pageout::kClean;
  node.unlock(folio);  // __remove_mapping() fails: who waits has a reference
  return Pageout::kKept;
}

}  // namespace

Pageout pageout(Node& node, ScanControl& control, PageId folio) {
  Page& head = node.pages[folio];
  const std::uint64_t count = head.pages();
  std::array<PageId, kMostFolioPages> ids{};
  for (std::uint64_t i = 0; i < count; ++i) ids[i] = static_cast<PageId>(folio + i);
  prepare(node, folio);
  // Writes may end before this returns: `aux` then is less already.
  node.queued += count;
  const WriteResult result =
      node.path->write_folio(control.task, control.caller, std::span(ids).first(count));
  head.clear(kWriting);
  if (result == WriteResult::kDone || result == WriteResult::kActivate) {
    if (head.aux != count) {
      throw ConservationError(fmt::format("page {}: its write ended, and was not queued", folio));
    }
    node.queued -= count;
  }
  if (result == WriteResult::kActivate) return refused(node, folio);
  node.vmstat.nr_vmscan_write += count;
  if (result == WriteResult::kDone) return stored(node, folio);
  if (result == WriteResult::kQueuedLocked) {
    head.set(kQueued);
    head.clear(kReclaim);  // it is not under writeback
  } else {
    head.clear(kLocked);
    head.set(kWriteback | kQueued);
    node.writeback += count;
    node.wake_waiters(folio);
  }
  if (head.aux == 0) end_folio(node, folio);
  return Pageout::kQueued;
}

void end_write(Node& node, PageId id, WriteEnd end) {
  const PageId folio = node.head(id);
  Page& head = node.pages[folio];
  Page& page = node.pages[id];
  if (head.aux == 0 || !head.has(kWriting | kQueued)) {
    throw ConservationError(fmt::format("page {}: the end of a write that was not queued", id));
  }
  if (end == WriteEnd::kFailed) {
    page.set(kDirty);
    head.set(kWriteFailed);
  } else if (page.has(kDirty)) {
    node.path->invalidate(id);  // written to while under writeback: the copy is of before
  } else {
    page.set(kCopy);
  }
  --node.queued;
  if (--head.aux == 0 && !head.has(kWriting)) end_folio(node, folio);
}

}  // namespace pagepress::reclaim
