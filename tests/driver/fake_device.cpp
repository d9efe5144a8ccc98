// SPDX-License-Identifier: Apache-2.0
// Registers, doorbells and mappings of the fake; fake_device_engine.cpp does the work.
#include "tests/driver/fake_device.hpp"

#include <chrono>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace pagepress::test {
namespace {

using Lock = std::lock_guard<std::recursive_mutex>;

constexpr std::uint64_t kQueueEnd = PP_QUEUE_BASE + FakeDevice::kMostQueues * PP_QUEUE_STRIDE;
constexpr std::uint64_t kDoorbellEnd =
    PP_DOORBELL_BASE + FakeDevice::kMostQueues * PP_DOORBELL_STRIDE;

void set_low(std::uint64_t& value, std::uint32_t low) {
  value = (value & 0xffffffff00000000u) | low;
}
void set_high(std::uint64_t& value, std::uint32_t high) {
  value = (value & 0xffffffffu) | static_cast<std::uint64_t>(high) << 32;
}

}  // namespace

FakeDevice::~FakeDevice() = default;

std::uint32_t FakeDevice::read32(std::uint64_t offset) {
  const Lock lock(mutex_);
  if (misbehave.gone) {
    return 0xffffffffu;
  }
  if (offset >= PP_QUEUE_BASE && offset < kQueueEnd) {
    const std::uint64_t at = offset - PP_QUEUE_BASE;
    if (at % PP_QUEUE_STRIDE == PP_Q_STATE && on_state_read) {
      on_state_read();
    }
    return read_queue(queues_[at / PP_QUEUE_STRIDE], at % PP_QUEUE_STRIDE);
  }
  switch (offset) {
    case PP_REG_ID:
      return identity_.id;
    case PP_REG_VERSION:
      return identity_.version;
    case PP_REG_CAP0:
      return identity_.queues | 1u << 9 | identity_.depth_log2 << 16 | identity_.unit_log2 << 24;
    case PP_REG_CAP1:
      return identity_.algorithms | identity_.operations << 16;
    case PP_REG_CAP2:
      return 8u | 6u << 8 | kVectors << 16;
    case PP_REG_FEATURES_LO:
      return identity_.features;
    case PP_REG_CTRL:
      return ctrl_ | (misbehave.reset_sticks && resets > 0 ? PP_CTRL_RESET : 0u);
    case PP_REG_STATE:
      return PP_STATE_READY | (misbehave.never_idle ? PP_STATE_BUSY : 0u);
    case PP_REG_ERR_STATUS:
      return log_.empty() ? 0u : PP_ERR_STATUS_VALID;
    case PP_REG_ERR_COND:
      return log_.empty() ? 0u : log_.front().condition;
    case PP_REG_ERR_INDEX:
      return log_.empty() ? 0u : log_.front().index;
    case PP_REG_ERR_ADDR_LO:
      return log_.empty() ? 0u : static_cast<std::uint32_t>(log_.front().address);
    case PP_REG_ERR_ADDR_HI:
      return log_.empty() ? 0u : static_cast<std::uint32_t>(log_.front().address >> 32);
    case PP_REG_PERF_LO:
      return 0x89abcdefu;
    case PP_REG_PERF_HI:
      return 0x01234567u;
    default:
      return 0;
  }
}

std::uint32_t FakeDevice::read_queue(const Queue& queue, std::uint64_t reg) const {
  switch (reg) {
    case PP_Q_CTRL:
      return (queue.state == PP_QSTATE_DISABLED ? 0u : PP_Q_CTRL_ENABLE) |
             queue.priority << PP_Q_CTRL_PRIORITY_SHIFT;
    case PP_Q_STATE:
      return queue.state | static_cast<std::uint32_t>(queue.fetched.size()) << 16;
    case PP_Q_SIZE:
      return queue.size;
    case PP_Q_SQ_HEAD:
      return queue.sq_head;
    case PP_Q_SQ_TAIL:
      return queue.sq_tail;
    case PP_Q_CQ_HEAD:
      return queue.cq_head;
    case PP_Q_CQ_TAIL:
      return queue.cq_tail;
    case PP_Q_IRQ_CTRL:
      return queue.irq_ctrl;
    default:
      return 0;
  }
}

