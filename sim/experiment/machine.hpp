// SPDX-License-Identifier: Apache-2.0
// `created` of results.json: what made a result, and on which machine.
// Limitation: Linux on x86 or Arm; a CPU without a name is "unknown".
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace pagepress::sim {

// "AMD EPYC", as /proc/cpuinfo has it.
[[nodiscard]] std::string cpu_model();

// This program: its version and a hash of its file, so of everything that was built into it.
[[nodiscard]] nlohmann::json describe_program();

[[nodiscard]] nlohmann::json describe_creation(const std::vector<std::string>& command);

}  // namespace pagepress::sim
