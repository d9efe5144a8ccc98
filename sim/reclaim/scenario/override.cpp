// SPDX-License-Identifier: Apache-2.0
// One setting of a scenario from the command line.
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/config/toml_setting.hpp"
#include "sim/reclaim/scenario/load.hpp"
#include "sim/reclaim/scenario/setting_list.hpp"

namespace pagepress::reclaim {
namespace {

using sim::ConfigError;
using sim::SettingInfo;

// The value of an override, as TOML. `text` alone must be the value, nothing else.
toml::table parse_value(const std::string& name, const std::string& text, std::string_view wanted) {
  try {
    toml::table table = toml::parse("value = " + text + "\n");
    if (table.size() == 1 && !table["value"].is_table()) return table;
  } catch (const toml::parse_error&) {
    // Said below.
  }
  throw ConfigError(
      fmt::format("{}: '{}' is no value; it must be {}, as in TOML", name, text, wanted));
}

template <typename T>
void set_field(Scenario& scenario, const std::string& name, const SettingInfo& info,
               const std::string& text, T& field) {
  if constexpr (kIsText<T>) {
    field = text;
  } else {
    const toml::table table = parse_value(name, text, sim::wanted(field));
    field = sim::read_setting_at(name + ": ", info, *table.get("value"), field);
  }
  scenario.origins[name] = {"given", "given on the command line"};
}

// "program.app" out of "program.app.zipf".
std::string_view section_of(std::string_view name) { return name.substr(0, name.rfind('.')); }

bool set_scalar(Scenario& scenario, const std::string& name, const std::string& text) {
  bool done = false;
  for_each_setting(scenario, [&](const SettingInfo& info, auto& field) {
    if (name != fmt::format("{}.{}", info.section, info.key)) return;
    set_field(scenario, name, info, text, field);
    done = true;
  });
  return done;
}

bool set_in_list(Scenario& scenario, const std::string& name, const std::string& text) {
  bool done = false;
  for_each_list(scenario, [&](std::string_view section, auto& list) {
    for (auto& element : list) {
      if (section_of(name) != fmt::format("{}.{}", section, element.name)) continue;
      for_each_element_setting(element, [&](const SettingInfo& info, auto& field) {
        if (info.key == "name" || !name.ends_with(fmt::format(".{}", info.key))) return;
        set_field(scenario, name, info, text, field);
        done = true;
      });
    }
  });
  return done;
}

// What `name` could have been.
std::string known_names(const Scenario& scenario, std::string_view name) {
  std::vector<std::string> names;
  for_each_setting(scenario, [&](const SettingInfo& info, const auto&) {
    if (info.section == section_of(name)) names.emplace_back(info.key);
  });
  for_each_list(scenario, [&](std::string_view section, const auto& list) {
    for (const auto& element : list) {
      if (section_of(name) != fmt::format("{}.{}", section, element.name)) {
        if (name.starts_with(fmt::format("{}.", section))) {
          names.push_back(fmt::format("{}.{}.*", section, element.name));
        }
        continue;
      }
      for (const SettingInfo& info : infos(element)) names.emplace_back(info.key);
    }
  });
  if (names.empty()) return "docs/reclaim/scenarios.md has all settings";
  return fmt::format("known: {}", fmt::join(names, ", "));
}

}  // namespace

void apply_override(Scenario& scenario, std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    throw ConfigError(fmt::format("'{}' is no KEY=VALUE", text));
  }
  const std::string name(text.substr(0, equals));
  const std::string value(text.substr(equals + 1));
  if (set_scalar(scenario, name, value) || set_in_list(scenario, name, value)) return;
  throw ConfigError(
      fmt::format("there is no setting '{}' ({})", name, known_names(scenario, name)));
}

}  // namespace pagepress::reclaim
