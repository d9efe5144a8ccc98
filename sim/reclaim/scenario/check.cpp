// SPDX-License-Identifier: Apache-2.0
// Ranges and combinations of a scenario's settings.
#include <algorithm>
#include <array>
#include <bit>
#include <initializer_list>
#include <set>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "model/fault/fault_plan.hpp"
#include "model/link/link_config.hpp"
#include "sim/config/toml_setting.hpp"
#include "sim/reclaim/scenario/element_settings.hpp"
#include "sim/reclaim/scenario/load.hpp"
#include "sim/reclaim/scenario/settings.hpp"

namespace pagepress::reclaim {
namespace {

using sim::ConfigError;
using sim::SettingInfo;

constexpr std::uint64_t kMostPages = 1ull << 28;  // of all programs: PageId has 32 bits
constexpr std::uint64_t kMostThreads = 10'000;    // of all programs: each has a stack of its own
constexpr std::size_t kLongestName = 64;
constexpr std::string_view kNameCharacters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";

const auto kCheckRange = [](const SettingInfo& info, const auto& value) {
  if (const std::string error = sim::range_error(info, value); !error.empty()) {
    throw ConfigError(error);
  }
};

void known(std::string_view key, std::string_view value,
           std::initializer_list<std::string_view> names) {
  if (std::find(names.begin(), names.end(), value) != names.end()) return;
  throw ConfigError(
      fmt::format("{}: unknown value '{}' (known: {})", key, value, fmt::join(names, ", ")));
}

void check_names(std::string_view section, const auto& list) {
  std::set<std::string_view> names;
  for (const auto& element : list) {
    if (element.name.empty() || element.name.size() > kLongestName ||
        element.name.find_first_not_of(kNameCharacters) != std::string::npos) {
      throw ConfigError(fmt::format("{}: '{}' is no name: 1 to {} letters, digits, '-' and '_'",
                                    section, std::string_view(element.name).substr(0, kLongestName),
                                    kLongestName));
    }
    if (!names.insert(element.name).second) {
      throw ConfigError(fmt::format("{}: the name '{}' is there twice", section, element.name));
    }
  }
}

void check_core_kind(const Scenario& scenario, std::string_view key, const std::string& kind) {
  if (kind.empty()) return;
  std::vector<std::string_view> names;
  for (const CoreKind& cores : scenario.cpu.cores) names.push_back(cores.name);
  if (std::find(names.begin(), names.end(), kind) != names.end()) return;
  throw ConfigError(
      fmt::format("{}: there are no cores '{}' (known: {})", key, kind, fmt::join(names, ", ")));
}

void check_choices(const Scenario& scenario) {
  known("cpu.placement", scenario.cpu.placement, {"fastest", "slowest"});
  known("memory.lru", scenario.memory.lru, {"classic", "mglru"});
  known("store.kind", scenario.store.kind, {"zswap", "zram"});
  known("store.zsmalloc", scenario.store.zsmalloc, {"6.12", "6.1"});
  for (const auto& [key, value] : {std::pair{"memory.folio_pages", scenario.memory.folio_pages},
                                   std::pair{"engine.w", scenario.engine.w}}) {
    if (!std::has_single_bit(value)) {
      throw ConfigError(fmt::format("{} must be a power of two, is {}", key, value));
    }
  }
  if (scenario.store.zspage_chain != 0 && scenario.store.zspage_chain < 4) {
    throw ConfigError("store.zspage_chain must be 0, or between 4 and 16");
  }
  if (!scenario.cpu_codec.starts_with("cpu:")) {
    throw ConfigError(fmt::format("codec.cpu: '{}' is no CPU codec (cpu:lz4, cpu:lzo, cpu:zstd)",
                                  scenario.cpu_codec));
  }
}

// CPU time is summed by program, and by these.
constexpr std::array<std::string_view, 6> kGroups = {"kswapd", "kcompressd", "kworker",
                                                     "engine", "recording",  "run"};

// Where a switch takes a slice or more, tasks that wait for each other never get to work.
void check_slice(const SchedulerConfig& cpu) {
  double slowest = cpu.cores.front().speed;
  for (const CoreKind& kind : cpu.cores) slowest = std::min(slowest, kind.speed);
  const double longest = static_cast<double>(cpu.context_switch_ns) / slowest;
  if (static_cast<double>(cpu.slice_ns) > longest) return;
  throw ConfigError(fmt::format(
      "cpu.slice_ns ({}) must be more than a context switch takes on the slowest core, {:.0f} ns",
      cpu.slice_ns, longest));
}

void check_workload(const Scenario& scenario) {
  const WorkloadConfig& workload = scenario.workload;
  if (workload.programs.empty() && workload.recording.empty()) {
    throw ConfigError("program: no program given, and no workload.recording");
  }
  std::uint64_t pages = 0;
  std::uint64_t threads = 0;
  for (const ProgramConfig& program : workload.programs) {
    const std::string key = fmt::format("program.{}", program.name);
    check_core_kind(scenario, key + ".cores", program.cores);
    if (std::find(kGroups.begin(), kGroups.end(), program.name) != kGroups.end()) {
      throw ConfigError(
          fmt::format("{}: this name is the simulator's own ({})", key, fmt::join(kGroups, ", ")));
    }
    threads += program.count * program.threads;
    pages += program.count * (program.anon_mib + program.file_mib) * 256;
    if (program.end_s != 0 && program.end_s <= program.start_s) {
      throw ConfigError(fmt::format("{}: end_s must be after start_s", key));
    }
    const std::uint64_t own = (program.anon_mib + program.file_mib) * 256;
    if (program.busy_share == 0 && own < program.threads) {
      throw ConfigError(fmt::format("{}: {} threads have only {} pages (anon_mib, file_mib)", key,
                                    program.threads, own));
    }
  }
  if (pages > kMostPages) {
    throw ConfigError(fmt::format("program: {} pages in all are more than {}", pages, kMostPages));
  }
  if (threads == 0 && workload.recording.empty()) {
    throw ConfigError("program: every count is 0, and there is no workload.recording");
  }
  if (threads > kMostThreads) {
    throw ConfigError(
        fmt::format("program: {} threads in all are more than {}", threads, kMostThreads));
  }
  if (workload.zero_share >= 0 && workload.random_share >= 0 &&
      workload.zero_share + workload.random_share > 1) {
    throw ConfigError("workload.zero_share and workload.random_share are more than 1 together");
  }
  for (const auto& [key, share] : {std::pair{"zero_share", workload.zero_share},
                                   std::pair{"random_share", workload.random_share}}) {
    if (share < 0 && share != -1) {
      throw ConfigError(fmt::format("workload.{} must be -1, or between 0 and 1", key));
    }
  }
}

}  // namespace

void check(const Scenario& scenario) {
  for_each_setting(scenario, kCheckRange);
  for_each_list(scenario, [](std::string_view section, const auto& list) {
    check_names(section, list);
    for (const auto& element : list) for_each_element_setting(element, kCheckRange);
  });
  if (scenario.cpu.cores.empty()) throw ConfigError("cpu.cores: no core given");
  if (scenario.memory.zones.empty()) throw ConfigError("memory.zones: no zone given");
  check_choices(scenario);
  check_slice(scenario.cpu);
  check_core_kind(scenario, "memory.kswapd_cores", scenario.memory.kswapd_cores);
  check_workload(scenario);
  if (scenario.policies.empty()) throw ConfigError("run.policies: no policy given");
  try {
    (void)model::link_preset(scenario.engine.link_preset);
    if (!scenario.faults.empty()) (void)model::load_fault_plan(scenario.faults.string());
  } catch (const std::invalid_argument& error) {
    throw ConfigError(error.what());
  }
}

}  // namespace pagepress::reclaim
