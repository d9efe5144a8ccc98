// SPDX-License-Identifier: Apache-2.0
// The life of a queue: opened, stopped, started again, closed.
#include <pagepress/queue_pair.hpp>

#include <fmt/format.h>
#include <rte_atomic.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "driver/queue/queue_state.hpp"

namespace pagepress {
namespace {

std::size_t check_depth(const char* which, unsigned depth, const Capabilities& caps) {
  if (!std::has_single_bit(depth) || depth < 2 || depth > (1u << caps.depth_log2)) {
    throw std::invalid_argument(fmt::format("{} {}: must be a power of two from 2 to {}", which,
                                            depth, 1u << caps.depth_log2));
  }
  return depth;
}

constexpr unsigned kMostIrqCount = 255;  // what PP_Q_IRQ_CTRL has room for
constexpr unsigned kHighestPriority = PP_Q_CTRL_PRIORITY_MASK >> PP_Q_CTRL_PRIORITY_SHIFT;

}  // namespace

QueuePair::QueuePair(Device& device, DmaMap& map, DmaAllocator& allocator,
                     const QueueConfig& config)
    : device_(device),
      map_(map),
      allocator_(allocator),
      config_(config),
      sq_(map, allocator,
          check_depth("sq_depth", config.sq_depth, device.capabilities()) * sizeof(pp_sqe),
          PP_RING_ALIGN),
      cq_(map, allocator,
          check_depth("cq_depth", config.cq_depth, device.capabilities()) * sizeof(pp_cqe),
          PP_RING_ALIGN),
      in_flight_(config.cq_depth),
      sq_mask_(config.sq_depth - 1u),
      cq_mask_(config.cq_depth - 1u),
      cq_report_(static_cast<std::uint16_t>(std::max(config.cq_depth / 4u, 1u))) {
  if (config.index >= device.capabilities().queues) {
    throw std::invalid_argument(
        fmt::format("queue {}: the device has {}", config.index, device.capabilities().queues));
  }
  if (config.priority > kHighestPriority ||
      (config.priority != 0 && !device.capabilities().has(PP_FEAT_PRIORITY))) {
    throw std::invalid_argument(
        fmt::format("queue {}: priority {}: {}", config.index, config.priority,
                    config.priority > kHighestPriority ? "must be from 0 to 7"
                                                       : "the device has no priority classes"));
  }
  const WaitConfig& wait = config.wait;
  if (wait.irq_count == 0 || wait.irq_count > kMostIrqCount ||
      (wait.irq_count > 1 && wait.irq_cycles == 0)) {
    throw std::invalid_argument(
        fmt::format("queue {}: irq_count {}: must be from 1 to {}, and above 1 needs irq_cycles",
                    config.index, wait.irq_count, kMostIrqCount));
  }
  choose_wait_mode();
  const Device::Control control(device_);
  if (device.bus().read32(reg(PP_Q_STATE)) != PP_QSTATE_DISABLED) {
    throw DeviceError(DeviceFault::kRefused,
                      fmt::format("queue {} is in use: PP_Q_STATE is not 0", config.index));
  }
  try {
    program(control);
  } catch (...) {
    close(take_back(control));
    throw;
  }
}

QueuePair::~QueuePair() { close(stop()); }

// Rings that a device may believe in though it was cut off from them are nobody else's ever again.
void QueuePair::close(Ownership ownership) noexcept {
  if (ownership == Ownership::kRevoked) {
    sq_.abandon();
    cq_.abandon();
  }
}

std::uint64_t QueuePair::reg(std::uint64_t offset) const noexcept {
  return PP_QUEUE_BASE + config_.index * std::uint64_t{PP_QUEUE_STRIDE} + offset;
}

std::uint64_t QueuePair::doorbell(std::uint64_t offset) const noexcept {
  return PP_DOORBELL_BASE + config_.index * std::uint64_t{PP_DOORBELL_STRIDE} + offset;
}

void QueuePair::program(const Device::Control& control) {
  Bus& bus = device_.bus();
  std::memset(sq_.data(), 0, sq_.size());
  std::memset(cq_.data(), 0, cq_.size());  // phase 0: nothing is there yet
  sq_tail_ = sq_head_ = cq_head_ = cq_reported_ = 0;
  live_ = 0;

  const auto log2 = [](unsigned depth) {
    return static_cast<std::uint32_t>(std::countr_zero(depth));
  };
  generation_ = device_.generation();

  bus.write32(reg(PP_Q_SIZE), log2(config_.sq_depth) | log2(config_.cq_depth) << 8);
  bus.write32(reg(PP_Q_SQ_BASE_LO), static_cast<std::uint32_t>(sq_.iova()));
  bus.write32(reg(PP_Q_SQ_BASE_HI), static_cast<std::uint32_t>(sq_.iova() >> 32));
  bus.write32(reg(PP_Q_CQ_BASE_LO), static_cast<std::uint32_t>(cq_.iova()));
  bus.write32(reg(PP_Q_CQ_BASE_HI), static_cast<std::uint32_t>(cq_.iova() >> 32));
  program_interrupt();
  rte_io_wmb();
  bus.write32(reg(PP_Q_CTRL), PP_Q_CTRL_ENABLE | config_.priority << PP_Q_CTRL_PRIORITY_SHIFT);
  // The read pushes the write before it: the state is final.
  const std::uint32_t state = bus.read32(reg(PP_Q_STATE));
  if ((state & kStateMask) != PP_QSTATE_RUNNING) {
    throw DeviceError(
        DeviceFault::kRefused,
        fmt::format("queue {} cannot be enabled: PP_Q_STATE is {} ({:#x}); {}", config_.index,
                    state_name(state & kStateMask), state, device_.drain_errors(control)));
  }
  // Both sides count from 0; a device that does not would misread every entry.
  for (const auto& [offset, name] :
       {std::pair{PP_Q_SQ_HEAD, "PP_Q_SQ_HEAD"}, std::pair{PP_Q_CQ_TAIL, "PP_Q_CQ_TAIL"}}) {
    if (const std::uint32_t index = bus.read32(reg(offset)); index != 0) {
      throw DeviceError(
          DeviceFault::kProtocol,
          fmt::format("{} of queue {} is {} after enable, not 0", name, config_.index, index));
    }
  }
  device_.enable();
}

void QueuePair::stop_queue() {
  Bus& bus = device_.bus();
  const std::uint32_t state = bus.read32(reg(PP_Q_STATE));
  // A queue in ERROR leaves it by ENABLE=0 alone.
  const bool abort = device_.capabilities().has(PP_FEAT_ABORT) &&
                     (state & kStateMask) != PP_QSTATE_ERROR &&
                     (state & kStateMask) != PP_QSTATE_DISABLED;
  bus.write32(reg(PP_Q_CTRL), abort ? PP_Q_CTRL_ENABLE | PP_Q_CTRL_ABORT : 0u);
  device_.wait_register(reg(PP_Q_STATE), kStateMask | kInFlightMask, PP_QSTATE_DISABLED,
                        fmt::format("PP_Q_STATE of queue {}", config_.index));
  bus.write32(reg(PP_Q_IRQ_CTRL), 0);  // or what waits may still be sent
}

Ownership QueuePair::take_back(const Device::Control& control) {
  if (!device_.lost()) {
    if (device_.generation() != generation_) {
      return Ownership::kReset;  // another queue's owner did it
    }
    try {
      stop_queue();
      return Ownership::kStopped;
    } catch (const DeviceError&) {
      // It does not stop: on to the reset.
    }
    try {
      device_.reset(control);
      return Ownership::kReset;
    } catch (const DeviceError&) {
      // It does not end: nothing but the bus can stop the device.
    }
  }
  map_.revoke();
  return Ownership::kRevoked;
}

Ownership QueuePair::stop() noexcept {
  if (!stopped_) {
    ownership_ = take_back(Device::Control(device_));
    stopped_ = true;
    failed_ = true;
    armed_ = false;
  }
  return ownership_;
}

void QueuePair::start() {
  if (!stopped_) {
    throw std::logic_error(fmt::format("queue {}: start() without stop()", config_.index));
  }
  abort_until_ = next_seq_;
  fail(DeviceFault::kRefused, "start() did not succeed");  // unless program() does
  const Device::Control control(device_);
  device_.revive(control);
  map_.restore();
  stopped_ = false;
  program(control);
  failed_ = false;
  choose_wait_mode();
  ++counters_.restarts;
}

void QueuePair::restart() {
  (void)stop();
  start();
}

QueueSet::QueueSet(Device& device, DmaMap& map, DmaAllocator& allocator, const QueueConfig& config,
                   unsigned count) {
  const unsigned queues = device.capabilities().queues;
  if (count > queues) {
    throw std::invalid_argument(fmt::format("{} queues: the device has {}", count, queues));
  }
  for (unsigned i = 0; i < (count == 0 ? queues : count); ++i) {
    QueueConfig own = config;
    own.index = i;
    own.wait.vector = i;
    queues_.push_back(
        std::unique_ptr<Line>(new Line{.pair = QueuePair(device, map, allocator, own)}));
  }
}

}  // namespace pagepress
