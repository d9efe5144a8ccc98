// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/reclaim_grid.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sim/config/setting.hpp"
#include "sim/reclaim/scenario/load.hpp"

namespace pagepress::sim {
namespace {

using reclaim::GridConfig;
using reclaim::Scenario;

constexpr std::size_t kMostPoints = 1000;  // each is a run a policy

template <typename T>
std::vector<T> or_one(std::string_view key, const std::vector<T>& values, T one) {
  if (values.empty()) return {one};
  if (std::set<T>(values.begin(), values.end()).size() != values.size()) {
    throw ConfigError(fmt::format("grid.{}: a value is there twice", key));
  }
  return values;
}

// Who has no anonymous memory gets none.
std::uint64_t under_pressure(std::uint64_t anon_mib, double pressure) {
  if (anon_mib == 0) return 0;
  return static_cast<std::uint64_t>(
      std::max(1.0, std::round(static_cast<double>(anon_mib) * pressure)));
}

GridPoint make_point(const Scenario& scenario, std::uint64_t cores, double speed, double pressure) {
  GridPoint point{
      .cores = std::nullopt, .speed = speed, .pressure = pressure, .scenario = scenario};
  if (cores != 0) {
    point.cores = cores;
    point.scenario.cpu.cores.front().count = cores;
  }
  for (reclaim::CoreKind& kind : point.scenario.cpu.cores) kind.speed *= speed;
  for (reclaim::ProgramConfig& program : point.scenario.workload.programs) {
    program.anon_mib = under_pressure(program.anon_mib, pressure);
  }
  if (!scenario.grid.policies.empty()) point.scenario.policies = scenario.grid.policies;
  try {
    reclaim::check(point.scenario);
  } catch (const ConfigError& error) {
    throw ConfigError(
        fmt::format("grid, at speed {} and pressure {}: {}", speed, pressure, error.what()));
  }
  return point;
}

}  // namespace

std::vector<GridPoint> grid_points(const Scenario& scenario) {
  const GridConfig& grid = scenario.grid;
  std::vector<GridPoint> points;
  if (grid.cores.empty() && grid.speeds.empty() && grid.pressures.empty()) return points;
  const auto all_cores = or_one<std::uint64_t>("cores", grid.cores, 0);
  const auto speeds = or_one("speeds", grid.speeds, 1.0);
  const auto pressures = or_one("pressures", grid.pressures, 1.0);
  // Lists are as long as a file makes them: no product that could overflow.
  if (all_cores.size() > kMostPoints || speeds.size() > kMostPoints ||
      pressures.size() > kMostPoints ||
      all_cores.size() * speeds.size() * pressures.size() > kMostPoints) {
    throw ConfigError(
        fmt::format("grid: cores, speeds and pressures make more than {} points", kMostPoints));
  }
  for (const std::uint64_t cores : all_cores) {
    for (const double speed : speeds) {
      for (const double pressure : pressures) {
        points.push_back(make_point(scenario, cores, speed, pressure));
      }
    }
  }
  return points;
}

}  // namespace pagepress::sim
