// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/run/run.hpp"

#include <exception>
#include <memory>
#include <utility>

#include <systemc>

#include <pagepress/eal.hpp>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/contents.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/mm/mm.hpp"
#include "sim/reclaim/policy/policy.hpp"
#include "sim/reclaim/stats/run_results.hpp"
#include "sim/reclaim/stats/sampler.hpp"
#include "sim/reclaim/swap/make_store.hpp"

namespace pagepress::reclaim {
namespace {

// Members in the order of who uses whom.
class Run {
 public:
  explicit Run(const RunInput& input)
      : input_(input),
        scenario_(input.scenario),
        contents_(input.contents.pages()),
        scheduler_(scenario_.cpu, input.trace),
        mm_(scenario_.memory, scenario_.costs, scheduler_, vmstat_, input.trace),
        store_(make_swap_store(scenario_.store, scenario_.device, scenario_.costs, vmstat_, mm_,
                               mm_, contents_, scheduler_)),
        policy_(make_policy(parse_policy(input.policy), policy_context())),
        workload_(nullptr) {
    mm_.set_swap(*policy_);
    workload_ = make_workload(scenario_.workload, scheduler_, mm_, contents_,
                              input.contents.file_pages());
  }

  nlohmann::json run() {
    scheduler_.spawn({.name = "run", .group = "run"}, [this](Task& task) { control(task); });
    sc_core::sc_set_stop_mode(sc_core::SC_STOP_IMMEDIATE);
    sc_core::sc_start();
    scheduler_.rethrow_error();
    return {};
  }

 private:
  PolicyContext policy_context();

  void control(Task& task) {
    workload_->join(task);
    policy_->drain(task);
    mm_.check();
    sc_core::sc_stop();
  }

  const RunInput& input_;
  const Scenario& scenario_;
  Vmstat vmstat_;
  Contents contents_;
  Scheduler scheduler_;
  Mm mm_;
  std::unique_ptr<SwapStore> store_;
  std::unique_ptr<Policy> policy_;
  std::unique_ptr<Workload> workload_;
};

}  // namespace
}  // namespace pagepress::reclaim
