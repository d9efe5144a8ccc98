// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/config.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "sim/experiment/settings.hpp"

namespace pagepress::sim {
namespace {

using Path = std::filesystem::path;

// "FILE:LINE: " of a TOML node, as compilers write it.
std::string place(const Path& file, const toml::source_region& region) {
  return fmt::format("{}:{}: ", file.string(), region.begin.line);
}

std::string_view type_name(const toml::node& node) {
  switch (node.type()) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "a list";
    case toml::node_type::string:
      return "a string";
    case toml::node_type::integer:
      return "an integer";
    case toml::node_type::floating_point:
      return "a number with a fraction";
    case toml::node_type::boolean:
      return "true or false";
    default:
      return "a date or time";
  }
}

// One value out of TOML; nullopt: wrong type.
std::optional<std::string> read(const toml::node& node, const std::string&) {
  if (!node.is_string()) return std::nullopt;
  return node.as_string()->get();
}
std::optional<Path> read(const toml::node& node, const Path&) {
  if (!node.is_string()) return std::nullopt;
  return Path(node.as_string()->get());
}
std::optional<std::uint64_t> read(const toml::node& node, std::uint64_t) {
  // A negative number is of the right type; it becomes a value that no range holds.
  if (!node.is_integer()) return std::nullopt;
  const std::int64_t value = node.as_integer()->get();
  return value < 0 ? UINT64_MAX : static_cast<std::uint64_t>(value);
}
std::optional<double> read(const toml::node& node, double) {
  if (node.is_integer()) return static_cast<double>(node.as_integer()->get());
  if (!node.is_floating_point()) return std::nullopt;
  return node.as_floating_point()->get();
}
std::optional<std::optional<double>> read(const toml::node& node, std::optional<double>) {
  const std::optional<double> value = read(node, 0.0);
  if (!value) return std::nullopt;
  return std::optional<std::optional<double>>(value);
}
template <typename T>
std::optional<std::vector<T>> read(const toml::node& node, const std::vector<T>&) {
  if (!node.is_array()) return std::nullopt;
  std::vector<T> values;
  for (const toml::node& element : *node.as_array()) {
    std::optional<T> value = read(element, T{});
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

std::string_view wanted(const std::string&) { return "a string"; }
std::string_view wanted(const Path&) { return "a string"; }
std::string_view wanted(std::uint64_t) { return "an integer"; }
std::string_view wanted(double) { return "a number"; }
std::string_view wanted(std::optional<double>) { return "a number"; }
template <typename T>
std::string_view wanted(const std::vector<T>&) {
  return "a list of strings";
}

// Why a value is out of its range; empty: it is not.
template <typename T>
std::string range_error(const SettingInfo& info, const T& value) {
  if constexpr (std::is_same_v<T, std::optional<double>>) {
    return value ? range_error(info, *value) : std::string();
  } else if constexpr (std::is_arithmetic_v<T>) {
    const double number = static_cast<double>(value);
    if (!(number >= info.min && number <= info.max)) {
      return fmt::format("{}.{} must be between {} and {}", info.section, info.key, info.min,
                         info.max);
    }
  }
  return {};
}

nlohmann::json plain(const Path& path) {
  return path.empty() ? nlohmann::json() : nlohmann::json(path.string());
}
nlohmann::json plain(const std::vector<Path>& paths) {
  nlohmann::json list = nlohmann::json::array();
  for (const Path& path : paths) list.push_back(path.string());
  return list;
}
nlohmann::json plain(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}
template <typename T>
nlohmann::json plain(const T& value) {
  return value;
}

// The section and key of every node must be in the table of settings.
void reject_unknown(const Path& file, const toml::table& root) {
  const CompareConfig reference;
  for (const auto& entry : root) {  // no structured binding: lambdas capture the parts
    const std::string_view section = entry.first.str();
    const toml::node& node = entry.second;
    const toml::table* table = node.as_table();
    bool section_known = false;
    std::string keys;
    for_each_setting(reference, [&](const SettingInfo& info, const auto&) {
      if (info.section != section) return;
      section_known = true;
      keys += fmt::format("{}{}", keys.empty() ? "" : ", ", info.key);
    });
    if (!section_known) {
      throw ConfigError(fmt::format("{}unknown {} '{}'", place(file, node.source()),
                                    table != nullptr ? "section" : "key", section));
    }
    if (table == nullptr) {
      throw ConfigError(fmt::format("{}'{}' must be a section, is {}", place(file, node.source()),
                                    section, type_name(node)));
    }
    for (const auto& item : *table) {
      const std::string_view key = item.first.str();
      bool known = false;
      for_each_setting(reference, [&](const SettingInfo& info, const auto&) {
        known = known || (info.section == section && info.key == key);
      });
      if (!known) {
        throw ConfigError(fmt::format("{}unknown key '{}.{}' (known: {})",
                                      place(file, item.second.source()), section, key, keys));
      }
    }
  }
}

}  // namespace

void load_toml(const Path& file, CompareConfig& config) {
  // Read here: toml++ does not say why a file cannot be read.
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream || std::filesystem::is_directory(file)) {
    throw ConfigError(fmt::format("{}: cannot read the configuration", file.string()));
  }
  toml::table root;
  try {
    root = toml::parse(text.str(), file.string());
  } catch (const toml::parse_error& error) {
    throw ConfigError(
        fmt::format("{}{}", place(file, error.source()), std::string(error.description())));
  }
  reject_unknown(file, root);
  for_each_setting(config, [&](const SettingInfo& info, auto& field) {
    const toml::node_view<toml::node> view = root[info.section][info.key];
    if (!view) return;
    const toml::node& node = *view.node();
    auto value = read(node, field);
    if (!value) {
      throw ConfigError(fmt::format("{}{}.{} must be {}, is {}", place(file, node.source()),
                                    info.section, info.key, wanted(field), type_name(node)));
    }
    if (const std::string error = range_error(info, *value); !error.empty()) {
      throw ConfigError(place(file, node.source()) + error);
    }
    field = std::move(*value);
  });
}

void check(const CompareConfig& config) {
  for_each_setting(config, [](const SettingInfo& info, const auto& value) {
    if (const std::string error = range_error(info, value); !error.empty()) {
      throw ConfigError(error);
    }
  });
  // Rings are indexed with a mask.
  const auto power_of_two = [](std::string_view key, std::uint64_t value) {
    if ((value & (value - 1)) != 0) {
      throw ConfigError(fmt::format("queue.{} must be a power of two, is {}", key, value));
    }
  };
  power_of_two("fifo_entries", config.fifo_entries);
  power_of_two("depth", config.depth);
  if (config.batch > config.depth) {
    throw ConfigError(fmt::format("queue.batch ({}) must not exceed queue.depth ({})", config.batch,
                                  config.depth));
  }
  if (config.policy != "wait") {
    throw ConfigError(
        fmt::format("queue.policy: unknown policy '{}' (known: wait)", config.policy));
  }
  (void)config.link_config();
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
