// SPDX-License-Identifier: Apache-2.0
// Settings of what a scenario has several of: kinds of cores, zones, programs. Part of
// settings.hpp.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>

#include "sim/config/setting.hpp"
#include "sim/reclaim/scenario.hpp"

namespace pagepress::reclaim {

// T, or const T.
template <typename Element, typename T>
concept MaybeConst = std::same_as<std::remove_const_t<Element>, T>;

// [[cpu.cores]]
template <MaybeConst<CoreKind> Element, typename Visitor>
void for_each_element_setting(Element& kind, Visitor&& visit) {
  using Info = sim::SettingInfo;
  visit(Info{"cpu.cores", "name", "", ""}, kind.name);
  visit(Info{"cpu.cores", "count", "assumed", "one", 1, 1024}, kind.count);
  visit(Info{"cpu.cores", "speed", "assumed", "as the core whose codec costs were measured", 0.01,
             100},
        kind.speed);
  visit(Info{"cpu.cores", "active_mw", "assumed", "0: not counted", 0, 1e6}, kind.active_mw);
  visit(Info{"cpu.cores", "idle_mw", "assumed", "0: not counted", 0, 1e6}, kind.idle_mw);
}

// [[memory.zones]]
template <MaybeConst<ZoneConfig> Element, typename Visitor>
void for_each_element_setting(Element& zone, Visitor&& visit) {
  using Info = sim::SettingInfo;
  visit(Info{"memory.zones", "name", "", ""}, zone.name);
  visit(
      Info{"memory.zones", "managed_mib", "assumed", "small, to be simulated in seconds", 1, 65536},
      zone.managed_mib);
}

// [[program]]
template <MaybeConst<ProgramConfig> Element, typename Visitor>
void for_each_element_setting(Element& program, Visitor&& visit) {
  using Info = sim::SettingInfo;
  constexpr double kS = 3600;
  visit(Info{"program", "name", "", ""}, program.name);
  visit(Info{"program", "count", "assumed", "one", 0, 1000}, program.count);
  visit(Info{"program", "threads", "assumed", "one", 1, 1000}, program.threads);
  visit(Info{"program", "anon_mib", "assumed", "a small program", 0, 65536}, program.anon_mib);
  visit(Info{"program", "file_mib", "assumed", "no files", 0, 65536}, program.file_mib);
  visit(Info{"program", "start_s", "assumed", "with the run", 0, kS}, program.start_s);
  visit(Info{"program", "stagger_s", "assumed", "all at once", 0, kS}, program.stagger_s);
  visit(Info{"program", "end_s", "assumed", "0: stays to the end", 0, kS}, program.end_s);
  visit(Info{"program", "zipf", "assumed",
             "0.9: between the 0.6 to 1.0 that caches' and stores' traces show (Breslau et al., "
             "INFOCOM 1999: 0.64 to 0.83; YCSB's default: 0.99)",
             0, 3},
        program.zipf);
  visit(
      Info{"program", "write_share", "assumed", "loads and stores of programs: about 2 to 1", 0, 1},
      program.write_share);
  visit(Info{"program", "touches_per_s", "assumed",
             "pages, not accesses: a page's further accesses are in its CPU time", 0, 1e8},
        program.touches_per_s);
  visit(Info{"program", "touch_cpu_ns", "assumed", "a few cache misses of a page", 0, 1e6},
        program.touch_cpu_ns);
  visit(Info{"program", "populate", "assumed", "a launch initialises its memory"},
        program.populate);
  visit(Info{"program", "populate_pages_per_ms", "assumed", "0: as fast as it gets", 0, 1e6},
        program.populate_pages_per_ms);
  visit(Info{"program", "busy_share", "assumed", "0: it accesses memory instead", 0, 1},
        program.busy_share);
  visit(Info{"program", "nice", "assumed", "the default", -20, 19}, program.nice);
  visit(Info{"program", "cores", "assumed", "empty: any"}, program.cores);
}

// Calls visit(section, list) for each list.
template <typename Config, typename Visitor>
void for_each_list(Config& scenario, Visitor&& visit) {
  visit(std::string_view("cpu.cores"), scenario.cpu.cores);
  visit(std::string_view("memory.zones"), scenario.memory.zones);
  visit(std::string_view("program"), scenario.workload.programs);
}

}  // namespace pagepress::reclaim
