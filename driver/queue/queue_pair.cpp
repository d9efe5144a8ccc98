// SPDX-License-Identifier: Apache-2.0
// Rings, doorbells and completions of one queue.
//
// Ordering: descriptors are written before the doorbell (rte_io_wmb), the body
// of a completion is read after its phase bit (acquire, rte_io_rmb) and before
// the doorbell that gives its place back (rte_io_mb).
#include <pagepress/queue_pair.hpp>

#include <fmt/format.h>
#include <rte_atomic.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <stdexcept>

namespace pagepress {
namespace {

std::size_t check_depth(const char* which, unsigned depth, const Capabilities& caps) {
  if (!std::has_single_bit(depth) || depth < 2 || depth > (1u << caps.depth_log2)) {
    throw std::invalid_argument(fmt::format("{} {}: must be a power of two from 2 to {}", which,
                                            depth, 1u << caps.depth_log2));
  }
  return depth;
}

std::uint16_t distance(std::uint16_t from, std::uint16_t to) noexcept {
  return static_cast<std::uint16_t>(to - from);
}

const char* state_name(unsigned state) noexcept {
  switch (state) {
    case PP_QSTATE_DISABLED:
      return "disabled";
    case PP_QSTATE_RUNNING:
      return "running";
    case PP_QSTATE_PAUSED:
      return "paused";
    case PP_QSTATE_DRAINING:
      return "draining";
    case PP_QSTATE_ABORTING:
      return "aborting";
    case PP_QSTATE_ERROR:
      return "error";
    default:
      return "unknown";
  }
}

constexpr std::uint32_t kStateMask = 0xfu;
constexpr std::uint32_t kInFlightMask = 0xffff0000u;
constexpr unsigned kHighestPriority = PP_Q_CTRL_PRIORITY_MASK >> PP_Q_CTRL_PRIORITY_SHIFT;

}  // namespace

QueuePair::QueuePair(Device& device, DmaMap& map, DmaAllocator& allocator,
                     const QueueConfig& config)
    : device_(device),
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
  if (device.bus().read32(reg(PP_Q_STATE)) != PP_QSTATE_DISABLED) {
    throw DeviceError(DeviceFault::kRefused,
                      fmt::format("queue {} is in use: PP_Q_STATE is not 0", config.index));
  }
  try {
    program();
  } catch (...) {
    stop();
    throw;
  }
}

QueuePair::~QueuePair() { stop(); }

std::uint64_t QueuePair::reg(std::uint64_t offset) const noexcept {
  return PP_QUEUE_BASE + config_.index * std::uint64_t{PP_QUEUE_STRIDE} + offset;
}

std::uint64_t QueuePair::doorbell(std::uint64_t offset) const noexcept {
  return PP_DOORBELL_BASE + config_.index * std::uint64_t{PP_DOORBELL_STRIDE} + offset;
}

