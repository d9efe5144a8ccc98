// SPDX-License-Identifier: Apache-2.0
// The arguments of `pagepress compare` that are settings: one for every key of
// its TOML file (a test holds the two together).
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "sim/experiment/config.hpp"

namespace pagepress::app {

// Adds -c CONFIG and a flag for each setting of `config`. While the command
// line is parsed CONFIG is loaded first, wherever it stands, and flags override
// it. Parsing then throws sim::ConfigError, too.
void add_compare_flags(CLI::App& command, const std::shared_ptr<sim::CompareConfig>& config);

}  // namespace pagepress::app
