// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/setting_toml.hpp"

#include <fstream>
#include <sstream>

#include "sim/experiment/queue_setup.hpp"
#include "sim/experiment/settings.hpp"

namespace pagepress::sim {
namespace {

using Path = std::filesystem::path;

std::string place(const Path& file, const toml::source_region& region) {
  return fmt::format("{}:{}: ", file.string(), region.begin.line);
}

}  // namespace

std::string place(const Path& file, const toml::node& node) { return place(file, node.source()); }

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

toml::table parse_toml(const Path& file) {
  // Read here: toml++ does not say why a file cannot be read.
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream || std::filesystem::is_directory(file)) {
    throw ConfigError(fmt::format("{}: cannot read the configuration", file.string()));
  }
  try {
    return toml::parse(text.str(), file.string());
  } catch (const toml::parse_error& error) {
    throw ConfigError(
        fmt::format("{}{}", place(file, error.source()), std::string(error.description())));
  }
}

std::optional<std::string> read_value(const toml::node& node, const std::string&) {
  if (!node.is_string()) return std::nullopt;
  return node.as_string()->get();
}
std::optional<Path> read_value(const toml::node& node, const Path&) {
  if (!node.is_string()) return std::nullopt;
  return Path(node.as_string()->get());
}
std::optional<std::uint64_t> read_value(const toml::node& node, std::uint64_t) {
  // A negative number is of the right type; it becomes a value that no range holds.
  if (!node.is_integer()) return std::nullopt;
  const std::int64_t value = node.as_integer()->get();
  return value < 0 ? UINT64_MAX : static_cast<std::uint64_t>(value);
}
std::optional<double> read_value(const toml::node& node, double) {
  if (node.is_integer()) return static_cast<double>(node.as_integer()->get());
  if (!node.is_floating_point()) return std::nullopt;
  return node.as_floating_point()->get();
}
std::optional<std::optional<double>> read_value(const toml::node& node, std::optional<double>) {
  const std::optional<double> value = read_value(node, 0.0);
  if (!value) return std::nullopt;
  return std::optional<std::optional<double>>(value);
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
      throw ConfigError(fmt::format("{}unknown {} '{}'", place(file, node),
                                    table != nullptr ? "section" : "key", section));
    }
    if (table == nullptr) {
      throw ConfigError(fmt::format("{}'{}' must be a section, is {}", place(file, node), section,
                                    type_name(node)));
    }
    for (const auto& item : *table) {
      const std::string_view key = item.first.str();
      bool known = false;
      for_each_setting(reference, [&](const SettingInfo& info, const auto&) {
        known = known || (info.section == section && info.key == key);
      });
      if (!known) {
        throw ConfigError(fmt::format("{}unknown key '{}.{}' (known: {})", place(file, item.second),
                                      section, key, keys));
      }
    }
  }
}

void read_settings(const Path& file, const toml::table& root, CompareConfig& config) {
  // First the shape with all that belongs to it: what else the file has differs from that.
  if (const auto shape = root["queue"]["shape"].value<std::string>()) {
    config.shape = *shape;
    apply_shape(config);
  }
  for_each_setting(config, [&](const SettingInfo& info, auto& field) {
    const toml::node_view<const toml::node> view = root[info.section][info.key];
    if (view) field = read_setting(file, info, *view.node(), field);
  });
}

}  // namespace pagepress::sim
