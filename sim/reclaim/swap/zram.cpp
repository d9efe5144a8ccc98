// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/swap/zram.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/swap/store_steps.hpp"

namespace pagepress::reclaim {

Zram::Zram(const StoreConfig& store, const SwapDeviceConfig& device, const KernelCosts& costs,
           Vmstat& vmstat, FrameSource& frames, const Contents& contents)
    : costs_(costs), vmstat_(vmstat), copies_(store, device, frames, contents) {
  // zram_write_page(): comp_len >= huge_class_size.
  limit_bytes_ = std::min(block_limit(store), copies_.pool().classes().huge_bytes() - 1);
}

bool Zram::reserve_slot(PageId page) { return copies_.take_slot(page) != SwapSlots::kNone; }

Stored Zram::refuse(Task&, PageId page) {
  throw std::logic_error(fmt::format("zram has no limit that page {} was refused for", page));
}

Stored Zram::store(Task& current, PageId page, Version version, const Completion& done,
                   std::span<const std::byte> out, bool memalloc) {
  const Compressed result = classify(done, out, limit_bytes_);
  current.charge(store_ns(costs_, result, out.size()), "store");
  copies_.expect_not_later(page, version);
  if (copies_.take_slot(page) == SwapSlots::kNone) {
    ++no_slot_;
    return Stored::kFailed;
  }
  ++vmstat_.pswpout;  // before it is submitted, and so for one that fails
  switch (result) {
    case Compressed::kSameFilled:
      copies_.put_same_filled(page, version, done.info);
      return Stored::kStored;
    case Compressed::kBlock:
      if (copies_.put_block(page, version, out, done.crc32c, memalloc)) return Stored::kStored;
      break;
    case Compressed::kPoor:
      if (copies_.put_raw(page, version, memalloc)) return Stored::kStored;
      break;
  }
  ++no_memory_;
  if (copies_.kind(page) == Copy::Kind::kNone) copies_.drop(page);  // its slot
  return Stored::kFailed;
}

void Zram::write_to_device(Task&, PageId page, Version) {
  throw std::logic_error(fmt::format("zram has no device behind it for page {}", page));
}

void Zram::read_from_device(Task&, PageId page) {
  throw ConservationError(fmt::format("page {} is not on a device: zram has none", page));
}

void Zram::note_loaded(Task& current, PageId page) {
  expect_in_store(copies_, page);
  current.charge(costs_.tree_ns, "load");
  ++vmstat_.pswpin;
}

SwapStore::Use Zram::use() const {
  Use use = copies_.use();
  use.no_slot = no_slot_;
  use.no_memory = no_memory_;
  use.rejected = no_slot_ + no_memory_;
  return use;
}

}  // namespace pagepress::reclaim
