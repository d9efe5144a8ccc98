// SPDX-License-Identifier: Apache-2.0
// Random traffic and random events over all queues of a device, in rounds: each has its own
// bus, mix of submissions and queue settings, and ends in quiet, where counters and logs must
// add up, or in a device reset.
// Limitation: the host checks what it sees (host.hpp); a hang is told after kPatience cycles.
#pragma once

#include <cstdint>
#include <optional>

#include "tests/rtl/common/random.hpp"
#include "tests/rtl/device/arena.hpp"
#include "tests/rtl/device/device.hpp"
#include "tests/rtl/device/generator.hpp"
#include "tests/rtl/device/host.hpp"

namespace pagepress::bench {

class RandomRun {
 public:
  static constexpr std::uint64_t kPatience = 400000;

  RandomRun(Device& device, unsigned queues, unsigned vectors, std::uint64_t seed);

  // Submits so many descriptors. Throws Violation.
  void run(std::uint64_t descriptors);

  Host& host() { return host_; }
  [[nodiscard]] std::uint64_t submitted() const { return submitted_; }
  [[nodiscard]] std::uint64_t resets() const { return resets_; }
  [[nodiscard]] std::uint64_t quiets() const { return quiets_; }
  [[nodiscard]] std::uint64_t stops() const { return stops_; }
  [[nodiscard]] std::uint64_t injections() const { return injections_; }

 private:
  enum class End : std::uint8_t { kQuiet, kReset, kStuck };

  void begin_round();
  void step();
  void settle();
  void submit(unsigned q);
  void consume();
  void event(unsigned q);
  void inject(unsigned q);
  void inject_into_chosen();
  void bring_up();
  void start(unsigned q);
  MessageBoard::Setting interrupt(unsigned q);
  void watch();
  unsigned any_queue() { return static_cast<unsigned>(random_.below(host_.queues())); }

  Device& device_;
  Random random_;
  Arena arena_;
  Generator generator_;
  Host host_;
  unsigned vectors_;
  Mix mix_;
  End end_ = End::kQuiet;
  std::optional<unsigned> chosen_;  // queue that is to have an injection
  bool stuck_ = false;              // an engine, until the reset
  std::uint64_t stuck_until_ = 0;   // cycle
  unsigned eager_ = 0;              // percent of the steps that only submit
  std::uint64_t submitted_ = 0;
  std::uint64_t resets_ = 0;
  std::uint64_t quiets_ = 0;
  std::uint64_t stops_ = 0;
  std::uint64_t injections_ = 0;
};

}  // namespace pagepress::bench
