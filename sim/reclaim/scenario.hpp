// SPDX-License-Identifier: Apache-2.0
// A scenario: the machine, its memory and swap, the workload, and the policies to compare.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "sim/reclaim/costs.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/mm/mm.hpp"
#include "sim/reclaim/policy/policy.hpp"
#include "sim/reclaim/stats/energy.hpp"
#include "sim/reclaim/swap/swap_config.hpp"
#include "sim/reclaim/workload/workload.hpp"

namespace pagepress::reclaim {

// Points of the gain figure: each combination is run with each policy.
struct GridConfig {
  std::vector<std::uint64_t> cores;   // of the first kind; empty: as it is
  std::vector<double> speeds;         // factors on the speed of all cores
  std::vector<double> pressures;      // factors on the size of the programs' memory
  std::vector<std::string> policies;  // empty: all
};

// Where a setting's value is from.
struct SettingOrigin {
  std::string provenance;  // "given", "assumed" or "measured"
  std::string source;
};

struct Scenario {
  std::string name;
  std::string description;
  SchedulerConfig cpu;
  MmConfig memory;
  KernelCosts costs;
  StoreConfig store;
  SwapDeviceConfig device;
  EngineConfig engine;
  CpuCosts steps = {.enqueue_ns = 40,  // of the driver
                    .wake_ns = 500,
                    .dequeue_ns = 2,
                    .submit_ns = 20,
                    .doorbell_ns = 100,
                    .poll_ns = 10,
                    .completion_ns = 30};
  double cost_scale = 1.0;  // of measured codec costs, to a core of speed 1
  std::string cpu_codec = "cpu:lz4";
  EnergyConfig energy;
  WorkloadConfig workload;
  std::vector<std::string> policies;  // specifications (policy/policy.hpp); the first is the base
  GridConfig grid;
  double sample_ms = 10;  // of the time series
  std::filesystem::path faults;
  // Of settings that a file or an override set, by name ("memory.swappiness",
  // "program.app.zipf"); the others have their default's (scenario/settings.hpp).
  std::map<std::string, SettingOrigin, std::less<>> origins;
};

}  // namespace pagepress::reclaim
