// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/run/audit.hpp"

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/swap/verify_copy.hpp"

namespace pagepress::reclaim {

void audit(const Mm& mm, const SwapStore& store, const Contents& contents, Codec& decoder) {
  mm.check();
  store.check();
  std::uint64_t copies = 0;
  for (PageId page = 0; page < mm.page_count(); ++page) {
    const Copy copy = store.find(page);
    if (copy.kind == Copy::Kind::kNone) {
      if (mm.place(page) == Mm::Place::kSwap) {
        throw ConservationError(fmt::format("page {} is neither in memory nor in swap", page));
      }
      continue;
    }
    if (mm.place(page) == Mm::Place::kNowhere) {
      throw ConservationError(fmt::format("page {} is of nobody, and has a copy in swap", page));
    }
    const Version version = mm.version(page);
    verify_copy(decoder, page, version, copy, contents.of(page, version));
    ++copies;
  }
  const SwapStore::Use use = store.use();
  if (copies != use.pages + use.on_device) {
    throw ConservationError(
        fmt::format("{} copies are of pages, {} are in swap", copies, use.pages + use.on_device));
  }
  const std::uint64_t frames = use.pool_frames + use.writeback_frames;
  if (mm.levels().pool != frames) {
    throw ConservationError(
        fmt::format("{} frames are given to the pool, it has {}", mm.levels().pool, frames));
  }
}

}  // namespace pagepress::reclaim
