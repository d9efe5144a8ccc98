// SPDX-License-Identifier: Apache-2.0
// Life cycle of device and queues.
#include "tests/rtl/device/host.hpp"

#include <fmt/format.h>

#include <vector>

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kRings = std::uint64_t{1} << 60;
constexpr std::uint64_t kRingStride = std::uint64_t{1} << 32;
constexpr std::uint64_t kCqOffset = std::uint64_t{1} << 28;
constexpr std::uint64_t kPage = Memory::kPage;
constexpr unsigned kRegisterPolls = 100000;

std::uint32_t queue_register(unsigned q, std::uint32_t offset) {
  return PP_QUEUE_BASE + q * PP_QUEUE_STRIDE + offset;
}

std::uint16_t low(std::uint32_t value) { return static_cast<std::uint16_t>(value); }

}  // namespace

Host::Host(Device& device, Arena& arena, unsigned queues, unsigned vectors, std::uint64_t seed)
    : device_(device),
      arena_(arena),
      reference_(device.memory(), arena),
      random_(seed),
      vectors_(vectors),
      messages_(queues, vectors),
      queues_(queues) {
  for (unsigned q = 0; q < queues; ++q) {
    const std::uint64_t base = kRings + q * kRingStride;
    device_.memory().map(base, kRingPages * kPage, 0xa5);
    device_.memory().map(base + kCqOffset, kRingPages * kPage, 0xa5);
  }
  device_.axi().set_observer(this);
  device_.on_messages = [this](std::uint64_t vectors_sent) {
    if (resetting_) return;
    messages_.check(device_.cycle());
    for (unsigned v = 0; v < vectors_; ++v) {
      if ((vectors_sent >> v & 1U) == 0) continue;
      ++messages_seen_;
      messages_.on_message(v, device_.cycle());
    }
  };
}

Host::~Host() {
  device_.axi().set_observer(nullptr);
  device_.on_messages = nullptr;
}

void Host::violate(unsigned q, const std::string& what) const {
  throw Violation(fmt::format("cycle {}, queue {}: {}", device_.cycle(), q, what));
}

// ---- Device

void Host::enable_device(bool on) {
  device_enabled_ = on;
  device_.write(PP_REG_CTRL, on ? PP_CTRL_ENABLE : 0);
  last_completion_ = device_.cycle();
}

void Host::set_error_interrupt(bool on, unsigned vector) {
  error_interrupt_ = on;
  messages_.set_error_vector(on ? vector : ~0U);
  device_.write(PP_REG_ERR_VECTOR, on ? PP_ERR_VECTOR_ENABLE | vector : 0);
}

void Host::reset_device() {
  messages_.check(device_.cycle());
  resetting_ = true;
  device_.write(PP_REG_CTRL, PP_CTRL_RESET);
  for (unsigned polls = 0;; ++polls) {
    const std::uint32_t ctrl = device_.read(PP_REG_CTRL);
    const std::uint32_t state = device_.read(PP_REG_STATE);
    if ((ctrl & PP_CTRL_RESET) == 0 && (state & PP_STATE_READY) != 0) break;
    if (polls > kRegisterPolls) throw Violation("the reset does not end");
    // Ignored, unless the reset has ended just before.
    if (random_.percent(10)) device_.write(queue_register(0, PP_Q_IRQ_TIME), 1000);
  }
  if (device_.axi().outstanding() != 0) throw Violation("reset is done with bursts on the bus");
  resetting_ = false;
  for (Queue& queue : queues_) take_back_all(queue);
  access_.revoke_all();
  messages_.reset();
  errors_.reset();
  injection_.reset();
  device_enabled_ = false;
  error_interrupt_ = false;
  messages_seen_ = 0;
  messages_.set_error_vector(~0U);
  for (unsigned q = 0; q < queues_.size(); ++q) {
    queues_[q] = {};
    if (device_.read(queue_register(q, PP_Q_STATE)) != PP_QSTATE_DISABLED) {
      violate(q, "not DISABLED after a reset");
    }
  }
  last_completion_ = device_.cycle();
}

void Host::poll_errors() {
  for (;;) {
    const std::uint32_t status = device_.read(PP_REG_ERR_STATUS);
    if ((status & PP_ERR_STATUS_OVERFLOW) != 0) {
      throw Violation("the error log ran over: the test must look more often");
    }
    if ((status & PP_ERR_STATUS_VALID) == 0) return;
    const std::uint32_t condition = device_.read(PP_REG_ERR_COND);
    const std::uint32_t index = device_.read(PP_REG_ERR_INDEX);
    const std::uint64_t address =
        device_.read(PP_REG_ERR_ADDR_LO) | std::uint64_t{device_.read(PP_REG_ERR_ADDR_HI)} << 32;
    errors_.on_logged({condition & 0xff, condition >> 8 & 0xffff, index, address});
    device_.write(PP_REG_ERR_POP, 1);
  }
}