void QueuePair::program() {
  Bus& bus = device_.bus();
  std::memset(sq_.data(), 0, sq_.size());
  std::memset(cq_.data(), 0, cq_.size());  // phase 0: nothing is there yet
  sq_tail_ = sq_head_ = cq_head_ = cq_reported_ = 0;
  live_ = 0;

  const auto log2 = [](unsigned depth) {
    return static_cast<std::uint32_t>(std::countr_zero(depth));
  };
  bus.write32(reg(PP_Q_SIZE), log2(config_.sq_depth) | log2(config_.cq_depth) << 8);
  bus.write32(reg(PP_Q_SQ_BASE_LO), static_cast<std::uint32_t>(sq_.iova()));
  bus.write32(reg(PP_Q_SQ_BASE_HI), static_cast<std::uint32_t>(sq_.iova() >> 32));
  bus.write32(reg(PP_Q_CQ_BASE_LO), static_cast<std::uint32_t>(cq_.iova()));
  bus.write32(reg(PP_Q_CQ_BASE_HI), static_cast<std::uint32_t>(cq_.iova() >> 32));
  rte_io_wmb();
  bus.write32(reg(PP_Q_CTRL), PP_Q_CTRL_ENABLE | config_.priority << PP_Q_CTRL_PRIORITY_SHIFT);
  // The read pushes the write before it: the state is final.
  const std::uint32_t state = bus.read32(reg(PP_Q_STATE));
  if ((state & kStateMask) != PP_QSTATE_RUNNING) {
    throw DeviceError(
        DeviceFault::kRefused,
        fmt::format("queue {} cannot be enabled: PP_Q_STATE is {} ({:#x}); {}", config_.index,
                    state_name(state & kStateMask), state, device_.drain_errors()));
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

bool QueuePair::stop_queue() {
  const bool abort = device_.capabilities().has(PP_FEAT_ABORT);
  device_.bus().write32(reg(PP_Q_CTRL), abort ? PP_Q_CTRL_ENABLE | PP_Q_CTRL_ABORT : 0u);
  try {
    device_.wait_register(reg(PP_Q_STATE), kStateMask | kInFlightMask, PP_QSTATE_DISABLED,
                          fmt::format("PP_Q_STATE of queue {}", config_.index));
    return true;
  } catch (const DeviceError&) {
    return false;
  }
}

void QueuePair::stop() noexcept {
  try {
    if (!stop_queue()) {
      device_.reset();
    }
  } catch (const std::exception&) {
    // Neither queue nor device answers: it may still write completions.
    sq_.abandon();
    cq_.abandon();
  }
}

void QueuePair::restart() {
  if (!stop_queue()) {
    device_.reset();
  }
  abort_until_ = next_seq_;
  fail(DeviceFault::kRefused, "restart() did not succeed");  // unless program() does
  program();
  failed_ = false;
  ++counters_.restarts;
}

std::size_t QueuePair::room() const noexcept {
  if (failed_) {
    return 0;
  }
  const std::size_t sq_room = config_.sq_depth - distance(sq_head_, sq_tail_);
  const std::size_t window = config_.cq_depth - static_cast<std::size_t>(next_seq_ - oldest_seq_);
  return std::min(sq_room, window);
}

std::size_t QueuePair::submit(std::span<const pp_sqe> entries) {
  const std::size_t count = std::min(entries.size(), room());
  if (count == 0) {
    return 0;
  }
  const std::uint64_t now = device_.clock().now_ns();
  auto* ring = reinterpret_cast<pp_sqe*>(sq_.data());
  for (const pp_sqe& entry : entries.first(count)) {
    pp_sqe& sqe = ring[sq_tail_ & sq_mask_];
    sqe = entry;
    sqe.tag = next_seq_;
    slot(next_seq_) = {
        .user_tag = entry.tag, .submit_ns = now, .capacity = entry.dst_capacity, .done = false};
    ++sq_tail_;
    ++next_seq_;
  }
  live_ += count;
  counters_.submitted += count;
  ++counters_.doorbells;
  rte_io_wmb();
  device_.bus().write32(doorbell(PP_DB_SQ_TAIL), sq_tail_);
  return count;
}

std::size_t QueuePair::poll(std::span<pp_cqe> done) {
  if (done.empty()) {
    return 0;
  }
  std::size_t count = poll_aborted(done);
  bool accepted = false;
  auto* ring = reinterpret_cast<pp_cqe*>(cq_.data());
  while (!failed_ && count < done.size()) {
    pp_cqe& entry = ring[cq_head_ & cq_mask_];
    const std::uint8_t flags = std::atomic_ref(entry.flags).load(std::memory_order_acquire);
    const bool first_pass = (cq_head_ & config_.cq_depth) == 0;
    if (((flags & PP_CQE_F_PHASE) != 0) != first_pass) {
      break;
    }
    rte_io_rmb();
    pp_cqe cqe = entry;
    if (!accept(cqe)) [[unlikely]] {
      break;
    }
    done[count++] = cqe;
    accepted = true;
  }
  if (accepted) {
    last_completion_ns_ = device_.clock().now_ns();
  }
  if (distance(cq_reported_, cq_head_) >= cq_report_ && !failed_) {
    cq_reported_ = cq_head_;
    // Loads before a store: the device may overwrite these entries from here on.
    rte_io_mb();
    device_.bus().write32(doorbell(PP_DB_CQ_HEAD), cq_head_);
  }
  if (count == 0) {
    if (!failed_ && live_ != 0) {
      check_timeout();
    }
    if (failed_) [[unlikely]] {
      throw DeviceError(fault_, failure_);
    }
  }
  return count;
}

// Takes one completion: restores the caller's tag and moves the indices, or
// fails the queue and returns false.
bool QueuePair::accept(pp_cqe& cqe) {
  const std::uint64_t seq = cqe.tag;
  const std::uint64_t oldest = std::max(oldest_seq_, abort_until_);
  if (seq < oldest || seq >= next_seq_ || slot(seq).done) [[unlikely]] {
    fail(DeviceFault::kProtocol,
         fmt::format("completion {} has tag {:#x}, which is not outstanding", cq_head_, seq));
    return false;
  }
  // Consumed: at least what it said before and what has completed, at most all.
  const std::uint16_t ahead = distance(cqe.sq_head, sq_tail_);
  if (ahead > distance(sq_head_, sq_tail_) || ahead > live_ - 1) [[unlikely]] {
    fail(DeviceFault::kProtocol,
         fmt::format("completion {} has sq_head {}; it was {}, sq_tail is {}, {} are outstanding",
                     cq_head_, cqe.sq_head, sq_head_, sq_tail_, live_ - 1));
    return false;
  }
  InFlight& flight = slot(seq);
  if (cqe.status >= PP_STATUS_COUNT || cqe.out_len > flight.capacity) [[unlikely]] {
    cqe.status = PP_STATUS_INTERNAL;
    cqe.out_len = 0;
    ++counters_.bad_status;
  }
  sq_head_ = cqe.sq_head;
  ++cq_head_;
  --live_;
  cqe.tag = flight.user_tag;
  finish(flight);
  return true;
}

void QueuePair::finish(InFlight& flight) noexcept {
  flight.done = true;
  ++done_count_;
  ++counters_.completed;
  while (oldest_seq_ != next_seq_ && slot(oldest_seq_).done) {
    ++oldest_seq_;
  }
}

std::size_t QueuePair::poll_aborted(std::span<pp_cqe> done) noexcept {
  std::size_t count = 0;
  while (count < done.size() && oldest_seq_ < abort_until_) {
    InFlight& flight = slot(oldest_seq_);  // never done: finish() has passed those
    done[count] = {};
    done[count].tag = flight.user_tag;
    done[count].status = PP_STATUS_ABORTED;
    ++count;
    finish(flight);
  }
  return count;
}

void QueuePair::check_timeout() {
  // A device that completes one after the other is slow, not dead, however old the oldest is.
  const InFlight& oldest = slot(std::max(oldest_seq_, abort_until_));
  const std::uint64_t since = std::max(oldest.submit_ns, last_completion_ns_);
  if (device_.clock().now_ns() - since < config_.completion_timeout_ns) {
    return;
  }
  Bus& bus = device_.bus();
  const std::uint32_t state = bus.read32(reg(PP_Q_STATE));
  if (state == 0xffffffffu) {
    fail(DeviceFault::kNotPresent, "the device is gone: PP_Q_STATE reads all ones");
    return;
  }
  fail(DeviceFault::kTimeout,
       fmt::format("no completion for {} us with {} outstanding; PP_Q_STATE {} with {} in flight, "
                   "sq_tail {}, PP_Q_SQ_HEAD {}, cq_head {}, PP_Q_CQ_TAIL {}; {}",
                   config_.completion_timeout_ns / 1000, live_, state_name(state & kStateMask),
                   state >> 16, sq_tail_, bus.read32(reg(PP_Q_SQ_HEAD)), cq_head_,
                   bus.read32(reg(PP_Q_CQ_TAIL)), device_.drain_errors()));
}

void QueuePair::fail(DeviceFault fault, const std::string& what) {
  failed_ = true;
  fault_ = fault;
  failure_ = fmt::format("queue {}: {}", config_.index, what);
}

}  // namespace pagepress
