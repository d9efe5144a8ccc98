// SPDX-License-Identifier: Apache-2.0
// Settings: what a table of them says of each, and the error of one that cannot be used.
#pragma once

#include <stdexcept>
#include <string_view>

namespace pagepress::sim {

// A setting or a TOML file that cannot be used. what() names the key and, where
// it came from a file, the file and the line.
class ConfigError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What the table says of one setting.
struct SettingInfo {
  std::string_view section;  // TOML table
  std::string_view key;
  std::string_view provenance;  // of the default: "assumed", or empty: only says what was asked for
  std::string_view source;      // basis of the default
  double min = 0;               // inclusive range of numbers
  double max = 0;
};

}  // namespace pagepress::sim
