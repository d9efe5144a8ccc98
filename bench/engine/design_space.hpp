// SPDX-License-Identifier: Apache-2.0
// The design points that bench_engine measures: design_space.json, or a file like it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "model/codec/lz4_engine.hpp"

namespace pagepress::bench {

struct DesignPoint {
  std::string name;
  model::EngineConfig config;
};

// The first point is the default engine. Throws std::runtime_error, which names the file and what
// is wrong with it: unreadable, no JSON, a parameter missing or unknown, a geometry that the
// engine does not have, two points of one name.
[[nodiscard]] std::vector<DesignPoint> read_design_space(const std::filesystem::path& path);

}  // namespace pagepress::bench
