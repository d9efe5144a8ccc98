// SPDX-License-Identifier: Apache-2.0
// The whole device without SystemC: a machine, its reset (rtl/regs/pp_reset_ctrl.sv), and
// the edges at which something happens.
//
//   while (core.next() <= until) core.run_one();
#pragma once

#include <cstdint>
#include <memory>

#include "model/device/fast/burst.hpp"
#include "model/device/fast/event_queue.hpp"
#include "model/device/fast/geometry.hpp"
#include "model/device/fast/machine.hpp"

namespace pagepress::model::fast {

// A register access. It is over at `done`, which is kNever until then.
struct Access {
  std::uint32_t address = 0;
  std::uint32_t value = 0;  // to write, or read
  std::uint8_t strobes = 0xf;
  bool write = false;
  Cycle done = kNever;
};

class Core final : private Actor {
 public:
  Core(const Geometry& geometry, Surroundings& world);

  // Of what happens next; kNever: nothing, unless something is done to it.
  [[nodiscard]] Cycle next() const;
  void run_one();
  // Anything in flight (busy_o of pagepress_top, but for counters being cleared).
  [[nodiscard]] bool busy() const {
    return resetting() || machine_->busy(events_.now()) || machine_->owes_interrupts();
  }

  // Registers change, or are read, at this edge. The access must live until it is over.
  void begin(Access& access, Cycle edge);
  void bus_ready(Cycle edge) { machine_->bus_ready(edge); }
  // A burst that was sent is answered; its arrival and refused beats are set.
  void answer(Burst& burst);

 private:
  enum class Reset : std::uint8_t { kNone, kDraining, kHeld };

  void act(Cycle now, std::uint32_t what) override;
  void perform(Cycle now);
  void check_drained(Cycle now);
  [[nodiscard]] bool resetting() const { return reset_ != Reset::kNone; }

  const Geometry geometry_;
  Surroundings& world_;
  BurstPool pool_;
  EventQueue events_;   // of the machine
  EventQueue outside_;  // accesses and the reset, which it does not forget
  Access* access_ = nullptr;
  Reset reset_ = Reset::kNone;
  std::unique_ptr<Machine> machine_;
};

}  // namespace pagepress::model::fast
