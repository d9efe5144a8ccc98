// SPDX-License-Identifier: Apache-2.0
// A machine whose swap is a table of versions: who writes, how long it takes and whether it works
// are the test's to say.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>

#include <fmt/format.h>
#include <systemc>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/mm/mm.hpp"
#include "sim/reclaim/random.hpp"
#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {

// For what is found in a simulation: it has a process of its own, where googletest has no ear.
inline void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(std::string("not so: ") + what);
}

struct FakeSwapConfig {
  // Shares of folios, the rest of which are compressed inline.
  double locked = 0;
  double writeback = 0;
  double activated = 0;  // write_folio() says kActivate
  double failed = 0;     // end_write() says kFailed, of those queued
  Ns write_ns = 5'000;   // CPU time a page, whoever writes it
  Ns read_ns = 2'000;
  Ns random_delay_ns = 0;           // of the worker, up to so much beside
  std::size_t queue_entries = 256;  // a folio that finds it full is compressed inline
  std::uint64_t slots = 1U << 24;
  std::uint64_t pages_a_frame = 4;  // of the pool; 0: it takes no frames
  std::uint64_t seed = 1;
  bool on_device = false;  // what is read was on a swap device, behind zswap
};

class FakeSwap final : public SwapPath {
 public:
  FakeSwap(const FakeSwapConfig& config, Scheduler& scheduler, Mm& mm)
      : config_(config), mm_(mm), random_(config.seed) {
    scheduler.spawn({.name = "worker", .group = "worker"}, [this](Task& task) { work(task); });
  }

  WriteResult write_folio(Task& current, Caller, std::span<const PageId> pages) override {
    ++folios;
    const double draw = random_.share();
    if (random_.share() < config_.activated || copies_.size() + pages.size() > config_.slots) {
      current.run(100);
      return WriteResult::kActivate;
    }
    if (draw < config_.locked + config_.writeback && queue_.size() < config_.queue_entries) {
      for (const PageId page : pages) queue_.push_back({page, mm_.version(page)});
      wake_.notify(sc_core::SC_ZERO_TIME);
      current.run(200);  // the worker may be faster
      return draw < config_.locked ? WriteResult::kQueuedLocked : WriteResult::kQueuedWriteback;
    }
    for (const PageId page : pages) {
      current.run(config_.write_ns);
      store(page, mm_.version(page));
    }
    return WriteResult::kDone;
  }

  ReadFrom read_page(Task& current, PageId page) override {
    const auto found = copies_.find(page);
    if (found == copies_.end()) throw ConservationError(fmt::format("page {}: no copy", page));
    if (found->second != mm_.version(page)) {
      throw ConservationError(
          fmt::format("page {}: version {}, not {}", page, found->second, mm_.version(page)));
    }
    ++reads;
    current.run(config_.read_ns);
    return config_.on_device ? ReadFrom::kDevice : ReadFrom::kStore;
  }

  void invalidate(PageId page) override {
    if (copies_.erase(page) != 0) fit_pool();
  }

  [[nodiscard]] std::uint64_t free_slots() const noexcept override {
    return config_.slots - std::min<std::uint64_t>(config_.slots, copies_.size());
  }

  [[nodiscard]] std::size_t copies() const { return copies_.size(); }
  [[nodiscard]] bool has_copy(PageId page) const { return copies_.contains(page); }
  [[nodiscard]] std::size_t queued() const { return queue_.size(); }
  [[nodiscard]] PageId first_queued() const { return queue_.front().page; }

  std::uint64_t folios = 0;
  std::uint64_t reads = 0;
  bool held = false;  // the worker does nothing meanwhile
  void release() {
    held = false;
    wake_.notify(sc_core::SC_ZERO_TIME);
  }

 private:
  struct Job {
    PageId page;
    Version version;
  };

  void work(Task& task) {
    while (true) {
      while (queue_.empty() || held) task.wait(wake_);
      const Job job = queue_.front();
      queue_.pop_front();
      if (config_.random_delay_ns != 0) task.sleep(random_.next() % config_.random_delay_ns + 1);
      task.run(config_.write_ns);
      if (random_.share() < config_.failed) {
        mm_.end_write(job.page, WriteEnd::kFailed);
      } else {
        store(job.page, job.version);
        mm_.end_write(job.page, WriteEnd::kStored);
      }
    }
  }

  void store(PageId page, Version version) {
    copies_[page] = version;
    fit_pool();
  }

  void fit_pool() {
    if (config_.pages_a_frame == 0) return;
    const std::uint64_t frames =
        (copies_.size() + config_.pages_a_frame - 1) / config_.pages_a_frame;
    while (pool_ < frames && mm_.take_frames(1, true)) ++pool_;
    if (pool_ > frames) {
      mm_.give_frames(pool_ - frames);
      pool_ = frames;
    }
  }

  FakeSwapConfig config_;
  Mm& mm_;
  RandomStream random_;
  std::map<PageId, Version> copies_;
  std::deque<Job> queue_;
  std::uint64_t pool_ = 0;
  sc_core::sc_event wake_;
};

struct MachineConfig {
  MmConfig memory;
  KernelCosts costs;
  FakeSwapConfig swap;
  std::uint64_t cores = 4;
  Trace* trace = nullptr;
};

struct Machine {
  explicit Machine(const MachineConfig& config)
      : scheduler({.cores = {{.name = "cpu", .count = config.cores}}}, nullptr),
        mm(config.memory, config.costs, scheduler, vmstat, config.trace),
        swap(config.swap, scheduler, mm) {
    mm.set_swap(swap);
  }

  // A task of the workload. The simulation ends with the last one.
  void program(const std::string& name, std::function<void(Task&)> body) {
    ++programs_;
    scheduler.spawn({.name = name, .group = "app"}, [this, body = std::move(body)](Task& task) {
      body(task);
      if (--programs_ == 0) sc_core::sc_pause();
    });
  }

  void run() {
    sc_core::sc_start(sc_core::sc_time(1'000, sc_core::SC_SEC));
    scheduler.rethrow_error();
    if (programs_ != 0) throw std::runtime_error("programs hang");
    mm.check();
  }

  Scheduler scheduler;
  Vmstat vmstat;
  Mm mm;
  FakeSwap swap;

 private:
  std::size_t programs_ = 0;
};

inline nlohmann::json to_json(const Vmstat& vmstat) {
  nlohmann::json json;
  for (const VmstatName& entry : vmstat_names())
    json[std::string(entry.name)] = vmstat.*entry.value;
  return json;
}

// What holds at every moment. Throws std::logic_error.
inline void check_identities(const Vmstat& v) {
  require(v.pgscan_kswapd + v.pgscan_direct == v.pgscan_anon + v.pgscan_file,
          "pgscan: sums are equal");
  require(v.pgsteal_kswapd + v.pgsteal_direct == v.pgsteal_anon + v.pgsteal_file,
          "pgsteal: sums are equal");
  require(v.pgsteal_kswapd <= v.pgscan_kswapd && v.pgsteal_direct <= v.pgscan_direct &&
              v.pgsteal_anon <= v.pgscan_anon && v.pgsteal_file <= v.pgscan_file,
          "pgsteal <= pgscan");
  require(v.pgmajfault <= v.pgfault, "pgmajfault <= pgfault");
  require(v.refault_queued <= v.swap_cache_hit, "refault_queued <= swap_cache_hit");
}

}  // namespace pagepress::reclaim
