// SPDX-License-Identifier: Apache-2.0
#include "bench/engine/design_space.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace pagepress::bench {
namespace {

using model::EngineConfig;

// Names as the RTL has them.
constexpr std::array<std::pair<const char*, unsigned EngineConfig::*>, 8> kParameters = {{
    {"W", &EngineConfig::w},
    {"BANKS", &EngineConfig::banks},
    {"WAYS", &EngineConfig::ways},
    {"ROWS", &EngineConfig::rows},
    {"LONG_ROWS", &EngineConfig::long_rows},
    {"NEAR", &EngineConfig::near},
    {"UNITS", &EngineConfig::units},
    {"STARTS", &EngineConfig::starts},
}};

DesignPoint read_point(const nlohmann::json& json) {
  DesignPoint point{json.at("name").get<std::string>(), {}};
  const nlohmann::json& parameters = json.at("parameters");
  for (const auto& [name, member] : kParameters) {
    point.config.*member = parameters.at(name).get<unsigned>();
  }
  for (const auto& item : parameters.items()) {
    if (std::none_of(kParameters.begin(), kParameters.end(),
                     [&](const auto& known) { return item.key() == known.first; })) {
      throw std::runtime_error(
          fmt::format("point {}: unknown parameter {}", point.name, item.key()));
    }
  }
  // The codec knows which geometries there are.
  try {
    (void)model::find_rows(std::vector<std::uint8_t>(model::kUnit), point.config);
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error(fmt::format("point {}: {}", point.name, error.what()));
  }
  return point;
}

}  // namespace

std::vector<DesignPoint> read_design_space(const std::filesystem::path& path) {
  try {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot be read");
    std::vector<DesignPoint> points;
    const nlohmann::json space = nlohmann::json::parse(file);
    for (const nlohmann::json& json : space.at("points")) {
      DesignPoint point = read_point(json);
      if (std::any_of(points.begin(), points.end(),
                      [&](const DesignPoint& other) { return other.name == point.name; })) {
        throw std::runtime_error(fmt::format("two points are named {}", point.name));
      }
      points.push_back(std::move(point));
    }
    if (points.empty()) throw std::runtime_error("no points");
    return points;
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("{}: {}", path.string(), error.what()));
  }
}

}  // namespace pagepress::bench
