// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/config.hpp"

#include <algorithm>
#include <initializer_list>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pagepress/vfio.hpp>

#include "sim/experiment/queue_setup.hpp"
#include "sim/experiment/setting_toml.hpp"
#include "sim/experiment/settings.hpp"

namespace pagepress::sim {
namespace {

// The values of all settings, in the order of the table.
std::vector<nlohmann::json> plain_values(const CompareConfig& config) {
  std::vector<nlohmann::json> values;
  for_each_setting(config,
                   [&](const SettingInfo&, const auto& field) { values.push_back(plain(field)); });
  return values;
}

// What only one kind of time knows must not be given with the other.
void check_time(const CompareConfig& config) {
  const auto known = [](std::string_view key, const std::string& value,
                        std::initializer_list<std::string_view> names) {
    if (std::find(names.begin(), names.end(), value) != names.end()) return;
    throw ConfigError(
        fmt::format("{}: unknown value '{}' (known: {})", key, value, fmt::join(names, ", ")));
  };
  known("run.time", config.time, {"simulated", "real"});
  const std::vector<nlohmann::json> defaults = plain_values(CompareConfig());
  const auto refuse = [&](const SettingInfo& info, const nlohmann::json& value) {
    throw ImpossibleCombination(fmt::format("{}.{} = {} cannot be had with run.time = \"{}\"",
                                            info.section, info.key, value.dump(), config.time));
  };
  std::size_t index = 0;
  for_each_setting(config, [&](const SettingInfo& info, const auto& field) {
    const nlohmann::json value = plain(field);
    if (value == defaults[index++]) return;
    if (config.real_time() && only_simulated(info)) refuse(info, value);
  });
}

void check_bus(const CompareConfig& config) {
  const std::optional<RemoteBus> remote = config.remote_bus();
  if (config.bus != "in-process" && (!remote || remote->target.empty())) {
    throw ConfigError(
        fmt::format("run.bus: unknown bus '{}' (known: {})", config.bus, kKnownBuses));
  }
  if (remote && !config.real_time()) {
    throw ImpossibleCombination(
        fmt::format("run.bus = \"{}\" needs run.time = \"real\": a device outside of this process "
                    "does not wait for simulated time",
                    config.bus));
  }
  if (remote && remote->kind == "vfio") {
    try {
      (void)parse_vfio_target(remote->target);
    } catch (const std::invalid_argument& error) {
      throw ConfigError(fmt::format("run.bus: {}", error.what()));
    }
  }
}

}  // namespace

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
  check_queue(config);
  check_time(config);
  check_bus(config);
  (void)config.link_config();
  (void)config.fault_plan();
  if (config.backends.empty()) throw ConfigError("compare.backends: no back end given");
  for (auto it = config.backends.begin(); it != config.backends.end(); ++it) {
    if (std::find(config.backends.begin(), it, *it) != it) {
      throw ConfigError(fmt::format("compare.backends: '{}' is given twice", *it));
    }
  }
}

std::optional<RemoteBus> CompareConfig::remote_bus() const {
  const std::size_t colon = bus.find(':');
  if (colon == std::string::npos) return std::nullopt;
  RemoteBus remote{.kind = bus.substr(0, colon), .target = bus.substr(colon + 1)};
  if (remote.kind != "vfio-user" && remote.kind != "vfio") return std::nullopt;
  return remote;
}

nlohmann::json to_json(const CompareConfig& config) {
  // A value that is not the default was given by the user, whatever the table says.
  CompareConfig shaped;  // the defaults of the queue's shape
  shaped.shape = config.shape;
  apply_shape(shaped);
  const std::vector<nlohmann::json> default_values = plain_values(CompareConfig());
  const std::vector<nlohmann::json> shaped_values = plain_values(shaped);
  nlohmann::json json = nlohmann::json::object();
  std::size_t index = 0;
  for_each_setting(config, [&](const SettingInfo& info, const auto& field) {
    const nlohmann::json& shaped_value = shaped_values[index];
    const nlohmann::json& default_value = default_values[index++];
    if (info.key == "files") return;     // `inputs` of the results has them
    if (info.section == "link") return;  // below
    if (config.real_time() && only_simulated(info)) return;
    const nlohmann::json value = plain(field);
    if (info.provenance.empty()) {
      json[std::string(info.section)][std::string(info.key)] = value;
      return;
    }
    const bool given = value != default_value && (value != shaped_value || info.key == "shape");
    const bool of_shape = !given && value != default_value;
    json[std::string(info.section)][std::string(info.key)] = {
        {"value", value},
        {"provenance", given ? "given" : std::string(info.provenance)},
        {"source", given      ? "given by the user"
                   : of_shape ? std::string(queue_shape(config.shape).source)
                              : std::string(info.source)}};
  });
  if (config.real_time()) return json;
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

bool CompareConfig::expects_faults() const {
  const std::optional<model::FaultPlan> plan = fault_plan();
  return plan && !plan->faults.empty();
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
