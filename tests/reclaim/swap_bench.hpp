// SPDX-License-Identifier: Apache-2.0
// A store on a simulated machine of one core without overheads, with pages of many contents.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/swap/swap_store.hpp"
#include "tests/reclaim/fake_frames.hpp"
#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {

struct Compression {
  Completion done;
  std::vector<std::byte> out;
};

inline Compression block(std::size_t len, int seed = 1) {
  Compression result;
  result.done.status = Status::kOk;
  result.done.out_len = static_cast<std::uint32_t>(len);
  result.out.assign(len, static_cast<std::byte>(seed));
  return result;
}
inline Compression word(std::uint64_t value) {
  Compression result;
  result.done.status = Status::kSameFilled;
  result.done.info = value;
  return result;
}
inline Compression incompressible() {
  Compression result;
  result.done.status = Status::kIncompressible;
  return result;
}

class RecordingSink final : public WriteSink {
 public:
  struct Ended {
    PageId page;
    WriteEnd end;
    Ns at;
  };
  void end_write(PageId page, WriteEnd end) override { ended.push_back({page, end, now_ns()}); }
  [[nodiscard]] Version version(PageId) const noexcept override { return 0; }

  std::vector<Ended> ended;
};

struct BenchConfig {
  std::string kind = "zswap";
  std::uint64_t frames = 10'000;
  std::uint64_t device_mib = 4;
  bool shrinker = false;
  std::uint64_t max_pool_percent = 20;
  std::uint64_t queue_depth = 32;
  std::uint64_t requests = 128;
};

class SwapBench {
 public:
  static constexpr PageId kPages = 3000;
  static constexpr Ns kDecompress = 1'500;

  explicit SwapBench(const BenchConfig& config)
      : frames(config.frames), contents_(pages()), scheduler_(one_core(), nullptr) {
    std::vector<std::uint32_t> map(kPages);
    for (PageId page = 0; page != kPages; ++page) map[page] = page % kContents;
    contents_.add_region(0, kPages, std::move(map));
    StoreConfig store;
    store.kind = config.kind;
    store.shrinker = config.shrinker;
    store.max_pool_percent = config.max_pool_percent;
    SwapDeviceConfig device;
    device.size_mib = config.device_mib;
    device.queue_depth = config.queue_depth;
    device.requests = config.requests;
    store_ = make_swap_store(store, device, KernelCosts{}, vmstat, frames, sink, contents_,
                             scheduler_, [](std::uint32_t) { return kDecompress; });
  }

  [[nodiscard]] SwapStore& store() noexcept { return *store_; }
  [[nodiscard]] Scheduler& scheduler() noexcept { return scheduler_; }

  // Runs `body` as a task until it returns.
  nlohmann::json run(const std::function<nlohmann::json(Task&)>& body) {
    nlohmann::json result;
    scheduler_.spawn({.name = "test", .group = "test"}, [&](Task& task) {
      result = body(task);
      sc_core::sc_pause();
    });
    sc_core::sc_start();
    scheduler_.rethrow_error();
    return result;
  }

  std::string put(Task& task, PageId page, Version version, const Compression& compression,
                  bool memalloc = true) {
    if (!store_->accepts()) {
      (void)store_->refuse(task, page);
      return "rejected";
    }
    switch (store_->store(task, page, version, compression.done, compression.out, memalloc)) {
      case Stored::kStored:
        return "stored";
      case Stored::kRejected:
        return "rejected";
      case Stored::kFailed:
        break;
    }
    return "failed";
  }

  void await_writes(Task& task, std::size_t count) {
    while (sink.ended.size() < count) task.sleep(1'000);
  }

  // What make_swap_store() says of these settings; empty: nothing.
  static std::string error_of(const StoreConfig& store, const SwapDeviceConfig& device) {
    Vmstat vmstat;
    FakeFrames frames(1);
    RecordingSink sink;
    Scheduler scheduler(one_core(), nullptr);
    const Contents contents(pages());
    try {
      (void)make_swap_store(store, device, KernelCosts{}, vmstat, frames, sink, contents,
                            scheduler);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return {};
  }

  // Of the copies of the first `count` pages.
  [[nodiscard]] nlohmann::json kinds(PageId count) const {
    nlohmann::json kinds;
    for (PageId page = 0; page != count; ++page) kinds.push_back(store_->find(page).kind);
    return kinds;
  }

  [[nodiscard]] nlohmann::json use() const {
    const SwapStore::Use use = store_->use();
    return {{"pages", use.pages},
            {"same_filled", use.same_filled},
            {"raw", use.raw},
            {"compressed_bytes", use.compressed_bytes},
            {"pool_frames", use.pool_frames},
            {"on_device", use.on_device},
            {"slots", use.slots},
            {"rejected", use.rejected},
            {"limit_hit", use.limit_hit},
            {"compress_poor", use.compress_poor},
            {"no_memory", use.no_memory},
            {"no_slot", use.no_slot},
            {"written_back", use.written_back}};
  }

  Vmstat vmstat;
  FakeFrames frames;
  RecordingSink sink;

 private:
  static constexpr std::uint32_t kContents = 97;
  using Page = std::array<std::uint8_t, sim::kPageBytes>;

  static SchedulerConfig one_core() {
    SchedulerConfig config;
    config.cores = {{.name = "big", .count = 1, .speed = 1.0}};
    config.context_switch_ns = 0;
    config.wake_ns = 0;
    return config;
  }
  static std::vector<sim::PageView> pages() {
    static std::vector<Page> bytes(kContents);
    for (std::uint32_t i = 0; i != kContents; ++i) bytes[i].fill(static_cast<std::uint8_t>(i));
    return {bytes.begin(), bytes.end()};
  }

  Contents contents_;
  Scheduler scheduler_;
  std::unique_ptr<SwapStore> store_;
};

}  // namespace pagepress::reclaim
