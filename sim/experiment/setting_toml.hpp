// SPDX-License-Identifier: Apache-2.0
// CompareConfig out of TOML, by its table of settings (settings.hpp). Private to sim/experiment.
// Limitation: a type that a setting can have is one of those of sim/config/toml_setting.hpp.
#pragma once

#include <filesystem>

#include "sim/config/toml_setting.hpp"
#include "sim/experiment/config.hpp"

namespace pagepress::sim {

// Throws ConfigError unless section and key of every node are in the table of settings.
void reject_unknown(const std::filesystem::path& file, const toml::table& root);

// Sets what `root` has; the other settings stay as they are. Throws ConfigError.
void read_settings(const std::filesystem::path& file, const toml::table& root,
                   CompareConfig& config);

}  // namespace pagepress::sim
