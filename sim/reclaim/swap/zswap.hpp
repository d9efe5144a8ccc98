// SPDX-License-Identifier: Apache-2.0
// Zswap: compressed memory in front of a swap device, after mm/zswap.c. What it refuses goes to the
// device; once its pool has reached the limit it refuses all until it is below the threshold, and
// shrink_worker() (a task of its own) writes its oldest pages to the device.
// Same-filled pages take no memory of the pool (up to 6.11; 6.12's swap_writepage() keeps zero
// pages in a bitmap before zswap sees them), and a load leaves its copy in place (up to 6.4, or
// exclusive_loads=N; 6.12 drops it and marks the page dirty).
// Limitations: no memcg limit of its own, no shrinker under memory pressure (shrinker_enabled).
#pragma once

#include <cstdint>
#include <vector>

#include <systemc>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/swap/copy_table.hpp"
#include "sim/reclaim/swap/page_lru.hpp"
#include "sim/reclaim/swap/store_steps.hpp"
#include "sim/reclaim/swap/swap_device.hpp"
#include "sim/reclaim/swap/swap_store.hpp"

namespace pagepress::reclaim {

class Zswap final : public SwapStore {
 public:
  // As make_swap_store().
  Zswap(const StoreConfig& store, const SwapDeviceConfig& device, const KernelCosts& costs,
        Vmstat& vmstat, FrameSource& frames, WriteSink& sink, const Contents& contents,
        Scheduler& scheduler, DecompressCost decompress_ns);

  [[nodiscard]] bool is_zram() const noexcept override { return false; }
  [[nodiscard]] bool reserve_slot(PageId page) override;
  [[nodiscard]] bool accepts() override { return !full(); }
  Stored refuse(Task& current, PageId page) override;
  Stored store(Task& current, PageId page, Version version, const Completion& done,
               std::span<const std::byte> out, bool memalloc) override;
  void write_to_device(Task& current, PageId page, Version version) override;
  [[nodiscard]] Copy find(PageId page) const override { return copies_.find(page); }
  void read_from_device(Task& current, PageId page) override;
  void note_loaded(Task& current, PageId page) override;
  void invalidate(PageId page) override;
  void give_up(PageId page) override;
  [[nodiscard]] std::uint64_t free_slots() const noexcept override { return copies_.free_slots(); }
  [[nodiscard]] BlockVault& vault() noexcept override { return copies_.vault(); }
  [[nodiscard]] Use use() const override;
  void check() const override;

 private:
  [[nodiscard]] std::uint64_t limit_frames() const noexcept;   // zswap_max_pages()
  [[nodiscard]] std::uint64_t accept_frames() const noexcept;  // zswap_accept_thr_pages()
  [[nodiscard]] bool full();                                   // zswap_check_limits()
  [[nodiscard]] Stored reject(PageId page, std::uint64_t Use::*why);
  [[nodiscard]] bool keep(PageId page, Version version, Compressed result, const Completion& done,
                          std::span<const std::byte> out, bool memalloc);
  void wait_for_request(Task& current);
  void submit(PageId page, Version version, bool of_mm);
  void write_done(const SwapDevice::Write& write, WriteEnd end);
  void drop_from_store(PageId page);
  // The request on its way to the device that makes a copy there; 0: the device has it.
  [[nodiscard]] std::uint32_t& request_of(PageId page);

  void shrink_worker(Task& worker);
  [[nodiscard]] bool shrink_batch(Task& worker);  // false: nothing was written
  void write_back(Task& worker, PageId page);     // has a frame for it
  void give_writeback_frame();

  StoreConfig config_;
  KernelCosts costs_;
  Vmstat& vmstat_;
  FrameSource& frames_;
  WriteSink& sink_;
  const Contents& contents_;
  DecompressCost decompress_ns_;
  CopyTable copies_;
  SwapDevice device_;
  std::uint64_t requests_;              // of the device at most
  PageLru lru_;                         // of what lies in the pool
  std::vector<bool> referenced_;        // by page: gets a second chance
  std::vector<std::uint32_t> request_;  // by page
  std::uint32_t block_limit_;
  std::uint64_t writeback_frames_ = 0;  // of pages that shrink_worker() has on their way
  unsigned request_waiters_ = 0;
  bool reached_full_ = false;
  bool shrink_wanted_ = false;
  Use counters_;
  sc_core::sc_event shrink_{"zswap_shrink"};
  sc_core::sc_event request_done_{"swap_request_done"};
};

}  // namespace pagepress::reclaim
