// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/stats/energy.hpp"

#include <stdexcept>
#include <string_view>

#include <fmt/format.h>

namespace pagepress::reclaim {
namespace {

constexpr double kMjPerPj = 1e-9;  // 1 mW for 1 ns is 1 pJ
constexpr double kMjPerUj = 1e-3;

double millijoules(Ns busy, Ns all, double active_mw, double idle_mw, std::string_view what) {
  if (busy > all) {
    throw std::invalid_argument(fmt::format("energy: {} busy for {} ns of {}", what, busy, all));
  }
  return kMjPerPj *
         (static_cast<double>(busy) * active_mw + static_cast<double>(all - busy) * idle_mw);
}

}  // namespace

EnergyUse energy_use(const EnergyCounts& counts, const EnergyConfig& config) {
  EnergyUse use;
  for (const EnergyCounts::Core& core : counts.cores) {
    use.cpu +=
        millijoules(core.busy_ns, counts.duration_ns, core.active_mw, core.idle_mw, "a core was");
  }
  use.engine = millijoules(counts.engine_busy_ns, counts.engines * counts.duration_ns,
                           config.engine_active_mw, config.engine_idle_mw, "engines were");
  use.dram = kMjPerPj * static_cast<double>(counts.dram_bytes) * config.dram_pj_per_byte;
  use.link = kMjPerPj * static_cast<double>(counts.link_bytes) * config.link_pj_per_byte;
  use.device = kMjPerUj * static_cast<double>(counts.device_pages) * config.device_uj_per_page;
  return use;
}

}  // namespace pagepress::reclaim
