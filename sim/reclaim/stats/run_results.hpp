// SPDX-License-Identifier: Apache-2.0
// What a run of one policy leaves behind, as plain data, and its form in results.json: RUN of
// docs/reclaim/results.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/ids.hpp"
#include "sim/reclaim/mm/mm.hpp"
#include "sim/reclaim/stats/energy.hpp"
#include "sim/reclaim/stats/sampler.hpp"
#include "sim/reclaim/stats/vmstat.hpp"
#include "sim/reclaim/swap/swap_store.hpp"

namespace pagepress::reclaim {

struct ZoneMarks {
  std::string zone;
  Mm::Watermarks marks = {};  // pages
  std::uint64_t managed = 0;  // pages
};

// Bytes moved for a page that was compressed, whoever did it.
struct Traffic {
  std::optional<double> dram_bytes_per_page;
  std::optional<double> link_bytes_per_page;  // none: no link in this policy, or none was used
  std::string basis = "assumed";              // or "counted"
};

struct RunRecord {
  std::string policy;                                  // as it was asked for
  nlohmann::json settings = nlohmann::json::object();  // PolicyConfig
  Ns simulated = 0;
  Vmstat vmstat = {};
  Ns kswapd_awake = 0;
  AllocationStalls stalls = {};
  std::vector<Scheduler::GroupUse> groups;
  std::vector<Scheduler::CoreUse> cores;
  std::vector<ZoneMarks> zones;
  SwapStore::Use store = {};
  nlohmann::json queue = nlohmann::json::object();     // Policy::to_json()
  nlohmann::json workload = nlohmann::json::object();  // Workload::to_json()
  Traffic traffic = {};
  EnergyUse energy = {};
  std::vector<Sample> samples;
};

// What must hold of any run's counters, whatever happened in it: those of vmstat.hpp, and that no
// more allocations stalled than there were or than counters say, that kswapd was not awake longer
// than the run. Throws ConservationError, with both figures.
void check_identities(const RunRecord& record);

// Checks identities first. Throws ConservationError.
[[nodiscard]] nlohmann::json to_json(RunRecord record);

}  // namespace pagepress::reclaim
