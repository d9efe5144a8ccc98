// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/mm/check.hpp"

#include <array>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {
namespace {

struct Counted {
  std::uint64_t resident = 0;
  std::uint64_t queued = 0;
  std::uint64_t writeback = 0;
  std::array<std::uint64_t, 2> isolated{};
  std::vector<std::uint64_t> frames;              // present pages, by zone
  std::vector<std::array<std::uint64_t, 2>> lru;  // on lists, by zone
};

[[noreturn]] void wrong(PageId page, std::string_view what) {
  throw ConservationError(fmt::format("page {}: {}", page, what));
}

void same(std::string_view what, std::uint64_t counted, std::uint64_t found) {
  if (counted != found) {
    throw ConservationError(fmt::format("{}: {} counted, {} found", what, counted, found));
  }
}

void check_absent(PageId id, const Page& page) {
  constexpr std::uint32_t kOfFrame = kMapped | kYoung | kDirty | kPteDirty | kTail | kLocked |
                                     kSwapCache | kWriteback | kQueued | kWriting | kIsolated;
  if (page.has(kOfFrame)) wrong(id, "has no frame, and the state of one");
  if (page.list != kNoList) wrong(id, "has no frame, and is on an LRU list");
  if (page.has(kFile) && page.has(kCopy)) wrong(id, "of a file, in swap");
}

void check_present(const Node& node, PageId id, const Page& page) {
  const PageId folio = node.head(id);
  const Page& head = node.pages[folio];
  if (head.has(kTail) || !head.has(kPresent) || folio + head.pages() <= id) {
    wrong(id, "is not of the folio that it says");
  }
  if (page.has(kTail) && page.list != kNoList) wrong(id, "a tail, on an LRU list");
  const unsigned places = (head.list != kNoList ? 1 : 0) + (head.has(kIsolated) ? 1 : 0) +
                          (head.has(kFaulting) ? 1 : 0);
  if (places != 1) wrong(id, fmt::format("is in {} places", places));
  if (page.has(kPteDirty) && !page.has(kMapped) && !page.has(kFaulting)) {
    wrong(id, "has a dirty PTE, but is not mapped");
  }
  if (page.has(kDirty) && page.has(kCopy)) wrong(id, "differs from its copy, and is kept");
  // Its contents are in the frame, and nowhere else: they must be written before it goes.
  const bool writing = head.has(kWriting | kQueued);
  if (!page.has(kFile | kDirty | kCopy | kFaulting) && !writing) {
    wrong(id, "is clean, but has no copy");
  }
}

void count(const Node& node, PageId id, const Page& page, Counted& counted) {
  const Page& head = node.pages[node.head(id)];
  const unsigned file = page.has(kFile) ? 1 : 0;
  ++counted.resident;
  ++counted.frames[page.has(kTail) ? head.zone : page.zone];
  if (head.list != kNoList) ++counted.lru[head.zone][file];
  if (head.has(kIsolated)) ++counted.isolated[file];
  if (head.has(kWriteback)) ++counted.writeback;
  if (!page.has(kTail)) counted.queued += page.aux;
}

}  // namespace

void check(const Node& node) {
  Counted counted;
  counted.frames.resize(node.zones.size());
  counted.lru.resize(node.zones.size());
  for (PageId id = 0; id < node.pages.size(); ++id) {
    const Page& page = node.pages[id];
    if (!page.has(kPresent)) {
      check_absent(id, page);
      continue;
    }
    check_present(node, id, page);
    count(node, id, page, counted);
  }
  same("resident pages", node.resident, counted.resident);
  same("queued pages", node.queued, counted.queued);
  same("pages under writeback", node.writeback, counted.writeback);
  same("isolated anonymous pages", node.isolated[0], counted.isolated[0]);
  same("isolated file pages", node.isolated[1], counted.isolated[1]);
  for (std::size_t i = 0; i < node.zones.size(); ++i) {
    const Zone& zone = node.zones[i];
    same(zone.name + ": frames", zone.managed,
         zone.free + zone.freeing + zone.pool + counted.frames[i]);
    same(zone.name + ": anonymous pages on LRU lists", zone.lru[0], counted.lru[i][0]);
    same(zone.name + ": file pages on LRU lists", zone.lru[1], counted.lru[i][1]);
  }
  node.lru->check();
}

}  // namespace pagepress::reclaim
