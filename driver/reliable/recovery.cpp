// SPDX-License-Identifier: Apache-2.0
// What ReliableCodec does about faults, deadlines and sick devices.
//
// Order in every recovery: take everything back from the device first, hand out or do again after.
#include <pagepress/reliable_codec.hpp>

#include <algorithm>

namespace pagepress {

bool ReliableCodec::settle_fault(Index index, const Completion& completion, Completion& done,
                                 bool blame) {
  Record& record = records_[index];
  switch (completion.status) {
    case Status::kDeadlineMissed:
      done = completion;
      finish(index, done);
      return true;
    case Status::kAborted:
      if (past_deadline(record.request)) {
        done = {.status = Status::kDeadlineMissed};
        finish(index, done);
        return true;
      }
      again(index, blame);
      return false;
    case Status::kMalformed:
    case Status::kBadDescriptor:
      // A page that is lost for good if it is not so: the CPU's word counts.
      ++counters_.second_opinions;
      record.place = Place::kCpu;
      for_cpu_.push_back(index);
      return false;
    default:
      ++counters_.request_faults;
      again(index, /*blame=*/true);
      return false;
  }
}

void ReliableCodec::again(Index index, bool blame) {
  Record& record = records_[index];
  record.attempts += blame ? 1u : 0u;
  if (record.attempts > config_.retries) {
    record.place = Place::kCpu;
    for_cpu_.push_back(index);
  } else {
    record.place = Place::kPending;
    pending_.push_back(index);
  }
}

void ReliableCodec::submit_pending() {
  burst_.clear();
  for (const Index index : pending_) {
    burst_.push_back(records_[index].request);
    burst_.back().tag = index;
  }
  // It was taken before, and would be refused now only if its mapping is gone: so the CPU's.
  std::size_t count = 0;
  try {
    count = engine_->submit(burst_);
  } catch (const std::exception& error) {
    last_fault_ = error.what();
    pending_to_cpu();
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    records_[pending_[i]].place = Place::kEngine;
  }
  counters_.requeued += count;
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(count));
}

void ReliableCodec::pending_to_cpu() {
  for (const Index index : pending_) {
    records_[index].place = Place::kCpu;
    for_cpu_.push_back(index);
  }
  pending_.clear();
}

void ReliableCodec::recover(const DeviceError& error) {
  last_fault_ = error.what();
  switch (error.fault()) {
    case DeviceFault::kTimeout:
      ++counters_.timeouts;
      break;
    case DeviceFault::kNotPresent:
      ++counters_.gone;
      break;
    case DeviceFault::kReset:
      ++counters_.resets_by_others;
      break;
    default:
      ++counters_.protocol_errors;
      break;
  }
  const bool by_other = error.fault() == DeviceFault::kReset;
  const Ownership ownership = take_back(/*blame=*/true, by_other);
  ++recoveries_;
  if (ownership == Ownership::kRevoked || recoveries_ >= config_.sick_after) {
    become_sick();
  } else {
    start_again();
  }
}

// Afterwards nothing is with the device: completed, pending or the CPU's.
Ownership ReliableCodec::take_back(bool blame, bool by_other) {
  QueuePair& queue = engine_->queue();
  const std::uint64_t late = queue.counters().late;
  const Ownership ownership = queue.stop();
  switch (ownership) {
    case Ownership::kStopped:
      ++counters_.aborts;
      break;
    case Ownership::kReset:
      counters_.resets += by_other ? 0u : 1u;
      break;
    case Ownership::kRevoked:
      counters_.quarantined += queue.outstanding();
      break;
  }
  while (engine_->outstanding() != 0) {
    gather(blame);
  }
  lied_to_ = false;  // what is found out now is no fault of a running queue
  counters_.late_completions += queue.counters().late - late;
  return ownership;
}

void ReliableCodec::start_again() {
  try {
    engine_->queue().start();
  } catch (const std::exception& error) {
    last_fault_ = error.what();
    become_sick();
    return;
  }
  if (!pending_.empty()) {
    submit_pending();
  }
}

void ReliableCodec::become_sick() {
  (void)engine_->queue().stop();  // a start that failed may have left it half-way
  well_ = false;
  ++counters_.sick;
  back_off();
  pending_to_cpu();
}

void ReliableCodec::back_off() {
  retry_at_ns_ = clock_.now_ns() + backoff_ns_;
  backoff_ns_ = std::min(2 * backoff_ns_, config_.backoff_most_ns);
}

void ReliableCodec::try_revive() {
  if (clock_.now_ns() < retry_at_ns_) {
    return;
  }
  try {
    engine_->queue().start();
  } catch (const std::exception& error) {
    last_fault_ = error.what();
    (void)engine_->queue().stop();
    back_off();
    return;
  }
  well_ = true;
  probation_ = true;
  recoveries_ = std::max(config_.sick_after, 1u) - 1;  // one more, and it is sick again
  ++counters_.well_again;
}

bool ReliableCodec::past_deadline(const Request& request) const noexcept {
  return request.deadline_ns != 0 && clock_.now_ns() >= request.deadline_ns;
}

void ReliableCodec::expire_deadlines() {
  if (clock_.now_ns() < next_deadline_) {
    return;
  }
  const auto drop = [this](Index index) {
    if (!past_deadline(records_[index].request)) {
      return false;
    }
    Completion& done = ready_.emplace_back(Completion{.status = Status::kDeadlineMissed});
    finish(index, done);
    return true;
  };
  std::erase_if(pending_, drop);
  std::erase_if(for_cpu_, drop);
  // What the device never had is no reason to stop it.
  while (engine_->late() != 0) {
    gather(/*blame=*/false);
  }
  const bool with_device =
      std::any_of(records_.begin(), records_.end(), [this](const Record& record) {
        return record.place == Place::kEngine && past_deadline(record.request);
      });
  if (with_device) {
    // The others of the queue are no worse for it: they go again without blame.
    if (take_back(/*blame=*/false, /*by_other=*/false) == Ownership::kRevoked) {
      become_sick();
    } else {
      start_again();
    }
  }
  next_deadline_ = ~std::uint64_t{0};
  for (const Record& record : records_) {
    if (record.place != Place::kFree && record.request.deadline_ns != 0) {
      next_deadline_ = std::min(next_deadline_, record.request.deadline_ns);
    }
  }
}

// What the engine has now, as ready.
void ReliableCodec::gather(bool blame) {
  const std::size_t found = engine_->poll(scratch_);
  for (const Completion& completion : std::span(scratch_).first(found)) {
    Completion done;
    if (settle(completion, done, blame)) {
      ready_.push_back(done);
    }
  }
}

std::size_t ReliableCodec::poll_cpu(std::span<Completion> done) {
  std::size_t count = 0;
  for (; count < done.size() && count < for_cpu_.size(); ++count) {
    const Index index = for_cpu_[count];
    if (past_deadline(records_[index].request)) {
      done[count] = {.status = Status::kDeadlineMissed};
    } else {
      done[count] = run_on_cpu(records_[index].request);
      ++counters_.by_cpu;
    }
    finish(index, done[count]);
  }
  for_cpu_.erase(for_cpu_.begin(), for_cpu_.begin() + static_cast<std::ptrdiff_t>(count));
  return count;
}

Completion ReliableCodec::run_on_cpu(const Request& request) {
  Completion done;
  std::size_t taken = 0;
  while (taken == 0) {
    taken = cpu_->submit(std::span(&request, 1));
  }
  while (cpu_->poll(std::span(&done, 1)) == 0) {
  }
  return done;
}

}  // namespace pagepress
