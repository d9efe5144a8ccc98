// SPDX-License-Identifier: Apache-2.0
// Scenarios: those that are shipped (sim/reclaim/scenario/shipped, built in) and users' TOML files.
//
// A setting is `key = value`, or `key = {value = ..., source = "..."}` with the basis of the value;
// numbers of shipped scenarios must have one. `base = "handheld"` begins a file with the settings
// of a shipped scenario: an element of a list ([[cpu.cores]], [[memory.zones]], [[program]])
// changes the base's of that name, or is added; a program with count = 0 is left out.
// docs/reclaim/scenarios.md has every setting. Limitation: a base is a shipped scenario, no file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/config/setting.hpp"
#include "sim/reclaim/scenario.hpp"

namespace pagepress::reclaim {

// A shipped scenario's name, or a path (it has a '/' or ends in ".toml"). Not yet check()ed: ranges
// are, combinations are not. Throws sim::ConfigError, which names file, line, key and range.
[[nodiscard]] Scenario load_scenario(std::string_view name_or_path);

// "memory.swappiness=100"; of a list's element, by its name: "program.app.zipf=0.5",
// "cpu.cores.big.count=2". Values as in TOML; texts without quotes. Throws sim::ConfigError.
void apply_override(Scenario& scenario, std::string_view text);

// Ranges and combinations; not the policies, which make_policy() and parse_policy() check. Throws
// sim::ConfigError.
void check(const Scenario& scenario);

// { name, description, settings: { section: { key: {value, provenance, source} } } }; of the lists
// an array of such objects each, as sections "cpu.cores", "memory.zones", "program".
[[nodiscard]] nlohmann::json to_json(const Scenario& scenario);

struct ScenarioName {
  std::string name;
  std::string summary;  // one line
};
// Those that are shipped, for help.
[[nodiscard]] std::vector<ScenarioName> scenario_names();

}  // namespace pagepress::reclaim
