// SPDX-License-Identifier: Apache-2.0
// results.json of a sweep, "pagepress.sweep/1" (docs/sweep.md), out of the outcomes of its points.
// No simulation here: plain data in, JSON out.
#pragma once

#include <vector>

#include <nlohmann/json.hpp>

#include "sim/experiment/sweep_config.hpp"
#include "sim/experiment/sweep_inputs.hpp"

namespace pagepress::sim {

// What is kept of a compare's results: `backends` without histograms, single files and host times,
// each with its `engine_use`; and `provenance`.
[[nodiscard]] nlohmann::json point_outcome(const nlohmann::json& results);

// `outcomes`: one a point, each a point_outcome() with "wall_s", or {"error": ..., "wall_s": ...}.
// The same outcomes give the same bytes, but for `created` and `host`.
[[nodiscard]] nlohmann::json sweep_results(const SweepConfig& sweep, const SweepPoints& points,
                                           const SweepInputs& inputs,
                                           const std::vector<nlohmann::json>& outcomes);

}  // namespace pagepress::sim
