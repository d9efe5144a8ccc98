// SPDX-License-Identifier: Apache-2.0
// rtl/queue/pp_queue_regs.sv: control block, doorbells and state of one queue pair.
#pragma once

#include <cstdint>

#include "model/device/fast/records.hpp"
#include "model/device/fast/register_bits.hpp"

namespace pagepress::model::fast {

class QueueControl {
 public:
  explicit QueueControl(std::uint16_t queue) : queue_(queue) {}

  // What others know of the queue at the moment of an access.
  struct Counts {
    std::uint16_t sq_head = 0;
    std::uint16_t cq_tail = 0;
    std::uint16_t in_flight = 0;
  };

  [[nodiscard]] std::uint32_t read(std::uint32_t offset, const Counts& counts) const;
  struct Effect {
    bool cleared = false;  // enabled: indices start at 0
    LogEntry error;        // PP_ERR_NONE: none
  };
  Effect write_control(const RegisterWrite& write);
  Effect write_doorbell(const RegisterWrite& write, const Counts& counts);

  // A ring could not be read or written.
  void ring_failed();
  // Nothing is fetched and nothing in flight.
  void idle();

  [[nodiscard]] bool runs() const { return state_ == PP_QSTATE_RUNNING; }
  [[nodiscard]] bool aborts() const { return state_ == PP_QSTATE_ABORTING; }
  [[nodiscard]] bool stops() const { return state_ == PP_QSTATE_DRAINING || aborts(); }
  [[nodiscard]] unsigned priority() const { return class_; }
  [[nodiscard]] std::uint64_t sq_base() const { return sq_base_; }
  [[nodiscard]] std::uint64_t cq_base() const { return cq_base_; }
  [[nodiscard]] unsigned sq_log2() const { return sq_log2_; }
  [[nodiscard]] unsigned cq_log2() const { return cq_log2_; }
  [[nodiscard]] std::uint16_t sq_tail() const { return sq_tail_; }
  [[nodiscard]] std::uint16_t cq_head() const { return cq_head_; }
  [[nodiscard]] std::uint32_t irq_control() const { return irq_control_; }
  [[nodiscard]] std::uint32_t irq_time() const { return irq_time_; }

 private:
  [[nodiscard]] std::uint32_t control() const;
  [[nodiscard]] std::uint32_t size() const { return sq_log2_ | cq_log2_ << 8; }
  [[nodiscard]] Effect error(std::uint8_t condition, std::uint32_t index,
                             std::uint64_t value) const;
  Effect set_control(std::uint32_t value);
  Effect enable(std::uint32_t value);

  const std::uint16_t queue_;
  unsigned state_ = PP_QSTATE_DISABLED;
  bool drain_ = false;  // DRAINING on the driver's DRAIN: the bit reads 1 until done
  unsigned class_ = 0;
  unsigned sq_log2_ = 0;
  unsigned cq_log2_ = 0;
  std::uint64_t sq_base_ = 0;
  std::uint64_t cq_base_ = 0;
  std::uint16_t sq_tail_ = 0;
  std::uint16_t cq_head_ = 0;
  std::uint32_t irq_control_ = 0;
  std::uint32_t irq_time_ = 0;
};

}  // namespace pagepress::model::fast
