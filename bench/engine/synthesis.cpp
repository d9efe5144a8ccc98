// SPDX-License-Identifier: Apache-2.0
#include "bench/engine/synthesis.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace pagepress::bench {
namespace {

Synthesis read(const nlohmann::json& json) {
  return {json.at("cells").get<std::uint64_t>(), json.at("flops").get<std::uint64_t>(),
          json.at("memory_bits").get<std::uint64_t>(), json.at("levels").get<std::uint64_t>(),
          json.at("hash").get<std::string>()};
}

bool same_parameters(const nlohmann::json& json, const model::EngineConfig& config) {
  return json ==
         nlohmann::json{
             {"W", config.w},         {"BANKS", config.banks},         {"WAYS", config.ways},
             {"ROWS", config.rows},   {"LONG_ROWS", config.long_rows}, {"NEAR", config.near},
             {"UNITS", config.units}, {"STARTS", config.starts}};
}

}  // namespace

void add_synthesis(const std::filesystem::path& path, Figures& figures) {
  std::ifstream file(path);
  if (!file) return;
  try {
    const nlohmann::json all = nlohmann::json::parse(file).at("configurations");
    for (PointFigures& point : figures.points) {
      const auto found = all.find(point.point.name);
      if (found != all.end() && same_parameters(found->at("parameters"), point.point.config)) {
        point.synthesis = read(*found);
      }
    }
    if (const auto found = all.find("decompressor"); found != all.end()) {
      figures.decoder_synthesis = read(*found);
    }
  } catch (const std::exception& error) {
    throw std::runtime_error(fmt::format("{}: {}", path.string(), error.what()));
  }
}

}  // namespace pagepress::bench
