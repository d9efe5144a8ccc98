// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/swap/copy_table.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {
namespace {

std::uint64_t pages_of(const SwapDeviceConfig& device) {
  constexpr std::uint64_t kMostMib = (std::uint64_t{1} << 32) / 256;  // slots have 32 bits
  if (device.size_mib == 0 || device.size_mib > kMostMib) {
    throw std::invalid_argument(
        fmt::format("device.size_mib is {}, but must be 1 to {}", device.size_mib, kMostMib));
  }
  return device.size_mib * 256;
}

}  // namespace

CopyTable::CopyTable(const StoreConfig& store, const SwapDeviceConfig& device, FrameSource& frames,
                     const Contents& contents)
    : contents_(contents),
      pool_(SizeClasses(store.zsmalloc, store.zspage_chain), frames),
      vault_(contents.size()),
      slots_(pages_of(device)) {}

CopyTable::Entry& CopyTable::entry(PageId page) {
  if (page >= entries_.size()) {
    entries_.resize(std::max<std::size_t>(std::size_t{page} + 1, contents_.page_count()));
  }
  return entries_[page];
}

Copy CopyTable::find(PageId page) const {
  Copy copy;
  if (kind(page) == Kind::kNone) return copy;
  const Entry& entry = entries_[page];
  copy.kind = entry.kind;
  copy.version = entry.version;
  if (entry.kind == Kind::kSameFilled) copy.word = entry.word;
  if (entry.kind == Kind::kBlock) {
    copy.block = vault_.block(entry.pooled.block);
    copy.crc32c = vault_.crc32c(entry.pooled.block);
  }
  return copy;
}

void CopyTable::expect_not_later(PageId page, Version version) const {
  if (kind(page) != Kind::kNone && entries_[page].version > version) {
    throw ConservationError(fmt::format("page {}: version {} is stored where version {} already is",
                                        page, version, entries_[page].version));
  }
}

void CopyTable::put_same_filled(PageId page, Version version, std::uint64_t word) {
  Entry& entry = this->entry(page);
  clear(entry);
  entry.word = word;
  set(entry, Kind::kSameFilled, version);
}

bool CopyTable::put_block(PageId page, Version version, std::span<const std::byte> block,
                          std::uint32_t crc32c, bool memalloc) {
  const auto handle = pool_.allocate(static_cast<std::uint32_t>(block.size()), memalloc);
  if (!handle) return false;
  Entry& entry = this->entry(page);
  clear(entry);
  entry.pooled = {*handle, vault_.put(contents_.index(page, version), block, crc32c)};
  set(entry, Kind::kBlock, version);
  return true;
}

bool CopyTable::put_raw(PageId page, Version version, bool memalloc) {
  const auto handle = pool_.allocate(SizeClasses::kMaxSize, memalloc);
  if (!handle) return false;
  Entry& entry = this->entry(page);
  clear(entry);
  entry.pooled = {*handle, 0};
  set(entry, Kind::kRaw, version);
  return true;
}

void CopyTable::put_device(PageId page, Version version) {
  Entry& entry = this->entry(page);
  clear(entry);
  set(entry, Kind::kDevice, version);
}

void CopyTable::drop_copy(PageId page) {
  if (page < entries_.size()) clear(entries_[page]);
}

void CopyTable::drop(PageId page) {
  if (page >= entries_.size()) return;
  Entry& entry = entries_[page];
  clear(entry);
  if (entry.slot == SwapSlots::kNone) return;
  slots_.give(entry.slot);
  entry.slot = SwapSlots::kNone;
}

SwapSlots::Slot CopyTable::take_slot(PageId page) {
  Entry& entry = this->entry(page);
  if (entry.slot == SwapSlots::kNone) entry.slot = slots_.take();
  return entry.slot;
}

std::uint64_t CopyTable::bytes_of(const Entry& entry) const noexcept {
  if (entry.kind == Kind::kRaw) return SizeClasses::kMaxSize;
  return entry.kind == Kind::kBlock ? vault_.block(entry.pooled.block).size() : 0;
}

void CopyTable::count(const Entry& entry, bool added) noexcept {
  const auto add = [added](std::uint64_t& value, std::uint64_t by) {
    value = added ? value + by : value - by;
  };
  if (entry.kind == Kind::kDevice) {
    add(use_.on_device, 1);
    return;
  }
  add(use_.pages, 1);
  if (entry.kind == Kind::kSameFilled) add(use_.same_filled, 1);
  if (entry.kind == Kind::kRaw) add(use_.raw, 1);
  add(use_.compressed_bytes, bytes_of(entry));
}

void CopyTable::clear(Entry& entry) {
  if (entry.kind == Kind::kNone) return;
  count(entry, false);
  const bool pooled = entry.kind == Kind::kBlock || entry.kind == Kind::kRaw;
  entry.kind = Kind::kNone;
  if (pooled) pool_.free(entry.pooled.handle);
}

void CopyTable::set(Entry& entry, Kind kind, Version version) {
  if (entry.slot == SwapSlots::kNone) throw ConservationError("a copy without a swap slot");
  entry.kind = kind;
  entry.version = version;
  count(entry, true);
}

SwapStore::Use CopyTable::use() const {
  SwapStore::Use use = use_;
  use.pool_frames = pool_.frames();
  use.slots = slots_.taken();
  return use;
}

void CopyTable::check() const {
  pool_.check();
  std::uint64_t stored = 0;
  std::uint64_t pooled = 0;
  std::uint64_t device = 0;
  std::uint64_t bytes = 0;
  std::uint64_t slots = 0;
  for (const Entry& entry : entries_) {
    if (entry.slot != SwapSlots::kNone) ++slots;
    if (entry.kind == Kind::kNone) continue;
    ++(entry.kind == Kind::kDevice ? device : stored);
    if (entry.kind == Kind::kBlock || entry.kind == Kind::kRaw) ++pooled;
    bytes += bytes_of(entry);
  }
  if (stored != use_.pages || device != use_.on_device || bytes != use_.compressed_bytes ||
      pooled != pool_.objects() || slots != slots_.taken()) {
    throw ConservationError(fmt::format(
        "swap: the table has {} pages stored, {} in the pool, {} on the device, {} bytes, {} slots;"
        " counted were {}, {}, {}, {}, {}",
        stored, pooled, device, bytes, slots, use_.pages, pool_.objects(), use_.on_device,
        use_.compressed_bytes, slots_.taken()));
  }
}

}  // namespace pagepress::reclaim
