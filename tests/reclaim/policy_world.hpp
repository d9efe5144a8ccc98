// SPDX-License-Identifier: Apache-2.0
// A small machine around a policy: cores, contents of four kinds, the real store, and a memory
// (FakeMm) that knows of each page where it is and throws where the policy is wrong about it.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <pagepress/codecs.hpp>
#include <pagepress/cpu_codecs.hpp>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/policy/policy.hpp"
#include "sim/reclaim/stats/trace.hpp"
#include "tests/reclaim/fake_frames.hpp"
#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {

// Where each page is.
class FakeMm final : public WriteSink {
 public:
  enum class State : std::uint8_t { kResident, kQueued, kSwapped };

  explicit FakeMm(std::size_t pages) : states_(pages), versions_(pages), ended_(pages) {}

  void end_write(PageId page, WriteEnd end) override {
    // Of a folio whose write_folio() is under way, the end may come first.
    if (states_[page] == State::kSwapped) throw ConservationError("a write ended twice");
    if (states_[page] == State::kQueued) {
      states_[page] = after(end);
    } else {
      early_.emplace_back(page, end);
    }
    ++ended_[page];
    ++ends;
    event.notify();
  }
  [[nodiscard]] Version version(PageId page) const noexcept override { return versions_[page]; }

  void note_result(std::span<const PageId> pages, WriteResult result) {
    for (const PageId page : pages) {
      states_[page] = result == WriteResult::kDone       ? State::kSwapped
                      : result == WriteResult::kActivate ? State::kResident
                                                         : State::kQueued;
      std::erase_if(early_, [&](const auto& entry) {
        if (entry.first != page) return false;
        if (states_[page] != State::kQueued) throw ConservationError("an end for what was done");
        states_[page] = after(entry.second);
        return true;
      });
    }
  }
  [[nodiscard]] State state(PageId page) const { return states_[page]; }
  void write(PageId page) {
    states_[page] = State::kResident;
    ++versions_[page];
  }

  sc_core::sc_event event{"mm_end_write"};
  std::uint64_t ends = 0;

 private:
  static State after(WriteEnd end) {
    return end == WriteEnd::kStored ? State::kSwapped : State::kResident;
  }
  std::vector<State> states_;
  std::vector<Version> versions_;
  std::vector<std::uint32_t> ended_;
  std::vector<std::pair<PageId, WriteEnd>> early_;
};

struct WorldConfig {
  std::string spec = "kswapd";
  std::string store = "zswap";
  std::uint64_t cores = 2;
  std::string faults;  // a plan's text
  bool memcg_zswap_writeback = true;
  std::uint64_t frames = 20'000;
  std::uint64_t reserve = 0;
  std::uint32_t compress_ns = 5'000;
  bool trace = false;
  PageId pages = 2'048;
  std::string link = "soc";
  std::uint64_t max_pool_percent = 90;
  std::uint64_t device_mib = 64;
};

class World {
 public:
  static constexpr std::uint32_t kLimit = 3'625;
  static constexpr std::uint32_t kContents = 256;
  static constexpr std::uint32_t kDecompressNs = 1'500;

  explicit World(const WorldConfig& config)
      : mm(config.pages),
        frames(config.frames),
        bytes_(make_bytes()),
        contents_(views()),
        scheduler_(machine(config), nullptr),
        costs_(make_costs(config.compress_ns)) {
    frames.reserve = config.reserve;
    std::vector<std::uint32_t> map(config.pages);
    for (PageId page = 0; page < config.pages; ++page) map[page] = page * 37 % kContents;
    contents_.add_region(0, config.pages, std::move(map));
    StoreConfig store;
    store.kind = config.store;
    store.max_pool_percent = config.max_pool_percent;
    store.shrinker = config.max_pool_percent == 90;
    SwapDeviceConfig device;
    device.size_mib = config.device_mib;
    store_ = make_swap_store(store, device, kernel_, vmstat, frames, mm, contents_, scheduler_,
                             [](std::uint32_t) { return Ns{kDecompressNs}; });
    if (config.trace) trace_.emplace(Trace::Window{});
    EngineConfig engine;
    engine.link_preset = config.link;
    engine.watchdog_us = 2'000;
    PolicyContext context{.scheduler = scheduler_,
                          .mm = mm,
                          .store = *store_,
                          .contents = contents_,
                          .cpu_costs = *costs_,
                          .cost_scale = 1.0,
                          .costs = kernel_,
                          .steps = {.enqueue_ns = 40,
                                    .dequeue_ns = 2,
                                    .submit_ns = 20,
                                    .doorbell_ns = 100,
                                    .completion_ns = 30},
                          .engine = engine,
                          .faults = std::nullopt,
                          .trace = trace_ ? &*trace_ : nullptr,
                          .limit_bytes = kLimit,
                          .memcg_zswap_writeback = config.memcg_zswap_writeback};
    if (!config.faults.empty()) {
      context.faults = model::parse_fault_plan("plan.toml", config.faults);
    }
    policy_ = make_policy(parse_policy(config.spec), context);
  }

