// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/config.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "sim/experiment/setting_toml.hpp"
#include "sim/experiment/settings.hpp"

namespace pagepress::sim {

void load_toml(const std::filesystem::path& file, CompareConfig& config) {
  const toml::table root = parse_toml(file);
  reject_unknown(file, root);
  read_settings(file, root, config);
}

void check(const CompareConfig& config) {
  for_each_setting(config, [](const SettingInfo& info, const auto& value) {
    if (const std::string error = range_error(info, value); !error.empty()) {
      throw ConfigError(error);
    }
  });
  // Rings are indexed with a mask; match finders are 8, 16 or 32 wide.
  const auto power_of_two = [](std::string_view name, std::uint64_t value) {
    if ((value & (value - 1)) != 0) {
      throw ConfigError(fmt::format("{} must be a power of two, is {}", name, value));
    }
  };
  power_of_two("queue.fifo_entries", config.fifo_entries);
  power_of_two("queue.depth", config.depth);
  power_of_two("engine.w", config.w);
  if (config.batch > config.depth) {
    throw ImpossibleCombination(fmt::format("queue.batch ({}) must not exceed queue.depth ({})",
                                            config.batch, config.depth));
  }
  if (config.policy != "wait") {
    throw ConfigError(
        fmt::format("queue.policy: unknown policy '{}' (known: wait)", config.policy));
  }
  (void)config.link_config();
  (void)config.fault_plan();
  if (config.backends.empty()) throw ConfigError("compare.backends: no back end given");
  for (auto it = config.backends.begin(); it != config.backends.end(); ++it) {
    if (std::find(config.backends.begin(), it, *it) != it) {
      throw ConfigError(fmt::format("compare.backends: '{}' is given twice", *it));
    }
  }
}

nlohmann::json to_json(const CompareConfig& config) {
  // A value that is not the default was given by the user, whatever the table says.
  const CompareConfig defaults;
  std::vector<nlohmann::json> default_values;
  for_each_setting(defaults, [&](const SettingInfo&, const auto& field) {
    default_values.push_back(plain(field));
  });
  nlohmann::json json = nlohmann::json::object();
  std::size_t index = 0;
  for_each_setting(config, [&](const SettingInfo& info, const auto& field) {
    const nlohmann::json& default_value = default_values[index++];
    if (info.key == "files") return;     // `inputs` of the results has them
    if (info.section == "link") return;  // below
    const nlohmann::json value = plain(field);
    if (info.provenance.empty()) {
      json[std::string(info.section)][std::string(info.key)] = value;
      return;
    }
    const bool given = value != default_value;
    json[std::string(info.section)][std::string(info.key)] = {
        {"value", value},
        {"provenance", given ? "given" : std::string(info.provenance)},
        {"source", given ? "given by the user" : std::string(info.source)}};
  });
  const model::LinkConfig link = config.link_config();
  json["link"]["preset"] = link.preset;
  for (const model::LinkSetting& setting : model::describe(link)) {
    json["link"][setting.name] = {
        {"value", setting.value}, {"provenance", setting.provenance}, {"source", setting.source}};
  }
  return json;
}

std::optional<model::FaultPlan> CompareConfig::fault_plan() const {
  if (faults.empty()) return std::nullopt;
  try {
    return model::load_fault_plan(faults.string());
  } catch (const std::invalid_argument& error) {
    throw ConfigError(fmt::format("run.faults: {}", error.what()));
  }
}

model::LinkConfig CompareConfig::link_config() const {
  try {
    model::LinkConfig link = model::link_preset(link_preset);
    link.upstream_latency_ns = link_upstream_latency_ns.value_or(link.upstream_latency_ns);
    link.downstream_latency_ns = link_downstream_latency_ns.value_or(link.downstream_latency_ns);
    link.memory_latency_ns = link_memory_latency_ns.value_or(link.memory_latency_ns);
    link.upstream_bytes_per_ns = link_upstream_bytes_per_ns.value_or(link.upstream_bytes_per_ns);
    link.downstream_bytes_per_ns =
        link_downstream_bytes_per_ns.value_or(link.downstream_bytes_per_ns);
    model::validate(link);
    return link;
  } catch (const std::invalid_argument& error) {
    throw ConfigError(fmt::format("link: {}", error.what()));
  }
}

}  // namespace pagepress::sim
