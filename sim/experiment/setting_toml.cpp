// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/setting_toml.hpp"

#include <optional>
#include <string>
#include <vector>

#include "sim/experiment/queue_setup.hpp"
#include "sim/experiment/settings.hpp"

namespace pagepress::sim {

using Path = std::filesystem::path;

void reject_unknown(const Path& file, const toml::table& root) {
  const CompareConfig reference;
  std::vector<SettingInfo> known;
  for_each_setting(reference, [&](const SettingInfo& info, const auto&) { known.push_back(info); });
  reject_unknown(file, root, known);
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
