// SPDX-License-Identifier: Apache-2.0
// sweep: many points, each a compare of its own, run by local processes and resumable.
// docs/sweep.md has the file, the folder and the results.
//
//   sweep file -> points -> found in the folder? -> results.json
//                              no: a process, its outcome into the folder -'
//
// CPU costs are obtained first and saved, so that all points and all resumed runs have the same.
// Limitations: one machine; the caller must have no other threads (the processes are forked); a
// point that hangs on the host's clock, not the simulated one, is not noticed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/experiment/sweep_config.hpp"

namespace pagepress::sim {

struct SweepOptions {
  std::filesystem::path folder;  // made if it is missing
  unsigned jobs = 1;             // processes at a time
};

struct SweepProgress {
  std::string measuring;   // back end whose CPU costs are measured; empty: points are run
  std::uint64_t done = 0;  // points finished, those of earlier runs too; or pages measured
  std::uint64_t total = 0;
  double per_s = 0;  // of this run
};
// Called a few times a second, in the calling process. May throw: what runs is killed, finished
// points stay, and the exception goes through run_sweep().
using SweepProgressFn = std::function<void(const SweepProgress&)>;

struct SweepOutcome {
  nlohmann::json results;             // "pagepress.sweep/1"
  std::size_t points = 0;             // all of them
  std::size_t found = 0;              // that an earlier run had finished
  std::vector<std::string> failures;  // points that failed, and why
  std::vector<std::string> wrong;     // points with pages that did not verify
};

// Runs the points that the folder does not have. Points that fail do not end it; they are not
// kept, so that the next run tries them again. Writes nothing outside the folder but a cost table
// that was asked for. Throws ConfigError, CostError, FileError, CompareError.
[[nodiscard]] SweepOutcome run_sweep(const SweepConfig& sweep, const SweepPoints& points,
                                     const SweepOptions& options, const SweepProgressFn& progress,
                                     const BackendTable& backends);
// With this program's back ends.
[[nodiscard]] SweepOutcome run_sweep(const SweepConfig& sweep, const SweepPoints& points,
                                     const SweepOptions& options, const SweepProgressFn& progress);

}  // namespace pagepress::sim
