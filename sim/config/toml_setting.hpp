// SPDX-License-Identifier: Apache-2.0
// Settings out of TOML: one value at a time, checked against the table of settings, with errors
// that name file, line and key. Tables of settings are elsewhere (sim/experiment, sim/reclaim).
// Limitation: a type that a setting can have is one of the overloads below.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <toml++/toml.h>
#include <nlohmann/json.hpp>

#include "sim/config/setting.hpp"

namespace pagepress::sim {

// Throws ConfigError: unreadable, or no TOML.
[[nodiscard]] toml::table parse_toml(const std::filesystem::path& file);
// Of a text that errors call `file`.
[[nodiscard]] toml::table parse_toml(const std::filesystem::path& file, std::string_view text);

// "FILE:LINE: " of a TOML node, as compilers write it.
[[nodiscard]] std::string place(const std::filesystem::path& file, const toml::node& node);

// "an integer": what a node is, for messages.
[[nodiscard]] std::string_view type_name(const toml::node& node);

// Of a list also what is in it: "a list with a string, an integer".
[[nodiscard]] std::string describe_type(const toml::node& node);

// Throws ConfigError unless section and key of every node are among `known`.
void reject_unknown(const std::filesystem::path& file, const toml::table& root,
                    std::span<const SettingInfo> known);

// Throws ConfigError unless every key of `table` is a setting of `section` among `known`.
void reject_unknown_keys(const std::filesystem::path& file, std::string_view section,
                         const toml::table& table, std::span<const SettingInfo> known);

// One value out of TOML; nullopt: wrong type.
[[nodiscard]] std::optional<std::string> read_value(const toml::node& node, const std::string&);
[[nodiscard]] std::optional<std::filesystem::path> read_value(const toml::node& node,
                                                              const std::filesystem::path&);
[[nodiscard]] std::optional<std::uint64_t> read_value(const toml::node& node, std::uint64_t);
[[nodiscard]] std::optional<int> read_value(const toml::node& node, int);
[[nodiscard]] std::optional<bool> read_value(const toml::node& node, bool);
[[nodiscard]] std::optional<double> read_value(const toml::node& node, double);
[[nodiscard]] std::optional<std::optional<double>> read_value(const toml::node& node,
                                                              std::optional<double>);
template <typename T>
[[nodiscard]] std::optional<std::vector<T>> read_value(const toml::node& node,
                                                       const std::vector<T>&) {
  if (!node.is_array()) return std::nullopt;
  std::vector<T> values;
  for (const toml::node& element : *node.as_array()) {
    std::optional<T> value = read_value(element, T{});
    if (!value) return std::nullopt;
    values.push_back(std::move(*value));
  }
  return values;
}

// What read_value() takes, for messages.
template <typename T>
[[nodiscard]] std::string_view wanted(const T&) {
  using Path = std::filesystem::path;
  if constexpr (std::is_same_v<T, std::string> || std::is_same_v<T, Path>) return "a string";
  if constexpr (std::is_same_v<T, std::uint64_t> || std::is_same_v<T, int>) return "an integer";
  if constexpr (std::is_same_v<T, bool>) return "true or false";
  if constexpr (std::is_same_v<T, double> || std::is_same_v<T, std::optional<double>>) {
    return "a number";
  }
  if constexpr (std::is_same_v<T, std::vector<std::uint64_t>>) return "a list of integers";
  if constexpr (std::is_same_v<T, std::vector<double>>) return "a list of numbers";
  return "a list of strings";
}

// Why a value is out of its range; empty: it is not.
template <typename T>
[[nodiscard]] std::string range_error(const SettingInfo& info, const T& value) {
  if constexpr (std::is_same_v<T, std::optional<double>>) {
    return value ? range_error(info, *value) : std::string();
  } else if constexpr (std::is_same_v<T, std::vector<std::uint64_t>> ||
                       std::is_same_v<T, std::vector<double>>) {
    for (const auto element : value) {
      if (std::string error = range_error(info, element); !error.empty()) return error;
    }
  } else if constexpr (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) {
    const double number = static_cast<double>(value);
    if (!(number >= info.min && number <= info.max)) {
      return fmt::format("{}.{} must be between {} and {}", info.section, info.key, info.min,
                         info.max);
    }
  }
  return {};
}

// The value of a setting, of the type that `like` has; `where` begins messages. Throws ConfigError.
template <typename T>
[[nodiscard]] T read_setting_at(const std::string& where, const SettingInfo& info,
                                const toml::node& node, const T& like) {
  std::optional<T> value = read_value(node, like);
  if (!value) {
    throw ConfigError(fmt::format("{}{}.{} must be {}, is {}", where, info.section, info.key,
                                  wanted(like), describe_type(node)));
  }
  if (const std::string error = range_error(info, *value); !error.empty()) {
    throw ConfigError(where + error);
  }
  return std::move(*value);
}

// Of a file: `where` is its name and the line.
template <typename T>
[[nodiscard]] T read_setting(const std::filesystem::path& file, const SettingInfo& info,
                             const toml::node& node, const T& like) {
  return read_setting_at(place(file, node), info, node, like);
}

// As results.json has it.
[[nodiscard]] nlohmann::json plain(const std::filesystem::path& path);
[[nodiscard]] nlohmann::json plain(const std::vector<std::filesystem::path>& paths);
[[nodiscard]] nlohmann::json plain(const std::optional<double>& value);
template <typename T>
[[nodiscard]] nlohmann::json plain(const T& value) {
  return value;
}

}  // namespace pagepress::sim
