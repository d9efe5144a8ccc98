// SPDX-License-Identifier: Apache-2.0
// SweepConfig: what a sweep file says (docs/sweep.md): settings that hold for all points, as in
// compare's file, and the axes, each a setting with its values.
// Limitations: compare.files and every setting that is a number or a name can be an axis, but not
// what only measures CPU costs or names back ends.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/experiment/config.hpp"

namespace pagepress::sim {

class BackendTable;

struct AxisValue {
  nlohmann::json shown;  // as results.json has it
  std::function<void(CompareConfig&)> set;
};

struct Axis {
  std::string name;  // "engine.engines"
  std::vector<AxisValue> values;
};

struct SweepConfig {
  CompareConfig base;
  std::vector<Axis> axes;        // in the order of docs/compare.md's table
  bool skip_impossible = false;  // leave out combinations that cannot be; else they are an error
};

// Throws ConfigError, which names file, line and key: as load_toml() does, and for an axis without
// values, with a value twice, or of a setting that cannot be one. Back ends are engine:fast alone
// unless the file names others.
[[nodiscard]] SweepConfig load_sweep(const std::filesystem::path& file);

struct SweepPoint {
  nlohmann::json axes;  // name -> value
  CompareConfig config;
};
// "engine.engines = 4, queue.depth = 64"; of a sweep without axes "the only point".
[[nodiscard]] std::string describe(const SweepPoint& point);

struct SweepPoints {
  std::vector<SweepPoint> points;
  std::size_t skipped = 0;  // combinations left out
  std::string why_skipped;  // of the first of them
};

// The Cartesian product, the last axis fastest. Throws ConfigError, which names the point, if one
// cannot run; without page files; if nothing is left; for more than 100,000 points.
[[nodiscard]] SweepPoints make_points(const SweepConfig& sweep, const BackendTable& backends);
// With this program's back ends.
[[nodiscard]] SweepPoints make_points(const SweepConfig& sweep);

}  // namespace pagepress::sim