  [[nodiscard]] Policy& policy() noexcept { return *policy_; }
  [[nodiscard]] SwapStore& store() noexcept { return *store_; }
  [[nodiscard]] Scheduler& scheduler() noexcept { return scheduler_; }
  [[nodiscard]] const Contents& contents() const noexcept { return contents_; }
  [[nodiscard]] Trace& trace() { return trace_.value(); }

  WriteResult write(Task& task, std::span<const PageId> pages, Caller caller = Caller::kKswapd) {
    const WriteResult result = policy_->write_folio(task, caller, pages);
    mm.note_result(pages, result);
    return result;
  }
  WriteResult write(Task& task, PageId page, Caller caller = Caller::kKswapd) {
    return write(task, std::span(&page, 1), caller);
  }
  // A fault, and a write to the page.
  void touch(Task& task, PageId page) {
    policy_->read_page(task, page);
    mm.write(page);
    policy_->invalidate(page);
  }

  // Runs `body` as kswapd until it returns; others may be spawned before.
  nlohmann::json run(const std::function<nlohmann::json(Task&)>& body) {
    nlohmann::json result;
    scheduler_.spawn({.name = "kswapd0", .group = "kswapd"}, [&](Task& task) {
      result = body(task);
      sc_core::sc_pause();
    });
    sc_core::sc_start();
    scheduler_.rethrow_error();
    return result;
  }
  // What is queued gets through; every page that was swapped out is read and verified.
  void finish(Task& task) {
    policy_->drain(task);
    const auto pages = static_cast<PageId>(contents_.page_count());
    for (PageId page = 0; page < pages; ++page) {
      while (mm.state(page) == FakeMm::State::kQueued) {
        if (!task.wait_for(mm.event, 1'000'000'000)) {
          throw ConservationError(fmt::format("the write of page {} never ended", page));
        }
      }
      if (mm.state(page) == FakeMm::State::kSwapped) policy_->read_page(task, page);
    }
    if (policy_->queued() != 0) throw ConservationError("pages are queued after drain()");
    store_->check();
  }

  FakeMm mm;
  FakeFrames frames;
  Vmstat vmstat;

 private:
  struct alignas(sim::kPageBytes) Bytes : std::array<std::uint8_t, sim::kPageBytes> {};

  static SchedulerConfig machine(const WorldConfig& config) {
    SchedulerConfig scheduler;
    scheduler.cores = {{.name = "big", .count = config.cores, .speed = 1.0}};
    return scheduler;
  }
  // Text, zero, same-filled and random pages: half, an eighth, an eighth and a quarter.
  static std::vector<Bytes> make_bytes() {
    std::vector<Bytes> bytes(kContents);
    std::mt19937 random(7);
    for (std::uint32_t i = 0; i < kContents; ++i) {
      for (std::size_t at = 0; at < bytes[i].size(); ++at) {
        const std::uint32_t kind = i % 8;
        const auto text = static_cast<std::uint8_t>('a' + (at % 97 * (i + 3) + at / 97) % 26);
        bytes[i][at] = kind < 4    ? text
                       : kind == 4 ? std::uint8_t{0}
                       : kind == 5 ? static_cast<std::uint8_t>(i)
                                   : static_cast<std::uint8_t>(random());
      }
    }
    return bytes;
  }
  [[nodiscard]] std::vector<sim::PageView> views() const {
    std::vector<sim::PageView> views;
    for (const Bytes& bytes : bytes_) views.emplace_back(bytes.data(), bytes.size());
    return views;
  }
  // Every page costs the same, whatever machine this runs on.
  [[nodiscard]] std::unique_ptr<sim::CostTable> make_costs(std::uint32_t compress_ns) const {
    const sim::CostInput input{
        .path = "pages",
        .bytes = {bytes_.front().data(), bytes_.size() * sim::kPageBytes},
        .crc32c = crc32c(bytes_.front().data(), bytes_.size() * sim::kPageBytes)};
    const sim::CostTable empty("test", {&input, 1}, 1, kLimit);
    nlohmann::json json = empty.to_json();
    for (const CpuCodec& codec : cpu_codecs()) {
      const auto column = [](std::uint32_t ns) {
        return nlohmann::json::array({std::vector<std::uint32_t>(kContents, ns)});
      };
      json["codecs"][std::string(codec.name)] = {
          {"library", fmt::format("{} {}", codec.library, codec.version)},
          {"thread_cpu_ns_per_page", 0.0},
          {"ns", column(compress_ns)},
          {"decompress", {{"thread_cpu_ns_per_page", 0.0}, {"ns", column(kDecompressNs)}}}};
    }
    return std::make_unique<sim::CostTable>(json, std::span(&input, 1), kLimit);
  }

  KernelCosts kernel_;
  std::vector<Bytes> bytes_;
  Contents contents_;
  Scheduler scheduler_;
  std::unique_ptr<sim::CostTable> costs_;
  std::unique_ptr<SwapStore> store_;
  std::optional<Trace> trace_;
  std::unique_ptr<Policy> policy_;
};

}  // namespace pagepress::reclaim
