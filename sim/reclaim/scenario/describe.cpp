// SPDX-License-Identifier: Apache-2.0
// A scenario as results.json has it.
#include <fmt/format.h>

#include "sim/config/toml_setting.hpp"
#include "sim/reclaim/scenario/element_settings.hpp"
#include "sim/reclaim/scenario/load.hpp"
#include "sim/reclaim/scenario/settings.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;
using sim::SettingInfo;

template <typename T>
json describe(const Scenario& scenario, const std::string& name, const SettingInfo& info,
              const T& value) {
  const auto origin = scenario.origins.find(name);
  const bool own = origin != scenario.origins.end();
  return {{"value", sim::plain(value)},
          {"provenance", own                       ? origin->second.provenance
                         : info.provenance.empty() ? "assumed"
                                                   : std::string(info.provenance)},
          {"source", own ? origin->second.source : std::string(info.source)}};
}

}  // namespace

json to_json(const Scenario& scenario) {
  json settings = json::object();
  for_each_setting(scenario, [&](const SettingInfo& info, const auto& field) {
    settings[std::string(info.section)][std::string(info.key)] =
        describe(scenario, fmt::format("{}.{}", info.section, info.key), info, field);
  });
  for_each_list(scenario, [&](std::string_view section, const auto& list) {
    json elements = json::array();
    for (const auto& element : list) {
      json object = json::object();
      for_each_element_setting(element, [&](const SettingInfo& info, const auto& field) {
        const std::string name = fmt::format("{}.{}.{}", section, element.name, info.key);
        object[std::string(info.key)] = describe(scenario, name, info, field);
      });
      elements.push_back(std::move(object));
    }
    settings[std::string(section)] = std::move(elements);
  });
  return {{"name", scenario.name},
          {"description", scenario.description},
          {"settings", std::move(settings)}};
}

}  // namespace pagepress::reclaim