// ---- Queues

std::uint32_t Host::control(const Queue& queue) {
  return PP_Q_CTRL_ENABLE | (queue.phase == Phase::kPaused ? PP_Q_CTRL_PAUSE : 0) |
         queue.setting.priority << PP_Q_CTRL_PRIORITY_SHIFT;
}

void Host::write_base(unsigned q) {
  const Queue& queue = queues_[q];
  device_.write(queue_register(q, PP_Q_SIZE), queue.setting.cq_log2 << 8 | queue.setting.sq_log2);
  device_.write(queue_register(q, PP_Q_SQ_BASE_LO), static_cast<std::uint32_t>(queue.sq_base));
  device_.write(queue_register(q, PP_Q_SQ_BASE_HI),
                static_cast<std::uint32_t>(queue.sq_base >> 32));
  device_.write(queue_register(q, PP_Q_CQ_BASE_LO), static_cast<std::uint32_t>(queue.cq_base));
  device_.write(queue_register(q, PP_Q_CQ_BASE_HI),
                static_cast<std::uint32_t>(queue.cq_base >> 32));
}

void Host::write_interrupt(unsigned q, const MessageBoard::Setting& irq) {
  messages_.begin_change(q, device_.cycle());
  device_.write(queue_register(q, PP_Q_IRQ_TIME), irq.time);
  device_.write(queue_register(q, PP_Q_IRQ_CTRL), (irq.enable ? PP_Q_IRQ_ENABLE : 0) |
                                                      (irq.mask ? PP_Q_IRQ_MASK : 0) |
                                                      irq.count << 8 | irq.vector << 16);
  queues_[q].setting.irq = irq;
  messages_.end_change(q, irq, device_.cycle());
}

void Host::set_interrupt(unsigned q, const MessageBoard::Setting& irq) {
  MessageBoard::Setting off = queues_[q].setting.irq;
  const bool only_mask = off.enable == irq.enable && off.count == irq.count &&
                         off.time == irq.time && off.vector == irq.vector;
  if (!only_mask) {
    off.enable = false;
    write_interrupt(q, off);
    device_.tick(2 * MessageBoard::kSlack);  // what was on its way is out
    off = irq;
    off.enable = false;
    write_interrupt(q, off);
  }
  write_interrupt(q, irq);
}

void Host::start(unsigned q, const QueueSetting& setting) {
  Queue& queue = queues_[q];
  if (queue.phase != Phase::kDisabled) throw std::logic_error("start of a queue in use");
  const MessageBoard::Setting old_irq = queue.setting.irq;  // as the registers have it
  queue.setting = setting;
  queue.setting.irq = old_irq;
  queue.sq_base = kRings + q * kRingStride + random_.below(4) * kPage;
  queue.cq_base = kRings + q * kRingStride + kCqOffset + random_.below(4) * kPage;
  queue.sq_tail = queue.rung = queue.sq_head = queue.cq_tail = queue.cq_head = queue.first = 0;
  queue.aborting = queue.cq_failed = queue.error_seen = false;
  device_.memory().write(queue.cq_base, std::vector<std::uint8_t>(cq_bytes(queue), 0));
  if (setting.refused_sq_page) {
    const LogEntry entry = refusal(q, queue);
    arena_.refuse(entry.address, true, false);
    errors_.allow(entry);
  }
  if (setting.refused_cq_page) {
    arena_.refuse(queue.cq_base + *setting.refused_cq_page * kPage, false, true);
  }
  access_.grant(queue.cq_base, cq_bytes(queue), AccessMap::kWrite);
  write_base(q);
  set_interrupt(q, setting.irq);
  queue.phase = setting.paused ? Phase::kPaused : Phase::kRunning;
  device_.write(queue_register(q, PP_Q_CTRL), control(queue));
  const std::uint32_t state = device_.read(queue_register(q, PP_Q_STATE));
  if (state != (setting.paused ? PP_QSTATE_PAUSED : PP_QSTATE_RUNNING)) {
    violate(q, fmt::format("state {:#x} after enabling", state));
  }
}

void Host::pause(unsigned q, bool on) {
  Queue& queue = queues_[q];
  if (queue.phase != Phase::kRunning && queue.phase != Phase::kPaused) return;
  queue.phase = on ? Phase::kPaused : Phase::kRunning;
  device_.write(queue_register(q, PP_Q_CTRL), control(queue));
  last_completion_ = device_.cycle();
}

