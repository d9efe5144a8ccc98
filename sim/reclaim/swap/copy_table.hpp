// SPDX-License-Identifier: Apache-2.0
// CopyTable: what copy a page has and where, for zswap and zram alike: same-filled word, block or
// whole page in zsmalloc, page on the swap device; and its swap slot. Indexed by page, as the
// kernel's tables are by slot: a page has one slot, and a slot one page.
// Whoever uses it has limits, counters and CPU time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/reclaim/contents.hpp"
#include "sim/reclaim/ids.hpp"
#include "sim/reclaim/swap/block_vault.hpp"
#include "sim/reclaim/swap/swap_slots.hpp"
#include "sim/reclaim/swap/swap_store.hpp"
#include "sim/reclaim/swap/zsmalloc.hpp"

namespace pagepress::reclaim {

class CopyTable {
 public:
  using Kind = Copy::Kind;

  // References outlive it. Throws std::invalid_argument: names the setting.
  CopyTable(const StoreConfig& store, const SwapDeviceConfig& device, FrameSource& frames,
            const Contents& contents);

  [[nodiscard]] Kind kind(PageId page) const noexcept {
    return page < entries_.size() ? entries_[page].kind : Kind::kNone;
  }
  [[nodiscard]] Version version(PageId page) const noexcept { return entries_[page].version; }
  [[nodiscard]] Copy find(PageId page) const;
  // In zsmalloc, or as a word.
  [[nodiscard]] bool in_store(PageId page) const noexcept {
    return kind(page) != Kind::kNone && kind(page) != Kind::kDevice;
  }
  // Throws ConservationError: the page has a copy of a later version.
  void expect_not_later(PageId page, Version version) const;

  // The copy that the page had is gone, if they succeed. Before: take_slot().
  void put_same_filled(PageId page, Version version, std::uint64_t word);
  // False: no frames for it; all is as before. `block`: 1 byte to a page.
  [[nodiscard]] bool put_block(PageId page, Version version, std::span<const std::byte> block,
                               std::uint32_t crc32c, bool memalloc);
  [[nodiscard]] bool put_raw(PageId page, Version version, bool memalloc);
  void put_device(PageId page, Version version);
  // The slot stays.
  void drop_copy(PageId page);
  // Copy and slot.
  void drop(PageId page);

  // The page's slot; a new one if it has none. kNone: all are taken.
  SwapSlots::Slot take_slot(PageId page);
  [[nodiscard]] SwapSlots::Slot slot(PageId page) const noexcept { return entries_[page].slot; }
  [[nodiscard]] std::uint64_t free_slots() const noexcept { return slots_.free(); }

  // What of it is known here: pages, bytes, frames, slots.
  [[nodiscard]] SwapStore::Use use() const;
  [[nodiscard]] const Zsmalloc& pool() const noexcept { return pool_; }
  [[nodiscard]] BlockVault& vault() noexcept { return vault_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  // Throws ConservationError.
  void check() const;

 private:
  struct Pooled {
    Zsmalloc::Handle handle;
    BlockVault::Ref block;  // kBlock
  };
  struct Entry {
    union {
      std::uint64_t word = 0;  // kSameFilled
      Pooled pooled;           // kBlock, kRaw
    };
    Version version = 0;
    SwapSlots::Slot slot = SwapSlots::kNone;
    Kind kind = Kind::kNone;
  };

  [[nodiscard]] Entry& entry(PageId page);
  [[nodiscard]] std::uint64_t bytes_of(const Entry& entry) const noexcept;
  void count(const Entry& entry, bool added) noexcept;
  void clear(Entry& entry);  // its copy
  void set(Entry& entry, Kind kind, Version version);

  const Contents& contents_;
  Zsmalloc pool_;
  BlockVault vault_;
  SwapSlots slots_;
  std::vector<Entry> entries_;  // by page
  SwapStore::Use use_;
};

}  // namespace pagepress::reclaim
