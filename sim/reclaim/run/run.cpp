// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/run/run.hpp"

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <systemc>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/contents.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/mm/mm.hpp"
#include "sim/reclaim/policy/policy.hpp"
#include "sim/reclaim/run/audit.hpp"
#include "sim/reclaim/run/resources.hpp"
#include "sim/reclaim/stats/run_results.hpp"
#include "sim/reclaim/stats/sampler.hpp"
#include "sim/reclaim/swap/swap_store.hpp"
#include "sim/reclaim/workload/workload.hpp"

namespace pagepress::reclaim {
namespace {

constexpr double kNsPerMs = 1e6;

// Members in the order of who uses whom.
class Run {
 public:
  explicit Run(const RunInput& input)
      : input_(input),
        scenario_(input.scenario),
        config_(parse_policy(input.policy)),
        contents_(input.contents.pages()),
        scheduler_(scenario_.cpu, input.trace),
        mm_(scenario_.memory, scenario_.costs, scheduler_, vmstat_, input.trace),
        store_(make_swap_store(
            scenario_.store, scenario_.device, scenario_.costs, vmstat_, mm_, mm_, contents_,
            scheduler_, [this](std::uint32_t content) { return policy_->decompress_ns(content); })),
        policy_(make_policy(config_, policy_context())),
        sampler_(static_cast<Ns>(scenario_.sample_ms * kNsPerMs), [this] { return look(); }) {
    mm_.set_swap(*policy_);
    workload_ =
        make_workload(scenario_.workload, scheduler_, mm_, contents_, input.contents.file_pages());
  }

  nlohmann::json run() {
    scheduler_.spawn({.name = "run", .group = "run"}, [this](Task& task) { control(task); });
    scheduler_.spawn({.name = "watchdog", .group = "run"}, [this](Task& task) { watch(task); });
    sc_core::sc_set_stop_mode(sc_core::SC_STOP_IMMEDIATE);
    sc_core::sc_start();
    scheduler_.rethrow_error();
    if (!audited_) {
      throw ConservationError("the simulation ran dry before the workload had ended");
    }
    return to_json(record());
  }

 private:
  PolicyContext policy_context() {
    return {.scheduler = scheduler_,
            .mm = mm_,
            .store = *store_,
            .contents = contents_,
            .cpu_costs = input_.costs,
            .cost_scale = scenario_.cost_scale,
            .costs = scenario_.costs,
            .steps = scenario_.steps,
            .engine = scenario_.engine,
            .faults = input_.faults,
            .trace = input_.trace,
            .limit_bytes = static_cast<std::uint32_t>(scenario_.store.limit_bytes),
            .memcg_zswap_writeback = scenario_.memory.memcg_zswap_writeback};
  }

  // zram is memory: its counters say nothing of a device.
  std::uint64_t device_pages() const {
    return store_->is_zram() ? 0 : vmstat_.pswpin + vmstat_.pswpout;
  }

  // Programs can end late: one that waits for memory does not look at the clock.
  void watch(Task& task) const {
    constexpr double kGraceS = 60;
    constexpr double kNsPerS = 1e9;
    task.sleep(static_cast<Ns>((scenario_.workload.seconds + kGraceS) * kNsPerS));
    throw std::runtime_error(fmt::format(
        "programs have not ended {} simulated seconds after their time: they wait for memory "
        "that nobody frees",
        kGraceS));
  }

  void control(Task& task) {
    workload_->join(task);
    mm_.stop_kswapd(task);
    ended_ = now_ns();
    policy_->drain(task);
    sampler_.stop();
    audit(mm_, *store_, contents_, *policy_->make_decoder());
    audited_ = true;
    sc_core::sc_stop();
  }

  Sample look() const {
    Sample sample;
    sample.levels = mm_.levels();
    sample.vmstat = vmstat_;
    sample.kswapd_awake_ns = mm_.kswapd_awake_ns();
    sample.groups = scheduler_.group_use();
    const Policy::Use use = policy_->use();
    if (use.engines != 0) {
      sample.engine_busy = static_cast<double>(use.engine_busy_ns) / use.engines;
    }
    sample.resources = resources(config_, sample.groups, scheduler_.core_use(), use, store_->use());
    mm_.trace_levels();
    return sample;
  }

  RunRecord record() const {
    RunRecord record;
    record.policy = input_.policy;
    record.settings = to_json(config_);
    record.simulated = ended_;
    record.vmstat = vmstat_;
    record.kswapd_awake = mm_.kswapd_awake_ns();
    record.stalls = mm_.stalls();
    record.groups = scheduler_.group_use();
    record.cores = scheduler_.core_use();
    for (std::size_t i = 0; i < scenario_.memory.zones.size(); ++i) {
      const ZoneConfig& zone = scenario_.memory.zones[i];
      record.zones.push_back({zone.name, mm_.watermarks(i), mm_.zone_frames(i)});
    }
    record.store = store_->use();
    record.queue = policy_->to_json();
    record.workload = workload_->to_json();
    const Policy::Use use = policy_->use();
    record.traffic = traffic(use);
    record.energy = energy(scenario_.energy, record.cores, use, device_pages(), now_ns());
    record.samples = sampler_.samples();
    return record;
  }

  const RunInput& input_;
  const Scenario& scenario_;
  const PolicyConfig config_;
  Vmstat vmstat_;
  Contents contents_;
  Scheduler scheduler_;
  Mm mm_;
  std::unique_ptr<SwapStore> store_;
  std::unique_ptr<Policy> policy_;
  Sampler sampler_;
  std::unique_ptr<Workload> workload_;
  Ns ended_ = 0;
  bool audited_ = false;
};

}  // namespace

nlohmann::json run_policy(const RunInput& input) { return Run(input).run(); }

}  // namespace pagepress::reclaim
