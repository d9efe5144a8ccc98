// SPDX-License-Identifier: Apache-2.0
// The models of an engine by what they are made with: FastDevice and the Verilated RTL.
// Limitation: the RTL has the geometry that it was Verilated with, whatever the setup says.
#pragma once

#include <memory>
#include <systemc>

#include "model/device/device.hpp"

namespace pagepress::sim {

// What an engine is made with.
struct EngineSetup {
  sc_core::sc_time clock_period;
  unsigned engines = 2;
  unsigned w = 16;  // positions a cycle
};

// What a clock of so many MHz comes to on the timeline: whole picoseconds.
[[nodiscard]] sc_core::sc_time clock_period(double clock_mhz);

// During SystemC's elaboration; the module is called "device".
[[nodiscard]] std::unique_ptr<model::Device> make_fast_engine(const EngineSetup& setup);
[[nodiscard]] std::unique_ptr<model::Device> make_rtl_engine(const EngineSetup& setup);

}  // namespace pagepress::sim
