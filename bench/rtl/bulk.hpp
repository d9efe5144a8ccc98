// SPDX-License-Identifier: Apache-2.0
// A device under a steady load of page-like units, measured in cycles.
// Limitation: data is not compared (tests do that); every access to memory still is.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "tests/rtl/device/arena.hpp"
#include "tests/rtl/device/device.hpp"
#include "tests/rtl/device/generator.hpp"
#include "tests/rtl/device/host.hpp"

namespace pagepress::bench {

class Bulk {
 public:
  static constexpr unsigned kQueues = 8;
  static constexpr unsigned kDepthLog2 = 6;

  // `latency`: of the bus, cycles from an address to its first beat, or from data to response.
  Bulk(Device& device, unsigned latency, std::uint64_t seed);

  void start(unsigned q, unsigned priority);
  // Keeps the ring of `q` full of `opcode` from now on.
  void load(unsigned q, std::uint8_t opcode);
  void unload() { loads_.clear(); }
  // Runs until so many units have completed; the cycles it took.
  std::uint64_t run(std::uint64_t units);
  void drain();
  // The cycles from the doorbell of one unit to its completion, behind whatever `q` holds.
  std::uint64_t latency(unsigned q, std::uint8_t opcode);

 private:
  struct Load {
    unsigned queue = 0;
    std::uint8_t opcode = 0;
  };

  void feed();

  Device& device_;
  Arena arena_;
  Generator generator_;
  Host host_;
  std::vector<Load> loads_;
  std::uint64_t completed_ = 0;
  std::uint64_t awaited_tag_ = 0;
  std::uint64_t awaited_at_ = 0;  // cycle; 0: not yet
};

}  // namespace pagepress::bench
