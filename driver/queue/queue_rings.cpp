// SPDX-License-Identifier: Apache-2.0
// Submissions and completions: the way of a page.
//
// Ordering: descriptors are written before the doorbell (rte_io_wmb), the body
// of a completion is read after its phase bit (acquire, rte_io_rmb) and before
// the doorbell that gives its place back (rte_io_mb).
#include <pagepress/queue_pair.hpp>

#include <fmt/format.h>
#include <rte_atomic.h>

#include <algorithm>
#include <atomic>

#include "driver/queue/queue_state.hpp"

namespace pagepress {
namespace {

std::uint16_t distance(std::uint16_t from, std::uint16_t to) noexcept {
  return static_cast<std::uint16_t>(to - from);
}

}  // namespace

std::size_t QueuePair::room() const noexcept {
  if (failed_) {
    return 0;
  }
  const std::size_t sq_room = config_.sq_depth - distance(sq_head_, sq_tail_);
  const std::size_t window = config_.cq_depth - static_cast<std::size_t>(next_seq_ - oldest_seq_);
  return std::min(sq_room, window);
}

std::size_t QueuePair::submit(std::span<const pp_sqe> entries) {
  check_reset();
  const std::size_t count = std::min(entries.size(), room());
  if (count == 0) {
    return 0;
  }
  const std::uint64_t now = device_.clock().now_ns();
  auto* ring = reinterpret_cast<pp_sqe*>(sq_.data());
  // Members stay out of the loop: what it writes could alias them for all the compiler knows.
  InFlight* const flights = in_flight_.data();
  const std::uint16_t flags = sqe_flags_;
  std::uint64_t seq = next_seq_;
  std::uint64_t at = sq_tail_;
  for (const pp_sqe& entry : entries.first(count)) {
    pp_sqe& sqe = ring[at++ & sq_mask_];
    sqe = entry;
    sqe.flags = static_cast<std::uint16_t>(entry.flags | flags);
    sqe.tag = seq;
    flights[seq++ & cq_mask_] = {
        .user_tag = entry.tag, .submit_ns = now, .capacity = entry.dst_capacity, .done = false};
  }
  next_seq_ = seq;
  sq_tail_ = static_cast<std::uint16_t>(at);
  live_ += count;
  ++counters_.doorbells;
  rte_io_wmb();
  device_.bus().write32(doorbell(PP_DB_SQ_TAIL), sq_tail_);
  return count;
}

bool QueuePair::completion_visible() const noexcept {
  auto& entry = reinterpret_cast<pp_cqe*>(cq_.data())[cq_head_ & cq_mask_];
  const std::uint8_t flags = std::atomic_ref(entry.flags).load(std::memory_order_acquire);
  const bool first_pass = (cq_head_ & config_.cq_depth) == 0;
  return ((flags & PP_CQE_F_PHASE) != 0) == first_pass;
}

inline void QueuePair::finish(std::uint64_t seq) noexcept {
  ++done_count_;
  if (seq == oldest_seq_ && overtaken_ == 0) [[likely]] {
    ++oldest_seq_;  // in order: nobody asks for its slot again
    return;
  }
  slot(seq).done = true;
  ++overtaken_;
  while (oldest_seq_ != next_seq_ && slot(oldest_seq_).done) {
    ++oldest_seq_;
    --overtaken_;
  }
}

// Takes one completion: restores the caller's tag and moves the indices, or
// fails the queue and returns false.
inline bool QueuePair::accept(pp_cqe& cqe) {
  const std::uint64_t seq = cqe.tag;
  InFlight& flight = slot(seq);
  const bool outstanding = seq >= std::max(oldest_seq_, abort_until_) && seq < next_seq_;
  // Consumed: at least what it said before and what has completed, at most all.
  const std::uint16_t ahead = distance(cqe.sq_head, sq_tail_);
  if (!outstanding || flight.done || ahead > distance(sq_head_, sq_tail_) || ahead > live_ - 1)
      [[unlikely]] {
    explain(cqe, outstanding && !flight.done);
    return false;
  }
  if (cqe.status >= PP_STATUS_COUNT || cqe.out_len > flight.capacity) [[unlikely]] {
    cqe.status = PP_STATUS_INTERNAL;
    cqe.out_len = 0;
    ++counters_.bad_status;
  }
  sq_head_ = cqe.sq_head;
  ++cq_head_;
  --live_;
  cqe.tag = flight.user_tag;
  finish(seq);
  return true;
}

void QueuePair::explain(const pp_cqe& cqe, bool tag_is_good) {
  if (!tag_is_good) {
    fail(DeviceFault::kProtocol,
         fmt::format("completion {} has tag {:#x}, which is not outstanding", cq_head_, cqe.tag));
    return;
  }
  fail(DeviceFault::kProtocol,
       fmt::format("completion {} has sq_head {}; it was {}, sq_tail is {}, {} are outstanding",
                   cq_head_, cqe.sq_head, sq_head_, sq_tail_, live_ - 1));
}

std::size_t QueuePair::poll(std::span<pp_cqe> done) {
  if (done.empty()) {
    return 0;
  }
  check_reset();
  std::size_t count = poll_aborted(done);
  if (!failed_) [[likely]] {
    const std::size_t fresh = poll_ring(done.subspan(count));
    if (fresh != 0) {
      last_completion_ns_ = device_.clock().now_ns();
      count += fresh;
    } else if (count == 0 && live_ != 0 && !failed_) {
      check_timeout();
    }
    if (distance(cq_reported_, cq_head_) >= cq_report_ && !failed_) {
      cq_reported_ = cq_head_;
      // Loads before a store: the device may overwrite these entries from here on.
      rte_io_mb();
      device_.bus().write32(doorbell(PP_DB_CQ_HEAD), cq_head_);
    }
  } else if (stopped_ && abort_until_ != next_seq_) {
    const std::size_t seen = poll_ring(done.subspan(count));
    counters_.late += static_cast<std::uint64_t>(
        std::count_if(done.begin() + static_cast<std::ptrdiff_t>(count),
                      done.begin() + static_cast<std::ptrdiff_t>(count + seen),
                      [](const pp_cqe& cqe) { return cqe.status != PP_STATUS_ABORTED; }));
    count += seen;
    if (count < done.size()) {
      abort_until_ = next_seq_;
      count += poll_aborted(done.subspan(count));
    }
  }
  if (count == 0 && failed_ && !stopped_) [[unlikely]] {
    throw DeviceError(fault_, failure_);
  }
  return count;
}

// What lies in the completion ring, up to the first entry that cannot be.
std::size_t QueuePair::poll_ring(std::span<pp_cqe> done) {
  std::size_t count = 0;
  for (std::size_t run = 1; run != 0 && count < done.size();) {
    run = poll_in_order(done.subspan(count));
    count += run;
  }
  const auto* ring = reinterpret_cast<const pp_cqe*>(cq_.data());
  while (count < done.size() && completion_visible()) {
    rte_io_rmb();
    pp_cqe& cqe = done[count];
    cqe = ring[cq_head_ & cq_mask_];
    if (!accept(cqe)) [[unlikely]] {
      break;
    }
    ++count;
  }
  return count;
}

// The common run: completions in order, with nothing to object to, up to the end of the ring. It
// ends before the first one that is not so, which accept() looks at. Members stay out of the loop:
// what it writes could alias them for all the compiler knows.
std::size_t QueuePair::poll_in_order(std::span<pp_cqe> done) {
  if (overtaken_ != 0 || oldest_seq_ < abort_until_) [[unlikely]] {
    return 0;
  }
  const std::size_t at = cq_head_ & cq_mask_;
  const std::size_t most =
      std::min({done.size(), static_cast<std::size_t>(live_), config_.cq_depth - at});
  const std::uint8_t phase = (cq_head_ & config_.cq_depth) == 0 ? PP_CQE_F_PHASE : 0;
  pp_cqe* entry = reinterpret_cast<pp_cqe*>(cq_.data()) + at;
  pp_cqe* cqe = done.data();
  const InFlight* const flights = in_flight_.data();
  const std::uint64_t mask = cq_mask_;
  const std::uint64_t first = oldest_seq_;
  const std::uint64_t end = first + live_ - 1;  // less a completion's number: what may be ahead
  const std::uint16_t sq_tail = sq_tail_;
  std::uint16_t most_ahead = distance(sq_head_, sq_tail);
  std::uint64_t seq = first;
  for (; seq != first + most; ++seq, ++entry, ++cqe) {
    const std::uint8_t flags = std::atomic_ref(entry->flags).load(std::memory_order_acquire);
    if ((flags & PP_CQE_F_PHASE) != phase) {
      break;
    }
    rte_io_rmb();
    *cqe = *entry;
    const InFlight& flight = flights[seq & mask];
    const std::uint16_t ahead = distance(cqe->sq_head, sq_tail);
    if (cqe->tag != seq || ahead > most_ahead || ahead > end - seq ||
        cqe->status >= PP_STATUS_COUNT || cqe->out_len > flight.capacity) [[unlikely]] {
      break;
    }
    cqe->tag = flight.user_tag;
    most_ahead = ahead;
  }
  const auto count = static_cast<std::size_t>(seq - first);
  cq_head_ = static_cast<std::uint16_t>(cq_head_ + count);
  sq_head_ = static_cast<std::uint16_t>(sq_tail - most_ahead);
  oldest_seq_ = seq;
  live_ -= count;
  done_count_ += count;
  return count;
}

void QueuePair::check_reset() {
  if (device_.generation() != generation_ && !failed_) [[unlikely]] {
    fail(DeviceFault::kReset, "the device was reset on behalf of another queue");
  }
}

std::size_t QueuePair::poll_aborted(std::span<pp_cqe> done) noexcept {
  std::size_t count = 0;
  while (count < done.size() && oldest_seq_ < abort_until_) {
    done[count] = {};
    done[count].tag = slot(oldest_seq_).user_tag;  // never done: finish() has passed those
    done[count].status = PP_STATUS_ABORTED;
    ++count;
    finish(oldest_seq_);
  }
  return count;
}

// A device that completes one after the other is slow, not dead, however old the oldest is.
std::uint64_t QueuePair::silent_since() const noexcept {
  const InFlight& oldest = in_flight_[std::max(oldest_seq_, abort_until_) & cq_mask_];
  return std::max(oldest.submit_ns, last_completion_ns_);
}

void QueuePair::check_timeout() {
  if (device_.clock().now_ns() - silent_since() < config_.completion_timeout_ns) {
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
