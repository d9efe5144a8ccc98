// SPDX-License-Identifier: Apache-2.0
// A back end of the table on real threads: compare's configuration and table on one side,
// real_run.hpp on the other. Limitation: CPU back ends, and an engine of another process.
#pragma once

#include <string>

#include "sim/experiment/backends.hpp"
#include "sim/experiment/config.hpp"
#include "sim/experiment/real_run.hpp"

namespace pagepress::sim {

[[nodiscard]] RealConfig real_config(const CompareConfig& config);

// In a process of its own: starts EAL. Throws CompareError for an engine of this program, and
// what run_real() and RemoteEngine throw.
[[nodiscard]] BackendRun run_real_backend(const CompareConfig& config, const std::string& name,
                                          const Backend& backend, const Workload& workload,
                                          const RealProgressFn& progress);

}  // namespace pagepress::sim
