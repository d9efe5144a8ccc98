// SPDX-License-Identifier: Apache-2.0
// Everything that PP_CTRL_RESET makes new: registers, queues, channels, the AXI master
// (rtl/pagepress_top.sv but for its register port and pp_reset_ctrl).
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/device/fast/burst.hpp"
#include "model/device/fast/channel.hpp"
#include "model/device/fast/counters.hpp"
#include "model/device/fast/cq_writer.hpp"
#include "model/device/fast/error_log.hpp"
#include "model/device/fast/geometry.hpp"
#include "model/device/fast/injector.hpp"
#include "model/device/fast/interrupts.hpp"
#include "model/device/fast/queue_control.hpp"
#include "model/device/fast/read_port.hpp"
#include "model/device/fast/register_bits.hpp"
#include "model/device/fast/result_picker.hpp"
#include "model/device/fast/scheduler.hpp"
#include "model/device/fast/sq_fetch.hpp"
#include "model/device/fast/unit_table.hpp"
#include "model/device/fast/write_port.hpp"

namespace pagepress::model::fast {

class Machine final : private FetchObserver, private CompletionObserver, private Actor {
 public:
  // Out of reset at this edge.
  Machine(EventQueue& events, Surroundings& world, BurstPool& pool, const Geometry& geometry,
          Cycle now);

  // ---- Registers. `address`: of a word of BAR 0
  [[nodiscard]] std::uint32_t read(std::uint32_t address, bool resetting, Cycle now);
  // The edge from which on it can be read.
  [[nodiscard]] Cycle readable(std::uint32_t address) const;
  // Whether it asks for a reset.
  bool write(std::uint32_t address, std::uint32_t data, std::uint8_t strobes, Cycle now);

  // A unit, a fetch or a write is outstanding.
  [[nodiscard]] bool busy(Cycle now) const;
  [[nodiscard]] bool owes_interrupts() const { return interrupts_.waiting(); }

  // ---- The bus
  void bus_ready(Cycle edge);
  void answer(Burst& burst);
  void quiesce();
  [[nodiscard]] bool bus_idle(Cycle now) const { return reads_.idle(now) && writes_.idle(now); }
  // Nothing waits for an answer, though its beats may still come.
  [[nodiscard]] bool bus_answered() const { return reads_.answered() && writes_.answered(); }

 private:
  // FetchObserver
  void submission_came(unsigned queue, Cycle now) override;
  void fetch_failed(const LogEntry& error, Cycle now) override;
  void fetch_quiet(unsigned queue, Cycle now) override { check_idle(queue, now); }
  // CompletionObserver
  void slot_freed(unsigned queue, Cycle now) override;
  void completed(unsigned queue, bool counts, Cycle now) override;
  Cycle written(const Stat& stat, Cycle now) override { return counters_.completed(stat, now); }
  void completion_failed(const LogEntry& error, Cycle now) override;
  void unit_failed(const LogEntry& error, Cycle now) override { log(error, now + 1); }
  // Actor: a queue that stops may have nothing left.
  void act(Cycle now, std::uint32_t queue) override;

  [[nodiscard]] std::uint32_t read_global(std::uint32_t offset, bool resetting, Cycle now);
  [[nodiscard]] std::uint32_t read_error(std::uint32_t offset) const;
  bool write_global(const RegisterWrite& write, Cycle now);
  void write_queue(unsigned queue, const RegisterWrite& write, bool doorbell, Cycle now);
  [[nodiscard]] QueueControl::Counts counts(unsigned queue) const;
  void check_idle(unsigned queue, Cycle now);
  void log(const LogEntry& error, Cycle now);

  EventQueue& events_;
  const Geometry& geometry_;
  bool enabled_ = false;
  std::uint32_t error_vector_ = 0;
  std::uint32_t selection_ = 0;
  std::vector<std::uint16_t> in_flight_;
  std::vector<QueueControl> controls_;
  ErrorLog errors_;
  Injector injector_;
  Counters counters_;
  Interrupts interrupts_;
  ReadPort reads_;
  WritePort writes_;
  SqFetch fetch_;
  UnitTable table_;
  CqWriter completions_;
  Scheduler scheduler_;
  ResultPicker results_;
  std::vector<std::unique_ptr<Channel>> channels_;
};

}  // namespace pagepress::model::fast
