// SPDX-License-Identifier: Apache-2.0
// The CPU cost table of a run: read if its file is there, else measured in a process of its own
// (and saved, if there is a name). Limitation: the caller must have no other threads.
#pragma once

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

// Of the CPU back ends `codecs`, for config.costs. Throws CostError, FileError, CompareError,
// and what `progress` throws.
[[nodiscard]] CostTable obtain_costs(const CompareConfig& config,
                                     const std::vector<std::string>& codecs,
                                     const BackendTable& backends, const Workload& workload,
                                     const ProgressFn& progress);

}  // namespace pagepress::sim
