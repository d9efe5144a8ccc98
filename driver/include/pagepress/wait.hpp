// SPDX-License-Identifier: Apache-2.0
// How the owner of a queue waits for completions: QueuePair::wait(), Codec::wait().
//
// All of it passes the Clock's time or waits at the Bus, so that it runs alike in real threads and
// in a simulation.
// Limitation: moderation times are cycles of the device's clock, which the contract does not tell.
#pragma once

#include <cstdint>
#include <string_view>

namespace pagepress {

enum class WaitMode : std::uint8_t {
  kPoll,       // looks at the ring every poll_ns
  kInterrupt,  // sleeps until the device says so
  kHybrid,     // polls for spin_ns, then every nap_ns for naps_ns, then sleeps
};
[[nodiscard]] std::string_view to_string(WaitMode mode) noexcept;

struct WaitConfig {
  WaitMode mode = WaitMode::kPoll;
  std::uint64_t poll_ns = 500;     // between two looks while polling
  std::uint64_t spin_ns = 5'000;   // kHybrid: how long it polls
  std::uint64_t nap_ns = 5'000;    // kHybrid: between two looks of the naps that follow
  std::uint64_t naps_ns = 50'000;  // kHybrid: how long it naps
  unsigned vector = 0;             // the queue's own: one waiter a vector
  unsigned irq_count = 1;          // completions an interrupt, up to 255; above 1 needs irq_cycles
  std::uint32_t irq_cycles = 0;    // longest delay of an interrupt that waits for its count
  std::uint64_t recheck_ns = 5'000'000;  // a lost interrupt costs this
};

}  // namespace pagepress
