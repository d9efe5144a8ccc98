// SPDX-License-Identifier: Apache-2.0
// The CPU cost table of a run: read if its file is there, else measured in a process of its own
// (and saved, if there is a name). Limitation: the caller must have no other threads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "sim/experiment/backends.hpp"
#include "sim/experiment/compare.hpp"
#include "sim/experiment/config.hpp"
#include "sim/experiment/workload.hpp"
#include "sim/host/cost_table.hpp"

namespace pagepress::sim {

// A workload as a cost table knows it.
[[nodiscard]] std::vector<CostInput> cost_inputs(const Workload& workload);

struct CostRequest {
  std::filesystem::path file;       // empty: measured in any case, and not kept
  std::uint64_t sweeps;             // host.cost_sweeps
  std::uint32_t limit_bytes;        // queue.limit_bytes
  std::vector<std::string> codecs;  // CPU back ends
};
[[nodiscard]] CostRequest cost_request(const CompareConfig& config,
                                       std::vector<std::string> codecs);

// Throws CostError, FileError, CompareError, and what `progress` throws.
[[nodiscard]] CostTable obtain_costs(const CostRequest& request, const BackendTable& backends,
                                     std::span<const CostInput> inputs, const ProgressFn& progress);

}  // namespace pagepress::sim
