// SPDX-License-Identifier: Apache-2.0
// Waiting for completions: by looking, by interrupts, or first one and then the other.
//
// No wake-up is lost: the interrupt is armed, then the ring looked at once more, then slept. With
// PP_Q_IRQ_MASK the device keeps a message that became due while masked; without it, the arming
// write is read back first, so that whatever completed before it is visible.
#include <pagepress/queue_pair.hpp>

#include <algorithm>

namespace pagepress {
namespace {

constexpr unsigned kMostMisses = 8;  // in a row, before polling takes over
constexpr unsigned kCountShift = 8;
constexpr unsigned kVectorShift = 16;

}  // namespace

std::string_view to_string(WaitMode mode) noexcept {
  switch (mode) {
    case WaitMode::kPoll:
      return "poll";
    case WaitMode::kInterrupt:
      return "interrupt";
    case WaitMode::kHybrid:
      return "hybrid";
  }
  return "unknown";
}

void QueuePair::choose_wait_mode() noexcept {
  const Capabilities& caps = device_.capabilities();
  const unsigned vectors = std::min(device_.bus().vectors(), caps.vectors);
  const bool usable = caps.has(PP_FEAT_IRQ) && config_.wait.vector < vectors;
  wait_mode_ = usable ? config_.wait.mode : WaitMode::kPoll;
  sqe_flags_ = wait_mode_ == WaitMode::kPoll ? 0 : PP_SQE_F_IRQ;
  misses_ = 0;
}

// While the queue is DISABLED.
void QueuePair::program_interrupt() {
  if (wait_mode_ == WaitMode::kPoll) {
    return;
  }
  device_.bus().write32(reg(PP_Q_IRQ_TIME), config_.wait.irq_cycles);
  armed_ = true;  // so that the next line writes
  arm(false);
}

void QueuePair::arm(bool on) {
  if (armed_ == on) {
    return;
  }
  armed_ = on;
  const std::uint32_t settings = config_.wait.irq_count << kCountShift | config_.wait.vector
                                                                             << kVectorShift;
  Bus& bus = device_.bus();
  if (device_.capabilities().has(PP_FEAT_IRQ_MASK)) {
    bus.write32(reg(PP_Q_IRQ_CTRL), settings | PP_Q_IRQ_ENABLE | (on ? 0u : PP_Q_IRQ_MASK));
    return;
  }
  bus.write32(reg(PP_Q_IRQ_CTRL), settings | (on ? PP_Q_IRQ_ENABLE : 0u));
  if (on) {
    (void)bus.read32(reg(PP_Q_IRQ_CTRL));
  }
}

bool QueuePair::worth_polling() const noexcept {
  return completion_visible() || failed_ || oldest_seq_ < abort_until_ ||
         device_.generation() != generation_;
}

// Whether there was something before `until_ns`. `wait`: Clock::pause_ns or sleep_ns.
bool QueuePair::look_until(std::uint64_t until_ns, std::uint64_t step_ns,
                           void (Clock::*wait)(std::uint64_t)) {
  Clock& clock = device_.clock();
  while (!worth_polling()) {
    const std::uint64_t now = clock.now_ns();
    if (now >= until_ns) {
      return false;
    }
    (clock.*wait)(std::clamp<std::uint64_t>(step_ns, 1, until_ns - now));
  }
  return true;
}

void QueuePair::sleep_until(std::uint64_t until_ns) {
  Clock& clock = device_.clock();
  while (!worth_polling() && misses_ < kMostMisses) {
    const std::uint64_t now = clock.now_ns();
    if (now >= until_ns) {
      break;
    }
    arm(true);
    if (worth_polling()) {
      break;
    }
    if (device_.bus().wait_interrupt(config_.wait.vector,
                                     std::min(until_ns - now, config_.wait.recheck_ns))) {
      ++counters_.interrupts;
      misses_ = 0;
    } else if (completion_visible()) {
      ++counters_.missed_interrupts;
      ++misses_;
    }
  }
  arm(false);
  if (misses_ == kMostMisses) {
    wait_mode_ = WaitMode::kPoll;
  }
}

void QueuePair::wait(std::uint64_t timeout_ns) {
  if (worth_polling() || live_ == 0) {
    return;
  }
  const WaitConfig& wait = config_.wait;
  const std::uint64_t start = device_.clock().now_ns();
  // Not longer than until poll() gives the device up; `timeout_ns` may be as good as for ever.
  const std::uint64_t given_up = silent_since() + config_.completion_timeout_ns;
  const std::uint64_t most = given_up > start ? given_up - start : 0;
  const std::uint64_t until = start + std::min(timeout_ns, most);
  if (wait_mode_ == WaitMode::kPoll) {
    look_until(until, wait.poll_ns, &Clock::pause_ns);
    return;
  }
  if (wait_mode_ == WaitMode::kHybrid) {
    const std::uint64_t spun = start + wait.spin_ns;
    if (look_until(std::min(until, spun), wait.poll_ns, &Clock::pause_ns) ||
        look_until(std::min(until, spun + wait.naps_ns), wait.nap_ns, &Clock::sleep_ns)) {
      return;
    }
  }
  sleep_until(until);
}

}  // namespace pagepress
