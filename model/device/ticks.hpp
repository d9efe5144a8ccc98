// SPDX-License-Identifier: Apache-2.0
// Simulated time as an integer, for code that runs once a cycle.
#pragma once

#include <systemc>

namespace pagepress::model {

using Ticks = sc_dt::uint64;  // in units of SystemC's resolution (1 ps)

[[nodiscard]] inline Ticks now_ticks() { return sc_core::sc_time_stamp().value(); }

}  // namespace pagepress::model
