// SPDX-License-Identifier: Apache-2.0
// Time as the driver knows it. The driver never sleeps or spins by itself: it
// asks its Clock, so that the same code runs as a SystemC process (simulated
// time, deterministic) and in a real thread.
#pragma once

#include <cstdint>

namespace pagepress {

class Clock {
 public:
  virtual ~Clock() = default;
  // Nanoseconds since an arbitrary start; never goes back.
  virtual std::uint64_t now_ns() = 0;
  // Time of the caller's CPU, which it keeps: steps that are charged, looks at a ring. Passes at
  // least `ns` (in a simulation: exactly `ns`).
  virtual void pause_ns(std::uint64_t ns) = 0;
  // As pause_ns(), but with nothing to do: others may use the CPU meanwhile, and the caller may
  // have to wait for it afterwards. Where CPUs are not modelled, or a pause yields anyway, the
  // same.
  virtual void sleep_ns(std::uint64_t ns) { pause_ns(ns); }
};

}  // namespace pagepress
