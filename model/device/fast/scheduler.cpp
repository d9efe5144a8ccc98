// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/scheduler.hpp"

#include "model/device/fast/cq_writer.hpp"
#include "model/device/fast/sqe_check.hpp"

namespace pagepress::model::fast {

Scheduler::Scheduler(EventQueue& events, const Geometry& geometry, SqFetch& fetch, UnitTable& table,
                     const CqWriter& completions, const std::vector<QueueControl>& controls,
                     Injector& injector, Counters& counters)
    : Evaluated(events),
      geometry_(geometry),
      fetch_(fetch),
      table_(table),
      completions_(completions),
      controls_(controls),
      injector_(injector),
      counters_(counters),
      queues_(geometry.queues) {}

bool Scheduler::evaluate(Cycle now) {
  for (unsigned q = 0; q < queues_.size(); ++q) {
    if (table_.count(q) == 0) queues_[q].fenced = false;
  }
  if (!holds_) return pick(now);
  dispatch(now);
  holds_ = false;
  wake(now + 1);
  return true;
}

bool Scheduler::completion_room(unsigned queue) const {
  const auto used =
      static_cast<std::uint16_t>(queues_[queue].cq_alloc - controls_[queue].cq_head());
  return used < 1U << controls_[queue].cq_log2() || completions_.dead(queue);
}

bool Scheduler::room(bool decompress, Cycle now) const {
  return channels_[least_loaded(decompress, now)]->units(now) < geometry_.channel_units;
}

// The first of those of a kind that have the fewest units.
unsigned Scheduler::least_loaded(bool decompress, Cycle now) const {
  const unsigned first = decompress ? geometry_.engines : 0;
  unsigned chosen = first;
  for (unsigned c = first + 1; c < first + geometry_.engines; ++c) {
    if (channels_[c]->units(now) < channels_[chosen]->units(now)) chosen = c;
  }
  return chosen;
}

bool Scheduler::may_go(unsigned queue, const Submission& submission, bool compress,
                       bool decompress) const {
  const Queue& q = queues_[queue];
  // A done unit waits in its slot for the older ones of its queue: two more than channels hold.
  const unsigned most = geometry_.engines * geometry_.channel_units + 2;
  if (table_.full() || now_.size() >= kNowDepth || q.fenced || table_.count(queue) >= most) {
    return false;
  }
  if (controls_[queue].aborts() || submission.sqe.opcode == PP_OP_NOP || q.alone) {
    return table_.count(queue) == 0;
  }
  if (submission.sqe.opcode == PP_OP_DECOMPRESS) return decompress;
  // Compressions leave as many slots to decompressions as those can use.
  const unsigned reserved = geometry_.engines * geometry_.channel_units;
  return compress && table_.bulk() < geometry_.slots() - reserved;
}

bool Scheduler::pick(Cycle now) {
  const bool compress = room(false, now);
  const bool decompress = room(true, now);
  Requests requests;
  for (unsigned q = 0; q < queues_.size(); ++q) {
    const Submission* const first = fetch_.first(q, now);
    const bool stalled = first != nullptr && !completion_room(q);
    if (stalled != queues_[q].stalled) {
      queues_[q].stalled = stalled;
      counters_.queue_stall(q, stalled, now);
    }
    requests[q] = first != nullptr && !stalled && may_go(q, *first, compress, decompress);
  }
  if (requests.none()) return false;
  const unsigned queue = rounds_.pick([&](unsigned priority) {
    Requests of_class;
    for (unsigned q = 0; q < queues_.size(); ++q) {
      of_class[q] = requests[q] && controls_[q].priority() == priority;
    }
    return of_class;
  });
  held_ = {.queue = queue,
           .abort = controls_[queue].aborts(),
           .nop = fetch_.first(queue, now)->sqe.opcode == PP_OP_NOP,
           .late = table_.count(queue) != 0};
  holds_ = true;
  wake(now + 1);
  return true;
}

void Scheduler::dispatch(Cycle now) {
  const unsigned q = held_.queue;
  const Submission submission = *fetch_.first(q, now);
  const pp_sqe& sqe = submission.sqe;
  const SqeVerdict verdict = check_sqe(sqe, geometry_);
  const bool to_channel = (verdict.compress || verdict.decompress) && !held_.abort;
  // What turns out to need no channel goes back if units of its queue are left.
  const bool go = to_channel || !held_.late;
  queues_[q].alone = !go;
  if (!go) return;
  const unsigned slot =
      table_.fill({.tag = sqe.tag,
                   .start = submission.came,
                   .src_len = to_channel ? sqe.src_len : 0,
                   .index = submission.index,
                   .queue = static_cast<std::uint8_t>(q),
                   .irq = (sqe.flags & PP_SQE_F_IRQ) != 0},
                  (sqe.flags & PP_SQE_F_RELAXED) != 0, !(verdict.decompress && to_channel));
  ++queues_[q].cq_alloc;
  if (held_.nop && !held_.abort) queues_[q].fenced = true;
  fetch_.pop(q, now);
  if (to_channel) {
    Job job = verdict.job;
    job.inject = injector_.unit(q);
    job.inject_arg = injector_.argument();
    channels_[least_loaded(verdict.decompress, now)]->job(slot, job, now);
    return;
  }
  Result result;
  if (held_.abort) {
    result.status = PP_STATUS_ABORTED;
  } else if (verdict.detail != 0) {
    result.status = PP_STATUS_BAD_DESCRIPTOR;
    result.detail = verdict.detail;
  }
  now_.push_back({slot, result, now + 1});
  results_->wake(now + 1);
}

}  // namespace pagepress::model::fast
