// SPDX-License-Identifier: Apache-2.0
// reclaim: one scenario of memory pressure under one policy after the other, each in a process and
// on a timeline of its own; and a grid of smaller or larger machines under each. The result is
// results.json (docs/reclaim/results.md).
//
// Limitation: the caller must have no other threads (the processes are forked).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/experiment/compare.hpp"
#include "sim/pagefile/output_file.hpp"
#include "sim/reclaim/scenario.hpp"

namespace pagepress::sim {

struct ReclaimConfig {
  std::vector<std::filesystem::path> files;
  reclaim::Scenario scenario;
  std::filesystem::path costs;      // saved CPU cost table; empty: measured
  std::uint64_t cost_sweeps = 7;    // measuring runs over all pages
  std::filesystem::path trace_dir;  // a timeline of each policy goes there; empty: none
  double trace_from_s = 0;          // simulated time that it shows
  double trace_s = 0.5;
  bool grid = true;
  std::size_t jobs = 1;              // processes at a time
  std::vector<std::string> command;  // for the record
};

struct ReclaimProgress {
  std::string what;        // "measuring cpu:lz4", or "simulating"
  std::uint64_t done = 0;  // pages measured, or runs that have ended
  std::uint64_t total = 0;
  double per_s = 0;
};
// Called a few times a second; may throw: the running children are killed.
using ReclaimProgressFn = std::function<void(const ReclaimProgress&)>;

// What can be wrong, before anything is opened. Throws ConfigError.
void check(const ReclaimConfig& config);

struct ReclaimOutcome {
  nlohmann::json results;
  // Written whole, not yet in place: commit() them once the results are.
  std::vector<std::unique_ptr<OutputFile>> timelines;
};

// Throws as run_compare() does; then there are no timelines.
[[nodiscard]] ReclaimOutcome run_reclaim(const ReclaimConfig& config,
                                         const ReclaimProgressFn& progress = {});

}  // namespace pagepress::sim
