// SPDX-License-Identifier: Apache-2.0
// ScClock: the driver's Clock on the SystemC timeline.
// Limitation: pause_ns() only in SC_THREADs; now_ns() rounds down to nanoseconds.
#pragma once

#include <cstdint>
#include <systemc>

#include <pagepress/clock.hpp>

namespace pagepress::sim {

class ScClock final : public Clock {
 public:
  std::uint64_t now_ns() override {
    static const std::uint64_t kUnitsPerNs = sc_core::sc_time(1, sc_core::SC_NS).value();
    return sc_core::sc_time_stamp().value() / kUnitsPerNs;
  }
  void pause_ns(std::uint64_t ns) override {
    if (ns != 0) sc_core::wait(static_cast<double>(ns), sc_core::SC_NS);
  }
};

}  // namespace pagepress::sim