void FakeDevice::write32(std::uint64_t offset, std::uint32_t value) {
  const Lock lock(mutex_);
  if (misbehave.gone) {
    return;
  }
  if (offset >= PP_QUEUE_BASE && offset < kQueueEnd) {
    const std::uint64_t at = offset - PP_QUEUE_BASE;
    write_queue(static_cast<unsigned>(at / PP_QUEUE_STRIDE), at % PP_QUEUE_STRIDE, value);
  } else if (offset >= PP_DOORBELL_BASE && offset < kDoorbellEnd) {
    const std::uint64_t at = offset - PP_DOORBELL_BASE;
    write_doorbell(static_cast<unsigned>(at / PP_DOORBELL_STRIDE), at % PP_DOORBELL_STRIDE,
                   static_cast<std::uint16_t>(value));
  } else if (offset == PP_REG_CTRL) {
    if ((value & PP_CTRL_RESET) != 0) {
      reset();
    } else {
      ctrl_ = value & PP_CTRL_ENABLE;
    }
  } else if (offset == PP_REG_ERR_POP && !log_.empty() && !misbehave.endless_errors) {
    log_.pop_front();
  }
}

void FakeDevice::write_queue(unsigned index, std::uint64_t reg, std::uint32_t value) {
  Queue& queue = queues_[index];
  if (reg == PP_Q_CTRL) {
    control_queue(index, value);
    return;
  }
  if (queue.state != PP_QSTATE_DISABLED && reg >= PP_Q_SIZE && reg <= PP_Q_CQ_BASE_HI) {
    violation(PP_ERR_REGISTER_LOCKED, index, static_cast<std::uint32_t>(reg), value);
    return;
  }
  switch (reg) {
    case PP_Q_SIZE:
      queue.size = value;
      break;
    case PP_Q_SQ_BASE_LO:
      set_low(queue.sq_base, value);
      break;
    case PP_Q_SQ_BASE_HI:
      set_high(queue.sq_base, value);
      break;
    case PP_Q_CQ_BASE_LO:
      set_low(queue.cq_base, value);
      break;
    case PP_Q_CQ_BASE_HI:
      set_high(queue.cq_base, value);
      break;
    case PP_Q_IRQ_CTRL:
      write_irq_ctrl(queue, value);
      break;
    case PP_Q_IRQ_TIME:
      queue.irq_time = value;
      break;
    default:
      break;
  }
}

void FakeDevice::control_queue(unsigned index, std::uint32_t value) {
  Queue& queue = queues_[index];
  if ((identity_.features & PP_FEAT_PRIORITY) != 0) {
    queue.priority = (value & PP_Q_CTRL_PRIORITY_MASK) >> PP_Q_CTRL_PRIORITY_SHIFT;
  }
  if ((value & PP_Q_CTRL_ABORT) != 0 || (value & PP_Q_CTRL_ENABLE) == 0) {
    if (!misbehave.queue_sticks) {
      abort_queue(queue);
    }
    return;
  }
  const auto bad = [&](unsigned log2) { return log2 == 0 || log2 > identity_.depth_log2; };
  if (queue.state != PP_QSTATE_DISABLED || misbehave.enable_sticks) {
    return;
  }
  if (bad(queue.sq_log2()) || bad(queue.cq_log2())) {
    violation(PP_ERR_QUEUE_SIZE, index, PP_Q_SIZE, queue.size);
  } else if (queue.sq_base % PP_RING_ALIGN != 0 || queue.cq_base % PP_RING_ALIGN != 0) {
    violation(PP_ERR_RING_BASE, index, PP_Q_SQ_BASE_LO, queue.sq_base);
  } else {
    queue.state = PP_QSTATE_RUNNING;
    queue.sq_head = queue.sq_tail = misbehave.stale_indices ? 7 : 0;
    queue.cq_head = queue.cq_tail = 0;
  }
}

void FakeDevice::write_doorbell(unsigned index, std::uint64_t reg, std::uint16_t value) {
  Queue& queue = queues_[index];
  if (queue.state != PP_QSTATE_RUNNING) {
    violation(PP_ERR_DOORBELL_DISABLED, index, static_cast<std::uint32_t>(reg), value);
  } else if (reg == PP_DB_SQ_TAIL) {
    ++sq_doorbells;
    if (static_cast<std::uint16_t>(value - queue.sq_head) > 1u << queue.sq_log2()) {
      violation(PP_ERR_DOORBELL_RANGE, index, PP_DB_SQ_TAIL, value);
      return;
    }
    queue.sq_tail = value;
    if (at_doorbell_ != 0) {
      step_locked(at_doorbell_);
    }
  } else if (reg == PP_DB_CQ_HEAD) {
    ++cq_doorbells;
    const auto unread = static_cast<std::uint16_t>(queue.cq_tail - queue.cq_head);
    if (static_cast<std::uint16_t>(value - queue.cq_head) > unread) {
      violation(PP_ERR_CQ_HEAD_RANGE, index, PP_DB_CQ_HEAD, value);
      return;
    }
    queue.cq_head = value;
  }
}

