// SPDX-License-Identifier: Apache-2.0
// Misuse, injection, and what must hold when nothing is in flight.
#include <fmt/format.h>

#include "tests/rtl/device/host.hpp"

namespace pagepress::bench {
namespace {

std::uint16_t low(std::uint32_t value) { return static_cast<std::uint16_t>(value); }

std::uint32_t queue_register(unsigned q, std::uint32_t offset) {
  return PP_QUEUE_BASE + q * PP_QUEUE_STRIDE + offset;
}

std::uint32_t doorbell(unsigned q, std::uint32_t offset) {
  return PP_DOORBELL_BASE + q * PP_DOORBELL_STRIDE + offset;
}

std::uint32_t merge(std::uint32_t old, std::uint32_t value, std::uint32_t strobes) {
  for (unsigned i = 0; i < 4; ++i) {
    const std::uint32_t mask = 0xffU << 8 * i;
    if ((strobes >> i & 1U) != 0) old = (old & ~mask) | (value & mask);
  }
  return old;
}

}  // namespace

// ---- Misuse

void Host::misuse(unsigned q) {
  Queue& queue = queues_[q];
  const auto any = static_cast<std::uint32_t>(random_.bits());
  if (queue.phase == Phase::kDisabled) {
    const std::uint32_t which = random_.percent(50) ? PP_DB_SQ_TAIL : PP_DB_CQ_HEAD;
    errors_.expect({PP_ERR_DOORBELL_DISABLED, q, which, any & 0xffff});
    device_.write(doorbell(q, which), any);
    return;
  }
  // An ERROR may come at any time there, and what is told changes with it.
  if (queue.phase == Phase::kStopping || queue.setting.refused_sq_page ||
      queue.setting.refused_cq_page) {
    return;
  }
  switch (random_.below(3)) {
    case 0: {
      const std::uint64_t least = (std::uint64_t{1} << queue.setting.sq_log2) + 1;
      const std::uint16_t value =
          low(queue.rung + static_cast<std::uint32_t>(random_.between(least, 0xffff)));
      errors_.expect({PP_ERR_DOORBELL_RANGE, q, PP_DB_SQ_TAIL, value});
      device_.write(doorbell(q, PP_DB_SQ_TAIL), value);
      break;
    }
    case 1: {
      const std::uint64_t least = unconsumed(q) + queue.waiting + 1;
      const std::uint16_t value =
          low(queue.cq_head + static_cast<std::uint32_t>(random_.between(least, 0xffff)));
      errors_.expect({PP_ERR_CQ_HEAD_RANGE, q, PP_DB_CQ_HEAD, value});
      device_.write(doorbell(q, PP_DB_CQ_HEAD), value);
      break;
    }
    default: {
      static constexpr std::array<std::uint32_t, 5> kLocked = {
          PP_Q_SIZE, PP_Q_SQ_BASE_LO, PP_Q_SQ_BASE_HI, PP_Q_CQ_BASE_LO, PP_Q_CQ_BASE_HI};
      const std::uint32_t offset = kLocked[random_.below(kLocked.size())];
      const auto strobes = static_cast<std::uint8_t>(random_.between(1, 15));
      const std::uint32_t old = device_.read(queue_register(q, offset));
      errors_.expect({PP_ERR_REGISTER_LOCKED, q, offset, merge(old, any, strobes)});
      device_.write(queue_register(q, offset), any, strobes);
      if (device_.read(queue_register(q, offset)) != old) violate(q, "a locked register changed");
      break;
    }
  }
}

void Host::start_wrongly(unsigned q) {
  Queue& queue = queues_[q];
  if (queue.phase != Phase::kDisabled) return;
  const auto any = static_cast<std::uint32_t>(random_.bits());
  std::uint32_t sq_log2 = 4;
  std::uint32_t cq_log2 = 4;
  std::uint64_t sq_base = random_.bits() & ~0xfffULL;
  std::uint64_t cq_base = random_.bits() & ~0xfffULL;
  LogEntry entry{PP_ERR_RING_BASE, q, 0, 0};
  switch (random_.below(4)) {
    case 0:
      sq_log2 = random_.percent(50) ? 0 : PP_DEPTH_LOG2_MAX + 1 + any % 16;
      break;
    case 1:
      cq_log2 = random_.percent(50) ? 0 : PP_DEPTH_LOG2_MAX + 1 + any % 16;
      break;
    case 2:
      sq_base |= random_.between(1, 0xfff);
      entry.index = PP_Q_SQ_BASE_LO;
      entry.address = sq_base;
      break;
    default:
      cq_base |= random_.between(1, 0xfff);
      entry.index = PP_Q_CQ_BASE_LO;
      entry.address = cq_base;
      break;
  }
  const std::uint32_t size = cq_log2 << 8 | sq_log2;
  if (entry.index == 0) entry = {PP_ERR_QUEUE_SIZE, q, PP_Q_SIZE, size};
  device_.write(queue_register(q, PP_Q_SIZE), size);
  device_.write(queue_register(q, PP_Q_SQ_BASE_LO), static_cast<std::uint32_t>(sq_base));
  device_.write(queue_register(q, PP_Q_SQ_BASE_HI), static_cast<std::uint32_t>(sq_base >> 32));
  device_.write(queue_register(q, PP_Q_CQ_BASE_LO), static_cast<std::uint32_t>(cq_base));
  device_.write(queue_register(q, PP_Q_CQ_BASE_HI), static_cast<std::uint32_t>(cq_base >> 32));
  errors_.expect(entry);
  device_.write(queue_register(q, PP_Q_CTRL), PP_Q_CTRL_ENABLE);
  if (device_.read(queue_register(q, PP_Q_STATE)) != PP_QSTATE_DISABLED) {
    violate(q, "enabled with a wrong size or base");
  }
}

void Host::poke() {
  const unsigned missing =
      queues() + static_cast<unsigned>(random_.below(PP_MAX_QUEUES - queues()));
  const unsigned q = static_cast<unsigned>(random_.below(queues()));
  std::uint32_t address = 0;
  bool reads_zero = true;
  switch (random_.below(8)) {
    case 0:
      address = static_cast<std::uint32_t>(random_.between(PP_REG_PERF_CTRL / 4 + 1, 0x3ff)) * 4;
      break;
    case 1:
      address = static_cast<std::uint32_t>(random_.between(0x1000 / 4, PP_QUEUE_BASE / 4 - 1)) * 4;
      break;
    case 2:
      address =
          queue_register(q, static_cast<std::uint32_t>(random_.between(0x3c / 4, 0xfc / 4)) * 4);
      break;
    case 3:
      address = queue_register(missing, static_cast<std::uint32_t>(random_.below(64)) * 4);
      break;
    case 4:
      address =
          static_cast<std::uint32_t>(random_.between(0x20000 / 4, PP_DOORBELL_BASE / 4 - 1)) * 4;
      break;
    case 5:
      address = doorbell(q, static_cast<std::uint32_t>(random_.between(2, 0x3ff)) * 4);
      break;
    case 6:
      address = doorbell(missing, static_cast<std::uint32_t>(random_.below(0x400)) * 4);
      break;
    default: {
      static constexpr std::array<std::uint32_t, 8> kReadOnly = {
          PP_REG_ID,          PP_REG_VERSION,   PP_REG_CAP0,    PP_REG_FEATURES_LO,
          PP_REG_FEATURES_HI, PP_REG_ERR_COUNT, PP_REG_PERF_LO, PP_REG_STATE};
      address = kReadOnly[random_.below(kReadOnly.size())];
      reads_zero = false;
      break;
    }
  }
  if (random_.percent(60)) {
    device_.write(address, static_cast<std::uint32_t>(random_.bits()),
                  static_cast<std::uint8_t>(random_.below(16)));
  }
  const std::uint32_t value = device_.read(address);
  if (reads_zero && value != 0) {
    throw Violation(fmt::format("offset {:#x} reads {:#x}, must be 0", address, value));
  }
  if (address == PP_REG_ID && value != PP_ID_VALUE) throw Violation("PP_REG_ID changed");
}

// ---- Injection

void Host::inject(unsigned q, const Injected& injected, unsigned pass, unsigned hits) {
  injection_ = Injection{q, injected, pass, hits};
  if (injected.kind == PP_INJECT_DROP_IRQ) {
    messages_.allow_drops(q, hits);
    injection_->exact = false;  // of messages, not of units
    injection_->what = {};
  }
  messages_.note(fmt::format("{}: queue {} injection {} argument {} pass {} hits {}",
                             device_.cycle(), q, injected.kind, injected.argument, pass, hits));
  device_.write(PP_REG_INJECT_ARG, injected.argument);
  device_.write(PP_REG_INJECT_COUNT, hits << 16 | pass);
  device_.write(PP_REG_INJECT, PP_INJECT_ARMED | q << 8 | injected.kind);
}

void Host::end_injection() {
  if (!injection_) return;
  const unsigned q = injection_->queue;
  Queue& queue = queues_[q];
  const bool armed = (device_.read(PP_REG_INJECT) & PP_INJECT_ARMED) != 0;
  if (injection_->exact && queue.entries.empty() &&
      armed != (injection_->seen < injection_->pass + injection_->hits)) {
    violate(q, fmt::format("injection {} armed {} after {} units, {} to pass, {} to hit",
                           injection_->what.kind, armed, injection_->seen, injection_->pass,
                           injection_->hits));
  }
  device_.write(PP_REG_INJECT, PP_INJECT_NONE);
  messages_.note(fmt::format("{}: queue {} injection ended", device_.cycle(), q));
  for (Entry& entry : queue.entries) {
    if (entry.hit == Hit::kYes) entry.hit = Hit::kMaybe;
  }
  injection_.reset();
}

// ---- Quiet

std::uint64_t Host::counter(std::uint32_t scope, std::uint32_t instance, std::uint32_t number) {
  device_.write(PP_REG_PERF_SELECT, scope << 28 | instance << 16 | number);
  const std::uint64_t lo = device_.read(PP_REG_PERF_LO);
  return lo | std::uint64_t{device_.read(PP_REG_PERF_HI)} << 32;
}

void Host::check_tally(const char* name, std::uint32_t scope, std::uint32_t instance,
                       const Tally& tally) {
  const auto compare = [&](const char* what, std::uint32_t number, std::uint64_t least,
                           std::uint64_t most) {
    const std::uint64_t is = counter(scope, instance, number);
    if (is >= least && is <= most) return;
    throw Violation(fmt::format("cycle {}: counter {} of {} {} is {}, must be {} to {}",
                                device_.cycle(), what, name, instance, is, least, most));
  };
  compare("SUBMITTED", PP_PERF_SUBMITTED, tally.submitted, tally.submitted);
  compare("COMPLETED", PP_PERF_COMPLETED, tally.completed, tally.completed);
  compare("BYTES_IN", PP_PERF_BYTES_IN, tally.bytes_in_least, tally.bytes_in_most);
  compare("BYTES_OUT", PP_PERF_BYTES_OUT, tally.bytes_out, tally.bytes_out);
  for (std::uint32_t s = 0; s < PP_STATUS_COUNT; ++s) {
    compare("STATUS", PP_PERF_STATUS_BASE + s, tally.by_status[s], tally.by_status[s]);
  }
}

void Host::check_counters() {
  Tally device;
  std::uint64_t latencies = 0;
  for (unsigned q = 0; q < queues(); ++q) {
    Tally tally = queues_[q].tally;
    if (queues_[q].phase != Phase::kDisabled) {
      tally.submitted += device_.read(queue_register(q, PP_Q_SQ_HEAD));
    }
    check_tally("queue", PP_PERF_SCOPE_QUEUE, q, tally);
    device.submitted += tally.submitted;
    device.completed += tally.completed;
    device.bytes_in_least += tally.bytes_in_least;
    device.bytes_in_most += tally.bytes_in_most;
    device.bytes_out += tally.bytes_out;
    for (std::uint32_t s = 0; s < PP_STATUS_COUNT; ++s) device.by_status[s] += tally.by_status[s];
  }
  check_tally("device", PP_PERF_SCOPE_DEVICE, 0, device);
  for (std::uint32_t i = 0; i < 32; ++i) {
    latencies += counter(PP_PERF_SCOPE_DEVICE, 0, PP_PERF_LATENCY_BASE + i);
  }
  if (latencies != device.completed) {
    throw Violation(
        fmt::format("the latency counters add up to {}, must be {}", latencies, device.completed));
  }
  if (const std::uint64_t sent = counter(PP_PERF_SCOPE_DEVICE, 0, PP_PERF_INTERRUPTS);
      sent != messages_seen_) {
    throw Violation(fmt::format("{} messages counted, {} seen", sent, messages_seen_));
  }
  if (!random_.percent(30)) return;
  device_.write(PP_REG_PERF_CTRL, 1);
  messages_seen_ = 0;
  for (unsigned q = 0; q < queues(); ++q) {
    queues_[q].tally = {};
    if (queues_[q].phase != Phase::kDisabled) queues_[q].tally.submitted -= queues_[q].rung;
  }
}

void Host::check_quiet() {
  for (unsigned i = 0; device_.busy() || !messages_.quiet(); ++i) {
    if (i > 20000) throw Violation("busy_o stays although nothing is outstanding");
    device_.tick();
    messages_.check(device_.cycle());
  }
  device_.tick(2 * MessageBoard::kSlack);
  messages_.check(device_.cycle());
  if (device_.axi().outstanding() != 0) throw Violation("not busy with bursts on the bus");
  for (unsigned q = 0; q < queues(); ++q) {
    const Queue& queue = queues_[q];
    if (queue.phase == Phase::kDisabled) continue;
    if (device_.read(queue_register(q, PP_Q_SQ_HEAD)) != queue.rung ||
        device_.read(queue_register(q, PP_Q_SQ_TAIL)) != queue.rung ||
        device_.read(queue_register(q, PP_Q_CQ_HEAD)) != queue.cq_head ||
        device_.read(queue_register(q, PP_Q_CQ_TAIL)) != queue.cq_tail) {
      violate(q, "indices in the registers\n" + describe());
    }
  }
  poll_errors();
  if (const std::string wrong = errors_.difference(); !wrong.empty()) {
    throw Violation("error log, " + wrong);
  }
  errors_.forget_allowed();
  for (unsigned q = 0; q < queues(); ++q) {
    if (queues_[q].phase != Phase::kDisabled && queues_[q].setting.refused_sq_page &&
        !queues_[q].error_seen) {
      errors_.allow(refusal(q, queues_[q]));
    }
  }
  if (device_.read(PP_REG_ERR_COUNT) != errors_.logged()) throw Violation("PP_REG_ERR_COUNT");
  if (error_interrupt_ && messages_.error_messages() != errors_.logged()) {
    throw Violation(fmt::format("{} messages for {} entries of the error log",
                                messages_.error_messages(), errors_.logged()));
  }
  for (unsigned q = 0; q < queues(); ++q) messages_.end_drops(q);
  check_counters();
  if ((device_.read(PP_REG_STATE) & PP_STATE_READY) == 0) throw Violation("not READY");
}

std::string Host::describe() {
  std::string text = fmt::format("cycle {}, device {}\n", device_.cycle(),
                                 device_enabled_ ? "enabled" : "disabled");
  for (unsigned q = 0; q < queues(); ++q) {
    const Queue& queue = queues_[q];
    text += fmt::format(
        "queue {}: phase {} tail {} rung {} sq_head {} cq_tail {} cq_head {} first {} waiting {}; "
        "STATE {:#x} SQ_HEAD {} SQ_TAIL {} CQ_HEAD {} CQ_TAIL {} depth {}/{}\n",
        q, static_cast<int>(queue.phase), queue.sq_tail, queue.rung, queue.sq_head, queue.cq_tail,
        queue.cq_head, queue.first, queue.waiting, device_.read(queue_register(q, PP_Q_STATE)),
        device_.read(queue_register(q, PP_Q_SQ_HEAD)),
        device_.read(queue_register(q, PP_Q_SQ_TAIL)),
        device_.read(queue_register(q, PP_Q_CQ_HEAD)),
        device_.read(queue_register(q, PP_Q_CQ_TAIL)), queue.setting.sq_log2,
        queue.setting.cq_log2);
    for (const Entry& entry : queue.entries) {
      if (entry.done) continue;
      text += fmt::format("  oldest: opcode {} flags {:#x} src {:#x}+{} dst {:#x}+{} injected {}\n",
                          entry.sqe.opcode, entry.sqe.flags, entry.sqe.src_addr, entry.sqe.src_len,
                          entry.sqe.dst_addr, entry.sqe.dst_capacity,
                          entry.hit == Hit::kNo ? 0 : entry.injected.kind);
      break;
    }
  }
  return text;
}

}  // namespace pagepress::bench
