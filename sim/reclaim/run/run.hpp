// SPDX-License-Identifier: Apache-2.0
// One policy in one scenario: puts machine, memory, swap, policy and workload together, simulates,
// and audits what is left.
//
//   Workload --touch--> Mm --write_folio/read_page--> Policy --> SwapStore --> swap device
//      tasks on Scheduler     kswapd             workers, engine
//
// Limitation: SystemC elaborates once a process: one run a process.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "model/fault/fault_plan.hpp"
#include "sim/host/cost_table.hpp"
#include "sim/reclaim/run/content_arena.hpp"
#include "sim/reclaim/scenario.hpp"
#include "sim/reclaim/stats/trace.hpp"

namespace pagepress::reclaim {

struct RunInput {
  const Scenario& scenario;
  std::string policy;  // specification
  const ContentArena& contents;
  const sim::CostTable& costs;  // its one input: the arena's bytes
  std::optional<model::FaultPlan> faults;
  Trace* trace = nullptr;
};

// RUN of docs/reclaim/results.md. After the workload's end the queue is drained, Mm::check() is
// called and every copy in swap compared with the bytes that were written: nothing is lost,
// duplicated or changed. Throws ConservationError otherwise, and what the parts throw.
[[nodiscard]] nlohmann::json run_policy(const RunInput& input);

}  // namespace pagepress::reclaim