void Host::set_priority(unsigned q, unsigned priority) {
  Queue& queue = queues_[q];
  if (queue.phase != Phase::kRunning && queue.phase != Phase::kPaused) return;
  queue.setting.priority = priority;
  // The byte of the priority alone.
  device_.write(queue_register(q, PP_Q_CTRL), control(queue), 0x2);
}

void Host::stop(unsigned q, Stop how) {
  Queue& queue = queues_[q];
  queue.phase = Phase::kStopping;
  queue.aborting = queue.aborting || how == Stop::kAbort;
  const std::uint32_t priority = queue.setting.priority << PP_Q_CTRL_PRIORITY_SHIFT;
  std::uint32_t value = priority;
  if (how == Stop::kDrain) value |= PP_Q_CTRL_ENABLE | PP_Q_CTRL_DRAIN;
  if (how == Stop::kAbort) value |= PP_Q_CTRL_ENABLE | PP_Q_CTRL_ABORT;
  device_.write(queue_register(q, PP_Q_CTRL), value);
  if (injection_ && injection_->queue == q) injection_->exact = false;
}

bool Host::stopped(unsigned q) {
  Queue& queue = queues_[q];
  if (queue.phase == Phase::kDisabled) return true;
  const std::uint32_t state = device_.read(queue_register(q, PP_Q_STATE));
  if ((state & 0xf) != PP_QSTATE_DISABLED) {
    if (queue.phase == Phase::kStopping && (state & 0xf) != PP_QSTATE_DRAINING &&
        (state & 0xf) != PP_QSTATE_ABORTING) {
      violate(q, fmt::format("state {:#x} while stopping", state));
    }
    return false;
  }
  if (state != PP_QSTATE_DISABLED) violate(q, "DISABLED with units in flight");
  const std::uint16_t head = low(device_.read(queue_register(q, PP_Q_SQ_HEAD)));
  if (low(queue.rung - head) > low(queue.rung - queue.sq_head)) {
    violate(
        q, fmt::format("sq_head {} at the end, {} told, {} rung", head, queue.sq_head, queue.rung));
  }
  for (std::size_t i = 0; i < queue.entries.size(); ++i) {
    const std::uint16_t index = low(queue.first + static_cast<std::uint32_t>(i));
    const bool taken_in = low(head - queue.first) > i && low(head - queue.first) < 0x8000;
    if (taken_in && !queue.entries[i].done && queue.cq_failed) {
      // Its completion could not be written, but what it met may have been logged.
      const Entry& entry = queue.entries[i];
      const Outcome outcome =
          reference_.expect(entry.sqe, entry.hit == Hit::kNo ? Injected{} : entry.injected);
      if (outcome.list_fault) errors_.allow({PP_ERR_SGL_FETCH, q, index, outcome.info});
      if (outcome.engine_error) errors_.allow({PP_ERR_ENGINE, q, index, 0});
    }
    if (taken_in && !queue.entries[i].done && !queue.cq_failed) {
      violate(q,
              fmt::format("DISABLED, sq_head {}, and entry {} without a completion", head, index));
    }
  }
  if (queue.error_seen && !queue.cq_failed) {
    const std::uint32_t index = refusal(q, queue).index;
    if (head != index) violate(q, fmt::format("stopped at {} by a refused entry {}", head, index));
  }
  queue.tally.submitted += head;
  total_.submitted += head;
  take_back_all(queue);
  queue.phase = Phase::kDisabled;
  return true;
}

// The entry of the log for the page of its submission ring that the bus refuses.
LogEntry Host::refusal(unsigned q, const Queue& queue) {
  const std::uint64_t offset = *queue.setting.refused_sq_page * kPage;
  return {PP_ERR_SQ_FETCH, q, static_cast<std::uint32_t>(offset / PP_SQE_SIZE),
          queue.sq_base + offset};
}

bool Host::recover(unsigned q) {
  Queue& queue = queues_[q];
  if (!queue.setting.refused_sq_page && !queue.setting.refused_cq_page) return false;
  if (queue.phase != Phase::kRunning && queue.phase != Phase::kPaused) return false;
  const std::uint32_t state = device_.read(queue_register(q, PP_Q_STATE)) & 0xf;
  if (state != PP_QSTATE_ERROR) return false;
  queue.error_seen = true;
  if (queue.setting.refused_sq_page) {
    errors_.insist(refusal(q, queue));
  } else if (!queue.cq_failed) {
    violate(q, "ERROR without a reason");
  }
  stop(q, random_.percent(50) ? Stop::kDisable : Stop::kAbort);
  return true;
}

bool Host::broken(unsigned q) const {
  return queues_[q].cq_failed || (queues_[q].setting.refused_sq_page && queues_[q].waiting != 0);
}

}  // namespace pagepress::bench