void FakeDevice::reset() {
  ++resets;
  if (misbehave.reset_sticks) {
    return;
  }
  for (Queue& queue : queues_) {
    if (misbehave.keep_units) {
      kept_.insert(kept_.end(), queue.fetched.begin(), queue.fetched.end());
    }
    queue = {};
  }
  log_.clear();
  ctrl_ = 0;
}

// Units inside complete as ABORTED where the device can abort; else they are just forgotten, as if
// they had not been fetched.
void FakeDevice::abort_queue(Queue& queue) {
  for (const pp_sqe& sqe : queue.fetched) {
    if (misbehave.keep_units) {
      kept_.push_back(sqe);
    }
    if ((identity_.features & PP_FEAT_ABORT) != 0) {
      pp_cqe cqe{};
      cqe.tag = sqe.tag;
      cqe.status = PP_STATUS_ABORTED;
      complete(queue, cqe);
    }
  }
  queue.fetched.clear();
  queue.state = PP_QSTATE_DISABLED;
}

void FakeDevice::write_irq_ctrl(Queue& queue, std::uint32_t value) {
  const bool arms = (value & (PP_Q_IRQ_ENABLE | PP_Q_IRQ_MASK)) == PP_Q_IRQ_ENABLE;
  if (arms && before_arming) {
    before_arming();
  }
  queue.irq_ctrl = value;
  queue.irq_due = queue.irq_due && (value & PP_Q_IRQ_ENABLE) != 0;
  raise_if_due(queue);
  if (arms && after_arming) {
    after_arming();
  }
}

void FakeDevice::set_gone(bool gone) {
  const Lock lock(mutex_);
  misbehave.gone = gone;
}

void FakeDevice::count_for_interrupt(Queue& queue) {
  if ((queue.irq_ctrl & PP_Q_IRQ_ENABLE) != 0) {
    queue.irq_due = true;
    raise_if_due(queue);
  }
}

void FakeDevice::raise_if_due(Queue& queue) {
  if (!queue.irq_due || (queue.irq_ctrl & PP_Q_IRQ_MASK) != 0) {
    return;
  }
  queue.irq_due = false;
  const unsigned vector = queue.irq_ctrl >> 16 & 0xfffu;
  if (vector < kVectors && !misbehave.drop_irqs) {
    raised_[vector] = true;
    raised_event_.notify_all();
  }
}

bool FakeDevice::wait_interrupt(unsigned vector, std::uint64_t timeout_ns) {
  std::unique_lock lock(mutex_);
  bool& raised = raised_.at(vector);
  if (clock == nullptr) {
    raised_event_.wait_for(lock, std::chrono::nanoseconds(timeout_ns), [&] { return raised; });
  } else if (!raised) {
    clock->pause_ns(timeout_ns);
  }
  return std::exchange(raised, false);
}

void FakeDevice::violation(unsigned condition, unsigned queue, std::uint32_t index,
                           std::uint64_t value) {
  ++contract_violations;
  log_error(condition, queue, index, value);
}

void FakeDevice::log_error(unsigned condition, unsigned queue, std::uint32_t index,
                           std::uint64_t address) {
  const Lock lock(mutex_);
  log_.push_back({.condition = condition | queue << 8, .index = index, .address = address});
}

Iova FakeDevice::map(void* addr, std::size_t len, bool writable) {
  const Lock lock(mutex_);
  // The offset in the page is kept, as an IOMMU does, and a hole follows.
  const Iova iova = next_iova_ + reinterpret_cast<std::uintptr_t>(addr) % 4096;
  next_iova_ += (len + 3u * std::size_t{4096}) / 4096 * 4096;
  mappings_[iova] = {.addr = static_cast<std::byte*>(addr), .len = len, .writable = writable};
  return iova;
}

void FakeDevice::unmap(Iova iova, std::size_t len) {
  const Lock lock(mutex_);
  const auto at = mappings_.find(iova);
  if (at == mappings_.end() || at->second.len != len) {
    throw std::logic_error("unmap of what was not mapped");
  }
  for (const Queue& queue : queues_) {
    const bool ring = iova == queue.sq_base || iova == queue.cq_base;
    unmapped_while_running += ring && queue.state != PP_QSTATE_DISABLED ? 1u : 0u;
  }
  mappings_.erase(at);
}

std::byte* FakeDevice::translate(Iova iova, std::size_t len, bool write) const {
  auto at = mappings_.upper_bound(iova);
  if (at == mappings_.begin()) {
    return nullptr;
  }
  --at;
  const auto& [start, mapping] = *at;
  const std::uint64_t offset = iova - start;
  if (offset > mapping.len || len > mapping.len - offset || (write && !mapping.writable)) {
    return nullptr;
  }
  return mapping.addr + offset;
}

}  // namespace pagepress::test
