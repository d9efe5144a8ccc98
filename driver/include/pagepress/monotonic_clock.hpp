// SPDX-License-Identifier: Apache-2.0
// MonotonicClock: the host's time, for drivers in real threads.
// Limitation: pause_ns() yields or sleeps, so it may take far longer than asked.
#pragma once

#include <pagepress/clock.hpp>

namespace pagepress {

class MonotonicClock final : public Clock {
 public:
  std::uint64_t now_ns() override;
  // Below 50 us it yields the CPU until then, above it sleeps; so that sleep_ns() is the same.
  void pause_ns(std::uint64_t ns) override;
};

// CLOCK_MONOTONIC, as MonotonicClock::now_ns().
[[nodiscard]] std::uint64_t monotonic_ns() noexcept;
// CPU time of the calling thread. A system call, so half a microsecond itself.
[[nodiscard]] std::uint64_t thread_cpu_ns() noexcept;

}  // namespace pagepress
