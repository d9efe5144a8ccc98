// SPDX-License-Identifier: Apache-2.0
// The grid of a scenario: the same on machines with other numbers and speeds of cores, under more
// and less pressure.
//
// Limitation: pressure changes anonymous memory by whole MiB of a program.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/reclaim/scenario.hpp"

namespace pagepress::sim {

// A point of the grid; without factors, the scenario itself.
struct GridPoint {
  std::optional<std::uint64_t> cores;  // of the first kind
  double speed = 1;
  double pressure = 1;
  reclaim::Scenario scenario;
};

// All points in order, each check()ed; none if the scenario has no grid. Throws ConfigError: too
// many, or what is wrong with a point.
[[nodiscard]] std::vector<GridPoint> grid_points(const reclaim::Scenario& scenario);

}  // namespace pagepress::sim
