// SPDX-License-Identifier: Apache-2.0
// Energy of a run: time by power for what is busy or idle, bytes and pages by energy for what
// moves. docs/reclaim/cpu.md has the sources of the defaults.
// Limitations: one power a core kind, whatever it computes; no frequency scaling, no deep idle
// states, no temperature; nothing of the SoC beside cores, engine, DRAM, link and swap device.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

// Power and energy beside the cores' own (CoreKind).
struct EnergyConfig {
  double engine_active_mw = 50;    // an engine while it works on a unit
  double engine_idle_mw = 1;       // an engine while it does not
  double dram_pj_per_byte = 40;    // read or written
  double link_pj_per_byte = 4;     // in either direction
  double device_uj_per_page = 20;  // swap device, a page read or written
};

// What a run counted.
struct EnergyCounts {
  struct Core {
    Ns busy_ns = 0;
    double active_mw = 0;
    double idle_mw = 0;
  };
  Ns duration_ns = 0;
  std::vector<Core> cores;
  std::uint64_t engines = 0;
  Ns engine_busy_ns = 0;  // of all engines together
  std::uint64_t dram_bytes = 0;
  std::uint64_t link_bytes = 0;
  std::uint64_t device_pages = 0;
};

struct EnergyUse {  // mJ in the whole run
  double cpu = 0;
  double engine = 0;
  double dram = 0;
  double link = 0;
  double device = 0;
};

// Throws std::invalid_argument: something was busy for longer than the run lasted.
[[nodiscard]] EnergyUse energy_use(const EnergyCounts& counts, const EnergyConfig& config);

}  // namespace pagepress::reclaim
