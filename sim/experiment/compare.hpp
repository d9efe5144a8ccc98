// SPDX-License-Identifier: Apache-2.0
// compare: the same pages through a kcompressd-style queue to one back end after
// the other and back again, each on its own simulated timeline (or on real threads,
// run.time) in its own process, every page verified. The result is results.json (docs/results.md).
//
// Limitations: back ends run one after the other; the caller must have no other
// threads (the processes are forked).
#pragma once

#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/experiment/config.hpp"

namespace pagepress::sim {

class BackendTable;
class CostTable;

// Anything that ends a comparison: the message is complete and names the back
// end, file or key concerned.
class CompareError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

struct Progress {
  enum class Phase { kMeasure, kCompress, kDecompress };
  Phase phase = Phase::kCompress;  // measuring CPU costs, or running
  std::string backend;
  std::uint64_t done = 0;  // pages (of all sweeps, while measuring)
  std::uint64_t total = 0;
  double pages_per_s = 0;  // of wall time, since the phase began
};
// Called a few times a second, in the calling process. May throw: the running
// back end is killed and the exception goes through run_compare().
using ProgressFn = std::function<void(const Progress&)>;

// Names that --backend accepts, in the order of listing.
[[nodiscard]] std::vector<std::string> known_backends();

// A line for each of them: name, what it is, options.
[[nodiscard]] std::vector<std::string> describe_backends();

// Throws CompareError for a back end that is not known or has options it does not take (the
// message lists the known ones), ConfigError for a setting that one of them cannot have.
void check_backends(const CompareConfig& config);

// Checks everything that can be checked first, then runs. Writes nothing but a
// cost table that was asked for. Throws ConfigError, CostError, FileError (a page
// file, the cost table) or CompareError: std::runtime_errors with whole messages.
[[nodiscard]] nlohmann::json run_compare(const CompareConfig& config,
                                         const ProgressFn& progress = {});
// With back ends other than this program's own.
[[nodiscard]] nlohmann::json run_compare(const CompareConfig& config, const ProgressFn& progress,
                                         const BackendTable& backends);

// With costs that are known already, silently.
[[nodiscard]] nlohmann::json run_compare(const CompareConfig& config, const CostTable& costs,
                                         const BackendTable& backends);

// Pages that did not verify, there or back, over all back ends: not 0 must become an
// exit code.
[[nodiscard]] std::uint64_t count_mismatches(const nlohmann::json& results);

}  // namespace pagepress::sim
