// SPDX-License-Identifier: Apache-2.0
// The host's clocks.
#include <pagepress/monotonic_clock.hpp>

#include <time.h>

#include <chrono>
#include <thread>

namespace pagepress {
namespace {

// Sleeping costs a timer and a context switch, some 50 us on common kernels.
constexpr std::uint64_t kSleepFrom = 50'000;

std::uint64_t read_clock(clockid_t id) noexcept {
  timespec now{};
  clock_gettime(id, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(now.tv_nsec);
}

}  // namespace

std::uint64_t monotonic_ns() noexcept { return read_clock(CLOCK_MONOTONIC); }

std::uint64_t MonotonicClock::now_ns() { return monotonic_ns(); }

void MonotonicClock::pause_ns(std::uint64_t ns) {
  if (ns >= kSleepFrom) {
    std::this_thread::sleep_for(std::chrono::nanoseconds(ns));
    return;
  }
  const std::uint64_t until = now_ns() + ns;
  do {
    std::this_thread::yield();
  } while (now_ns() < until);
}

std::uint64_t thread_cpu_ns() noexcept { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace pagepress
