// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/sweep_results.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "sim/experiment/machine.hpp"

namespace pagepress::sim {
namespace {

// Bytes a cycle of those that all match finders together could look at.
nlohmann::json engine_use(const nlohmann::json& backend) {
  const nlohmann::json& rate = backend.at("compress").at("bytes_per_cycle");
  const nlohmann::json& device = backend.at("device");
  if (rate.is_null() || device.is_null()) return nullptr;
  const double positions =
      device.at("engines").get<double>() * device.at("positions").get<double>();
  if (positions <= 0) return nullptr;
  return rate.get<double>() / positions;
}

// The looser of two provenances: a figure is no better than the worst that it stands for.
const nlohmann::json& looser(const nlohmann::json& a, const nlohmann::json& b) {
  constexpr std::array<std::string_view, 3> kOrder = {"measured", "simulated", "assumed"};
  const auto rank = [&](const nlohmann::json& kind) {
    return std::find(kOrder.begin(), kOrder.end(), kind.get<std::string>());
  };
  return rank(a) < rank(b) ? b : a;
}

}  // namespace

nlohmann::json point_outcome(const nlohmann::json& results) {
  nlohmann::json outcome = {{"backends", nlohmann::json::array()},
                            {"provenance", nlohmann::json::object()}};
  for (nlohmann::json backend : results.at("backends")) {
    for (const char* key : {"host", "files", "size_histogram", "latency_histogram"}) {
      backend.erase(key);
    }
    backend["decompress"].erase("latency_histogram");
    backend["engine_use"] = engine_use(backend);
    outcome["backends"].push_back(std::move(backend));
  }
  for (const auto& [pattern, kind] : results.at("provenance").items()) {
    if (!pattern.starts_with("backends")) continue;
    if (pattern.ends_with(".host") || pattern.ends_with("_histogram")) continue;
    outcome["provenance"][fmt::format("points[].{}", pattern)] = kind;
  }
  outcome["provenance"]["points[].backends[].engine_use"] = "simulated";
  return outcome;
}

nlohmann::json sweep_results(const SweepConfig& sweep, const SweepPoints& points,
                             const SweepInputs& inputs,
                             const std::vector<nlohmann::json>& outcomes) {
  nlohmann::json results = {{"schema", "pagepress.sweep/1"},
                            {"kind", "sweep"},
                            {"complete", true},
                            {"created", describe_creation(sweep.base.command)},
                            {"config", to_json(sweep.base)},
                            {"axes", nlohmann::json::array()},
                            {"skipped", points.skipped},
                            {"inputs", inputs.files()},
                            {"costs", inputs.costs()},
                            {"provenance", {{"inputs[]", "measured"}}},
                            {"points", nlohmann::json::array()},
                            {"host", {{"point_wall_s", nlohmann::json::array()}}}};
  results["created"]["program"] = describe_program();
  for (const Axis& axis : sweep.axes) {
    nlohmann::json values = nlohmann::json::array();
    for (const AxisValue& value : axis.values) values.push_back(value.shown);
    results["axes"].push_back({{"name", axis.name}, {"values", std::move(values)}});
  }
  nlohmann::json& provenance = results["provenance"];
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const nlohmann::json& outcome = outcomes[i];
    nlohmann::json point = {{"index", i}, {"axes", points.points[i].axes}};
    if (outcome.contains("error")) {
      results["complete"] = false;
      point["error"] = outcome["error"];
    } else {
      point["backends"] = outcome["backends"];
      for (const auto& [pattern, kind] : outcome["provenance"].items()) {
        provenance[pattern] =
            provenance.contains(pattern) ? looser(provenance[pattern], kind) : kind;
      }
    }
    results["points"].push_back(std::move(point));
    results["host"]["point_wall_s"].push_back(outcome["wall_s"]);
  }
  return results;
}

}  // namespace pagepress::sim
