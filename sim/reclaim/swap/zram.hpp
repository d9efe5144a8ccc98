// SPDX-License-Identifier: Apache-2.0
// Zram: the swap device itself is compressed memory, after drivers/block/zram/zram_drv.c.
// Same-filled pages are a word of the table; a block of huge_class_size or more is kept as the
// whole page (huge_pages); without memory a write fails. Limitations: no mem_limit, no backing
// device, no recompression. A write without a frame does not go into direct reclaim (GFP_NOIO, then
// a second compression) before it fails.
#pragma once

#include "sim/reclaim/swap/copy_table.hpp"
#include "sim/reclaim/swap/swap_store.hpp"

namespace pagepress::reclaim {

class Zram final : public SwapStore {
 public:
  // References outlive it. Throws std::invalid_argument: names the setting.
  Zram(const StoreConfig& store, const SwapDeviceConfig& device, const KernelCosts& costs,
       Vmstat& vmstat, FrameSource& frames, const Contents& contents);

  [[nodiscard]] bool is_zram() const noexcept override { return true; }
  [[nodiscard]] bool reserve_slot(PageId page) override;
  [[nodiscard]] bool accepts() override { return true; }
  Stored refuse(Task& current, PageId page) override;
  Stored store(Task& current, PageId page, Version version, const Completion& done,
               std::span<const std::byte> out, bool memalloc) override;
  void write_to_device(Task& current, PageId page, Version version) override;
  [[nodiscard]] Copy find(PageId page) const override { return copies_.find(page); }
  void read_from_device(Task& current, PageId page) override;
  void note_loaded(Task& current, PageId page) override;
  void invalidate(PageId page) override { copies_.drop(page); }
  [[nodiscard]] std::uint64_t free_slots() const noexcept override { return copies_.free_slots(); }
  [[nodiscard]] BlockVault& vault() noexcept override { return copies_.vault(); }
  [[nodiscard]] Use use() const override;
  void check() const override { copies_.check(); }

 private:
  KernelCosts costs_;
  Vmstat& vmstat_;
  CopyTable copies_;
  std::uint32_t limit_bytes_;  // of blocks: longer ones are kept as whole pages
  std::uint64_t no_slot_ = 0;
  std::uint64_t no_memory_ = 0;
};

}  // namespace pagepress::reclaim
