// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/cq_writer.hpp"

#include <algorithm>
#include <cstring>

namespace pagepress::model::fast {
namespace {

// Events: a place is free again, or a unit of a dead queue waits.
constexpr std::uint32_t kCredit = 0;
constexpr std::uint32_t kDiscard = 1;

}  // namespace

void CqWriter::unit_leaves(Cycle from) {
  if (queues_[table_.unit().queue].dead) {
    events_.at(from, *this, kDiscard);
  } else {
    port_.wake(from);
  }
}

Cycle CqWriter::write_ready() const {
  const Cycle from = table_.leaves_from();
  if (from == kNever || credits_ == 0 || queues_[table_.unit().queue].dead) return kNever;
  return from;
}

// What is said of an aborted unit, if it is one.
Result CqWriter::told(const Unit& unit) const {
  const Result& result = table_.result();
  if (!controls_[unit.queue].aborts()) return result;
  return {.status = PP_STATUS_ABORTED, .on_engine = result.on_engine, .engine = result.engine};
}

void CqWriter::fill_write(Burst& burst, Cycle now) {
  const Unit unit = table_.unit();
  const Result result = told(unit);
  const QueueControl& control = controls_[unit.queue];
  Queue& queue = queues_[unit.queue];
  pp_cqe cqe{};
  cqe.tag = unit.tag;
  cqe.out_len = result.out_len;
  cqe.crc32c = result.crc32c;
  cqe.info = result.info;
  cqe.engine_cycles = result.cycles;
  cqe.sq_head = fetch_.head(unit.queue);
  cqe.status = result.status;
  // 1 on the first pass, then alternating: the index bit above the ring's.
  const bool phase = (queue.tail >> control.cq_log2() & 1U) == 0;
  cqe.flags =
      static_cast<std::uint8_t>(unsigned{result.detail} << PP_CQE_DETAIL_SHIFT |
                                (result.raw ? PP_CQE_F_RAW : 0U) | (phase ? PP_CQE_F_PHASE : 0U));
  const unsigned slot = queue.tail & ((1U << control.cq_log2()) - 1);
  const std::uint64_t address = control.cq_base() + std::uint64_t{slot} * sizeof cqe;
  // In a wider beat strobes choose its half.
  const auto lane = static_cast<std::uint16_t>(address % port_.beat_bytes());
  burst.address = address - lane;
  burst.beats = 1;
  burst.first = lane;
  burst.end = static_cast<std::uint16_t>(lane + sizeof cqe);
  std::memcpy(burst.data.data() + lane, &cqe, sizeof cqe);
  ++queue.tail;
  --credits_;
  track_.push_back({.stat = {.bytes_in = unit.src_len,
                             .bytes_out = result.out_len,
                             .latency = 0,
                             .queue = unit.queue,
                             .engine = result.engine,
                             .status = result.status,
                             .on_engine = result.on_engine},
                    .start = unit.start,
                    .irq = unit.irq});
  leave(unit, result, now);
}

void CqWriter::leave(const Unit& unit, const Result& result, Cycle now) {
  if (result.list_fault || result.engine_error) {
    observer_.unit_failed({.condition = static_cast<std::uint8_t>(
                               result.list_fault ? PP_ERR_SGL_FETCH : PP_ERR_ENGINE),
                           .queue = unit.queue,
                           .index = unit.index,
                           .address = result.list_fault ? result.info : 0},
                          now);
  }
  table_.left(now);
  observer_.slot_freed(unit.queue, now);
}

void CqWriter::write_done(bool refused, Cycle now) {
  Track track = track_.front();
  track_.pop_front();
  const unsigned q = track.stat.queue;
  Queue& queue = queues_[q];
  if (refused) {
    ++credits_;
    if (!queue.dead) {
      const QueueControl& control = controls_[q];
      const unsigned slot = queue.written & ((1U << control.cq_log2()) - 1);
      queue.dead = true;
      observer_.completion_failed(
          {.condition = PP_ERR_CQ_WRITE,
           .queue = static_cast<std::uint16_t>(q),
           .index = queue.written,
           .address = control.cq_base() + std::uint64_t{slot} * sizeof(pp_cqe)},
          now);
    }
  } else {
    track.stat.latency = now - track.start;
    events_.at(observer_.written(track.stat, now), *this, kCredit);
  }
  ++queue.written;
  observer_.completed(q, track.irq && !refused, now);
  if (table_.leaves_from() != kNever && queues_[table_.unit().queue].dead) {
    events_.at(std::max(now + 1, table_.leaves_from()), *this, kDiscard);
  }
}

void CqWriter::act(Cycle now, std::uint32_t what) {
  if (what == kCredit) {
    if (credits_++ == 0) port_.wake(now + 1);
  } else {
    discard(now);
  }
}

// A unit of a queue whose completions cannot be written; those on their way count first.
void CqWriter::discard(Cycle now) {
  if (table_.leaves_from() > now || !track_.empty()) return;  // write_done() comes back to it
  const Unit unit = table_.unit();
  if (!queues_[unit.queue].dead) return;
  const Result result = told(unit);
  leave(unit, result, now);
  observer_.completed(unit.queue, false, now);
}

}  // namespace pagepress::model::fast
