// SPDX-License-Identifier: Apache-2.0
// The tables of settings as lists, for messages and unknown keys. Private to sim/reclaim/scenario.
#pragma once

#include <filesystem>
#include <string>
#include <type_traits>
#include <vector>

#include "sim/reclaim/scenario/element_settings.hpp"
#include "sim/reclaim/scenario/settings.hpp"

namespace pagepress::reclaim {

template <typename T>
inline constexpr bool kIsText =
    std::is_same_v<T, std::string> || std::is_same_v<T, std::filesystem::path>;

// Of a Scenario (without its lists), or of a list's element.
template <typename Config>
[[nodiscard]] std::vector<sim::SettingInfo> infos(const Config& config) {
  std::vector<sim::SettingInfo> known;
  const auto add = [&](const sim::SettingInfo& info, const auto&) { known.push_back(info); };
  if constexpr (std::is_same_v<Config, Scenario>) {
    for_each_setting(config, add);
  } else {
    for_each_element_setting(config, add);
  }
  return known;
}

}  // namespace pagepress::reclaim
