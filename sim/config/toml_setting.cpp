// SPDX-License-Identifier: Apache-2.0
#include "sim/config/toml_setting.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include <fmt/ranges.h>

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

std::string describe_type(const toml::node& node) {
  if (!node.is_array() || node.as_array()->empty()) return std::string(type_name(node));
  std::set<std::string_view> types;
  for (const toml::node& element : *node.as_array()) types.insert(type_name(element));
  return fmt::format("a list with {}", fmt::join(types, ", "));
}

toml::table parse_toml(const Path& file) {
  // Read here: toml++ does not say why a file cannot be read.
  std::ifstream stream(file, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  if (!stream || std::filesystem::is_directory(file)) {
    throw ConfigError(fmt::format("{}: cannot read the configuration", file.string()));
  }
  return parse_toml(file, text.str());
}

toml::table parse_toml(const Path& file, std::string_view text) {
  try {
    return toml::parse(text, file.string());
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
std::optional<int> read_value(const toml::node& node, int) {
  if (!node.is_integer()) return std::nullopt;
  // What an int cannot hold is out of any range, too.
  constexpr std::int64_t kLeast = std::numeric_limits<int>::min();
  constexpr std::int64_t kMost = std::numeric_limits<int>::max();
  return static_cast<int>(std::clamp(node.as_integer()->get(), kLeast, kMost));
}
std::optional<bool> read_value(const toml::node& node, bool) {
  if (!node.is_boolean()) return std::nullopt;
  return node.as_boolean()->get();
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

void reject_unknown_keys(const Path& file, std::string_view section, const toml::table& table,
                         std::span<const SettingInfo> known) {
  for (const auto& item : table) {
    const std::string_view key = item.first.str();
    std::string keys;
    bool found = false;
    for (const SettingInfo& info : known) {
      if (info.section != section) continue;
      found = found || info.key == key;
      keys += fmt::format("{}{}", keys.empty() ? "" : ", ", info.key);
    }
    if (!found) {
      throw ConfigError(fmt::format("{}unknown key '{}.{}' (known: {})", place(file, item.second),
                                    section, key, keys));
    }
  }
}

void reject_unknown(const Path& file, const toml::table& root, std::span<const SettingInfo> known) {
  for (const auto& entry : root) {  // no structured binding: lambdas capture the parts
    const std::string_view section = entry.first.str();
    const toml::node& node = entry.second;
    const toml::table* table = node.as_table();
    const bool section_known =
        std::any_of(known.begin(), known.end(),
                    [&](const SettingInfo& info) { return info.section == section; });
    if (!section_known) {
      throw ConfigError(fmt::format("{}unknown {} '{}'", place(file, node),
                                    table != nullptr ? "section" : "key", section));
    }
    if (table == nullptr) {
      throw ConfigError(fmt::format("{}'{}' must be a section, is {}", place(file, node), section,
                                    type_name(node)));
    }
    reject_unknown_keys(file, section, *table, known);
  }
}

}  // namespace pagepress::sim
