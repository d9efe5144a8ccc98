// SPDX-License-Identifier: Apache-2.0
// One AXI burst, and what the machine asks of whatever its AXI master is bound to.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/device/fast/event_queue.hpp"

namespace pagepress::model::fast {

inline constexpr unsigned kMaxBurstBytes = 4096;
inline constexpr unsigned kMaxBurstBeats = 128;

struct Burst {
  std::uint64_t address = 0;  // of its first beat: aligned
  std::uint16_t beats = 0;
  std::uint8_t id = 0;  // AXI's, which is the client's number
  bool write = false;
  bool answered = false;
  // Of a write: the bytes strobed, which are one run in [0, beats * beat_bytes).
  std::uint16_t first = 0;
  std::uint16_t end = 0;
  // The answer: beats that were refused (of a write: any).
  std::bitset<kMaxBurstBeats> refused;
  Cycle arrival = 0;  // the first edge that can see the answer
  // Byte 0 is the first beat's lane 0.
  alignas(64) std::array<std::uint8_t, kMaxBurstBytes> data;
};

// Where bursts come from and go to again: none is made in the steady state.
class BurstPool {
 public:
  Burst& take() {
    if (free_.empty()) {
      all_.push_back(std::make_unique<Burst>());
      free_.push_back(all_.back().get());
    }
    Burst& burst = *free_.back();
    free_.pop_back();
    burst.answered = false;
    burst.refused.reset();
    return burst;
  }
  void give_back(Burst& burst) { free_.push_back(&burst); }

 private:
  std::vector<std::unique_ptr<Burst>> all_;
  std::vector<Burst*> free_;
};

// The world around the machine.
class Surroundings {
 public:
  // Whether AXI's ready signals are high at this edge. If not, Core::bus_ready() tells
  // when they are.
  [[nodiscard]] virtual bool ready(Cycle edge) = 0;
  // A burst whose address (last beat of data) is transferred at this edge. The answer
  // comes by Core::answer().
  virtual void send(Burst& burst, Cycle edge) = 0;
  // An interrupt message, on the pins as this edge sees them.
  virtual void raise(unsigned vector, Cycle edge) = 0;

 protected:
  ~Surroundings() = default;
};

}  // namespace pagepress::model::fast
