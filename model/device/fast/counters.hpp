// SPDX-License-Identifier: Apache-2.0
// rtl/regs/pp_counters.sv: what there is to count, and how long a look takes.
//
// Limitation: a completion is counted at once; in the RTL up to 24 wait. What its FIFOs
// hold still limits how fast completions can be written (counted()).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/device/fast/event_queue.hpp"
#include "model/device/fast/records.hpp"

namespace pagepress::model::fast {

class Counters {
 public:
  Counters(unsigned queues, unsigned engines, Cycle now);

  void received(unsigned queue, Cycle now);
  void message(unsigned queue, Cycle now);
  void error_message(Cycle now);
  // A completion's response is here at this edge; the edge at which its place is free again.
  Cycle completed(const Stat& stat, Cycle now);

  // Levels, as they are after this edge.
  void queue_busy(unsigned queue, bool on, Cycle now) { set(queues_[queue].busy, busy_, on, now); }
  void queue_stall(unsigned queue, bool on, Cycle now) {
    set(queues_[queue].stall, stalled_, on, now);
  }
  void engine_busy(unsigned engine, bool on, Cycle now);
  // One of the engine's channels waited from this edge on, up to before that one.
  void stall_in(unsigned engine, Cycle from, Cycle to);
  void stall_out(unsigned engine, Cycle from, Cycle to);

  // PP_REG_PERF_SELECT at this edge.
  void select(std::uint32_t selection, Cycle now);
  // The edge from which on the selected value can be read.
  [[nodiscard]] Cycle ready() const { return ready_; }
  [[nodiscard]] std::uint64_t value(Cycle now);
  void clear(Cycle now);

 private:
  // Several sources of one level: on while any is.
  struct Level {
    unsigned on = 0;
    Cycle since = 0;
    std::uint64_t sum = 0;

    void change(bool up, Cycle now) {
      if (up && on++ == 0) since = now;
      if (!up && --on == 0) sum += now - since;
    }
    [[nodiscard]] std::uint64_t total(Cycle now) const { return sum + (on != 0 ? now - since : 0); }
    void restart(Cycle now) {
      sum = 0;
      since = now;
    }
  };
  // Likewise, told of stretches when they are over: edges that are in any. One that begins before
  // another one that was told of earlier counts from its end.
  struct Stretches {
    Cycle until = 0;
    std::uint64_t sum = 0;

    void add(Cycle from, Cycle to) {
      from = std::max(from, until);
      if (to <= from) return;
      sum += to - from;
      until = to;
    }
  };
  struct Queue {
    Level busy, stall;
  };
  struct Engine {
    Level busy;
    Stretches stall_in, stall_out;
  };
  static constexpr unsigned kCounters = 64;
  using Bank = std::array<std::uint64_t, kCounters>;

  static void set(Level& own, Level& all, bool on, Cycle now) {
    if (on == (own.on != 0)) return;
    own.change(on, now);
    all.change(on, now);
  }
  [[nodiscard]] Cycle slot_zero(Cycle from) const;
  [[nodiscard]] bool exists(std::uint32_t selection) const;
  [[nodiscard]] std::uint64_t level(unsigned scope, unsigned instance, unsigned counter, Cycle now);
  static void add(Bank& bank, const Stat& stat);

  Bank device_{};
  std::vector<Bank> queue_banks_;
  std::vector<Bank> engine_banks_;
  std::vector<Queue> queues_;
  std::vector<Engine> engines_;
  Level busy_, stalled_;
  Stretches stall_in_, stall_out_;

  Cycle swept_ = 0;  // from when on rounds of eight edges run
  static constexpr unsigned kDoneDepth = 8;
  std::array<Cycle, kDoneDepth> pops_{};  // of the last completions
  unsigned done_ = 0;
  std::uint32_t selection_ = 0;
  std::uint64_t value_ = 0;
  bool taken_ = true;  // the selected value
  Cycle ready_ = 0;
};

}  // namespace pagepress::model::fast
