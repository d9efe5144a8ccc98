// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/queue_control.hpp"

#include "model/device/fast/geometry.hpp"

namespace pagepress::model::fast {
namespace {

constexpr std::uint32_t kIrqControlBits = 0x0fff'ff03;
constexpr std::uint32_t kIrqTimeBits = 0x00ff'ffff;

std::uint64_t with_low(std::uint64_t old, std::uint32_t low) { return (old >> 32 << 32) | low; }
std::uint64_t with_high(std::uint64_t old, std::uint32_t high) {
  return std::uint64_t{high} << 32 | static_cast<std::uint32_t>(old);
}
bool bad_log2(unsigned log2) { return log2 == 0 || log2 > kDepthLog2Max; }

}  // namespace

std::uint32_t QueueControl::control() const {
  std::uint32_t value = class_ << PP_Q_CTRL_PRIORITY_SHIFT;
  if (runs() || state_ == PP_QSTATE_PAUSED || state_ == PP_QSTATE_ERROR) value |= PP_Q_CTRL_ENABLE;
  if (state_ == PP_QSTATE_PAUSED) value |= PP_Q_CTRL_PAUSE;
  if (drain_) value |= PP_Q_CTRL_DRAIN;
  if (aborts()) value |= PP_Q_CTRL_ABORT;
  return value;
}

std::uint32_t QueueControl::read(std::uint32_t offset, const Counts& counts) const {
  switch (offset) {
    case PP_Q_CTRL:
      return control();
    case PP_Q_STATE:
      return std::uint32_t{counts.in_flight} << 16 | state_;
    case PP_Q_SIZE:
      return size();
    case PP_Q_SQ_BASE_LO:
      return static_cast<std::uint32_t>(sq_base_);
    case PP_Q_SQ_BASE_HI:
      return static_cast<std::uint32_t>(sq_base_ >> 32);
    case PP_Q_CQ_BASE_LO:
      return static_cast<std::uint32_t>(cq_base_);
    case PP_Q_CQ_BASE_HI:
      return static_cast<std::uint32_t>(cq_base_ >> 32);
    case PP_Q_SQ_HEAD:
      return counts.sq_head;
    case PP_Q_SQ_TAIL:
      return sq_tail_;
    case PP_Q_CQ_HEAD:
      return cq_head_;
    case PP_Q_CQ_TAIL:
      return counts.cq_tail;
    case PP_Q_IRQ_CTRL:
      return irq_control_;
    case PP_Q_IRQ_TIME:
      return irq_time_;
    default:
      return 0;
  }
}

QueueControl::Effect QueueControl::error(std::uint8_t condition, std::uint32_t index,
                                         std::uint64_t value) const {
  return {.error = {.condition = condition, .queue = queue_, .index = index, .address = value}};
}

QueueControl::Effect QueueControl::write_control(const RegisterWrite& write) {
  const bool locked = state_ != PP_QSTATE_DISABLED;
  switch (write.offset) {
    case PP_Q_CTRL:
      return set_control(write.over(control()));
    case PP_Q_SIZE: {
      const std::uint32_t value = write.over(size());
      if (locked) return error(PP_ERR_REGISTER_LOCKED, write.offset, value);
      sq_log2_ = value & 0x1f;
      cq_log2_ = value >> 8 & 0x1f;
      return {};
    }
    case PP_Q_SQ_BASE_LO:
    case PP_Q_CQ_BASE_LO: {
      std::uint64_t& base = write.offset == PP_Q_SQ_BASE_LO ? sq_base_ : cq_base_;
      const std::uint32_t value = write.over(static_cast<std::uint32_t>(base));
      if (locked) return error(PP_ERR_REGISTER_LOCKED, write.offset, value);
      base = with_low(base, value);
      return {};
    }
    case PP_Q_SQ_BASE_HI:
    case PP_Q_CQ_BASE_HI: {
      std::uint64_t& base = write.offset == PP_Q_SQ_BASE_HI ? sq_base_ : cq_base_;
      const std::uint32_t value = write.over(static_cast<std::uint32_t>(base >> 32));
      if (locked) return error(PP_ERR_REGISTER_LOCKED, write.offset, value);
      base = with_high(base, value);
      return {};
    }
    case PP_Q_IRQ_CTRL:
      irq_control_ = write.over(irq_control_) & kIrqControlBits;
      return {};
    case PP_Q_IRQ_TIME:
      irq_time_ = write.over(irq_time_) & kIrqTimeBits;
      return {};
    default:
      return {};
  }
}

QueueControl::Effect QueueControl::set_control(std::uint32_t value) {
  if (stops()) return {};
  class_ = (value & PP_Q_CTRL_PRIORITY_MASK) >> PP_Q_CTRL_PRIORITY_SHIFT;
  if (state_ == PP_QSTATE_DISABLED) {
    return (value & PP_Q_CTRL_ENABLE) != 0 ? enable(value) : Effect{};
  }
  if ((value & PP_Q_CTRL_ABORT) != 0) {
    state_ = PP_QSTATE_ABORTING;
  } else if ((value & PP_Q_CTRL_ENABLE) == 0 || (value & PP_Q_CTRL_DRAIN) != 0) {
    state_ = PP_QSTATE_DRAINING;
    drain_ = (value & PP_Q_CTRL_DRAIN) != 0;
  } else if (state_ != PP_QSTATE_ERROR) {
    state_ = (value & PP_Q_CTRL_PAUSE) != 0 ? PP_QSTATE_PAUSED : PP_QSTATE_RUNNING;
  }
  return {};
}

QueueControl::Effect QueueControl::enable(std::uint32_t value) {
  if (bad_log2(sq_log2_) || bad_log2(cq_log2_)) return error(PP_ERR_QUEUE_SIZE, PP_Q_SIZE, size());
  if (sq_base_ % PP_RING_ALIGN != 0) return error(PP_ERR_RING_BASE, PP_Q_SQ_BASE_LO, sq_base_);
  if (cq_base_ % PP_RING_ALIGN != 0) return error(PP_ERR_RING_BASE, PP_Q_CQ_BASE_LO, cq_base_);
  state_ = (value & PP_Q_CTRL_PAUSE) != 0 ? PP_QSTATE_PAUSED : PP_QSTATE_RUNNING;
  sq_tail_ = 0;
  cq_head_ = 0;
  return {.cleared = true, .error = {}};
}

QueueControl::Effect QueueControl::write_doorbell(const RegisterWrite& write,
                                                  const Counts& counts) {
  if (write.offset != PP_DB_SQ_TAIL && write.offset != PP_DB_CQ_HEAD) return {};
  const bool sq = write.offset == PP_DB_SQ_TAIL;
  std::uint16_t& index = sq ? sq_tail_ : cq_head_;
  const auto value = static_cast<std::uint16_t>(write.over(index));
  const bool open = sq ? runs() || state_ == PP_QSTATE_PAUSED : state_ != PP_QSTATE_DISABLED;
  if (!open) return error(PP_ERR_DOORBELL_DISABLED, write.offset, value);
  // An index behind the last one accepted is 65,536 less its distance ahead.
  const auto step = static_cast<std::uint16_t>(value - index);
  if (sq) {
    const std::uint32_t ahead =
        step + std::uint32_t{static_cast<std::uint16_t>(index - counts.sq_head)};
    if (ahead > 1U << sq_log2_) return error(PP_ERR_DOORBELL_RANGE, write.offset, value);
  } else if (step > static_cast<std::uint16_t>(counts.cq_tail - index)) {
    return error(PP_ERR_CQ_HEAD_RANGE, write.offset, value);
  }
  index = value;
  return {};
}

void QueueControl::ring_failed() {
  if (runs() || state_ == PP_QSTATE_PAUSED) state_ = PP_QSTATE_ERROR;
}

void QueueControl::idle() {
  if (!stops()) return;
  state_ = PP_QSTATE_DISABLED;
  drain_ = false;
}

}  // namespace pagepress::model::fast
