// SPDX-License-Identifier: Apache-2.0
// Simulated time as an integer, for code that runs once a cycle.
#pragma once

#include <cstdint>
#include <systemc>

namespace pagepress::model {

using Ticks = sc_dt::uint64;  // in units of SystemC's resolution (1 ps)

[[nodiscard]] inline Ticks now_ticks() { return sc_core::sc_time_stamp().value(); }

[[nodiscard]] inline Ticks ps_to_ticks(std::uint64_t ps) {
  static const Ticks kTicksPerPs = sc_core::sc_time(1, sc_core::SC_PS).value();
  return ps * kTicksPerPs;
}
[[nodiscard]] inline std::uint64_t ticks_to_ps(Ticks ticks) { return ticks / ps_to_ticks(1); }

}  // namespace pagepress::model
