// SPDX-License-Identifier: Apache-2.0
// The way of a request that meets no fault; recovery.cpp has the others.
#include <pagepress/reliable_codec.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace pagepress {
namespace {

Clock& clock_of(const std::unique_ptr<EngineCodec>& engine, const std::unique_ptr<Codec>& cpu) {
  if (!engine || !cpu) {
    throw std::invalid_argument("ReliableCodec: needs an engine and a CPU codec");
  }
  return engine->queue().clock();
}

}  // namespace

ReliableCodec::ReliableCodec(std::unique_ptr<EngineCodec> engine, std::unique_ptr<Codec> cpu,
                             const ReliableConfig& config)
    : engine_(std::move(engine)),
      cpu_(std::move(cpu)),
      config_(config),
      clock_(clock_of(engine_, cpu_)),
      records_(engine_->depth()),
      free_(records_.size()),
      free_count_(records_.size()),
      scratch_(records_.size()),
      backoff_ns_(config.backoff_ns),
      decoded_(config.check_answers ? kPageSize : 0) {
  std::iota(free_.begin(), free_.end(), Index{0});
  pending_.reserve(records_.size());
  for_cpu_.reserve(records_.size());
  ready_.reserve(records_.size());
  burst_.reserve(records_.size());
}

ReliableCodec::~ReliableCodec() = default;

inline void ReliableCodec::occupy(Index index, const Request& request, Place place) noexcept {
  records_[index] = {.request = request, .place = place};
  if (request.deadline_ns != 0) {
    next_deadline_ =
        with_deadline_ == 0 ? request.deadline_ns : std::min(next_deadline_, request.deadline_ns);
    ++with_deadline_;
  }
}

inline void ReliableCodec::release(Index index) noexcept {
  Record& record = records_[index];
  if (record.request.deadline_ns != 0) {
    --with_deadline_;
  }
  record.place = Place::kFree;
  free_[free_count_++] = index;
}

std::size_t ReliableCodec::submit(std::span<const Request> requests) {
  if (well_ && !probation_) [[likely]] {
    const std::size_t count = submit_to_engine(requests);
    if (count != 0 || outstanding() != 0 || requests.empty()) [[likely]] {
      return count;
    }
    // An empty queue that takes nothing has failed; a caller with nothing outstanding need not
    // poll.
    (void)poll_engine(scratch_);
    if (well_) {
      return submit_to_engine(requests);
    }
  }
  // A device that was sick gets one request; the others do not wait for what comes of it.
  const bool trial = well_ && engine_->outstanding() == 0 && !requests.empty();
  const std::size_t count = trial ? submit_to_engine(requests.first(1)) : 0;
  return count + submit_to_cpu(requests.subspan(count));
}

std::size_t ReliableCodec::submit_to_engine(std::span<const Request> requests) {
  const std::size_t most = pending_.empty() ? std::min(requests.size(), free_count_) : 0;
  if (most == 0) {
    return 0;
  }
  // The records on top of the free ones, in the order of the stack: its tags are those indices.
  const std::size_t first = free_count_ - most;
  const std::span<const Index> tags = std::span(free_).subspan(first, most);
  const std::size_t count = engine_->submit(requests.first(most), tags);
  for (std::size_t i = 0; i < count; ++i) {
    occupy(tags[i], requests[i], Place::kEngine);
  }
  // What was taken lies below what was not.
  std::copy(tags.begin() + static_cast<std::ptrdiff_t>(count), tags.end(),
            free_.begin() + static_cast<std::ptrdiff_t>(first));
  free_count_ -= count;
  counters_.submitted += count;
  return count;
}

std::size_t ReliableCodec::submit_to_cpu(std::span<const Request> requests) {
  const std::size_t count = std::min(requests.size(), free_count_);
  for (const Request& request : requests.first(count)) {
    const Index index = free_[--free_count_];
    occupy(index, request, Place::kCpu);
    for_cpu_.push_back(index);
  }
  counters_.submitted += count;
  return count;
}

std::size_t ReliableCodec::poll(std::span<Completion> done) {
  if (done.empty()) {
    return 0;
  }
  if (!well_) [[unlikely]] {
    try_revive();
  }
  if (with_deadline_ != 0) {
    expire_deadlines();
  }
  std::size_t count = poll_ready(done);
  if (well_ && count < done.size()) {
    count += poll_engine(done.subspan(count));
  }
  if (!pending_.empty()) [[unlikely]] {
    submit_pending();
  }
  count += poll_ready(done.subspan(count));
  if (!for_cpu_.empty()) [[unlikely]] {
    count += poll_cpu(done.subspan(count));
  }
  return count;
}

// Writes the caller's tag to `done`, which has all else.
void ReliableCodec::finish(Index index, Completion& done) noexcept {
  done.tag = records_[index].request.tag;
  counters_.deadline_misses += done.status == Status::kDeadlineMissed ? 1u : 0u;
  ++counters_.completed;
  release(index);
}

bool ReliableCodec::settle(const Completion& completion, Completion& done, bool blame) {
  const auto index = static_cast<Index>(completion.tag);
  if (completion.status <= Status::kIncompressible) [[likely]] {
    if (&done != &completion) {
      done = completion;
    }
    if (config_.check_answers && !holds(records_[index].request, done)) {
      // Whose answer it was, if anybody's, is open: the device may still be at work on it.
      ++counters_.false_answers;
      lied_to_ = true;
      again(index, blame);
      return false;
    }
    ++counters_.by_engine;
    if (recoveries_ != 0) [[unlikely]] {
      recoveries_ = 0;
      probation_ = false;
      backoff_ns_ = config_.backoff_ns;
    }
    finish(index, done);
    return true;
  }
  return settle_fault(index, completion, done, blame);
}

std::size_t ReliableCodec::poll_engine(std::span<Completion> done) {
  std::size_t found = 0;
  try {
    found = engine_->poll(done);
  } catch (const DeviceError& error) {
    recover(error);
    return 0;
  }
  const bool common = recoveries_ == 0 && !config_.check_answers;
  const std::size_t plain = common ? settle_plain(done.first(found)) : 0;
  std::size_t count = plain;
  for (std::size_t i = plain; i < found; ++i) {
    count += settle(done[i], done[count], /*blame=*/true) ? 1u : 0u;
  }
  if (lied_to_) [[unlikely]] {
    recover({DeviceFault::kProtocol, fmt::format("{}: a completion says what is not so", name())});
  }
  return count;
}

// The common run: good completions of requests without a deadline, in place, up to one that is not.
std::size_t ReliableCodec::settle_plain(std::span<Completion> done) noexcept {
  Record* const records = records_.data();
  Index* const top = free_.data() + free_count_;
  std::size_t count = 0;
  for (; count != done.size(); ++count) {
    Completion& completion = done[count];
    const auto index = static_cast<Index>(completion.tag);
    Record& record = records[index];
    if (completion.status > Status::kIncompressible || record.request.deadline_ns != 0)
        [[unlikely]] {
      break;
    }
    completion.tag = record.request.tag;
    record.place = Place::kFree;
    top[count] = index;
  }
  free_count_ += count;
  counters_.by_engine += count;
  counters_.completed += count;
  return count;
}

std::size_t ReliableCodec::poll_ready(std::span<Completion> done) {
  const std::size_t count = std::min(done.size(), ready_.size());
  if (count != 0) {
    const auto end = ready_.begin() + static_cast<std::ptrdiff_t>(count);
    std::copy(ready_.begin(), end, done.begin());
    ready_.erase(ready_.begin(), end);
  }
  return count;
}

void ReliableCodec::wait(std::uint64_t timeout_ns) {
  if (!ready_.empty() || !for_cpu_.empty() || !well_) {
    return;
  }
  if (with_deadline_ != 0) {
    const std::uint64_t now = clock_.now_ns();
    timeout_ns = std::min(timeout_ns, next_deadline_ > now ? next_deadline_ - now : 0);
  }
  engine_->wait(timeout_ns);
}

std::unique_ptr<ReliableCodec> make_reliable_codec(std::unique_ptr<EngineCodec> engine,
                                                   std::unique_ptr<Codec> cpu,
                                                   const ReliableConfig& config) {
  return std::make_unique<ReliableCodec>(std::move(engine), std::move(cpu), config);
}

}  // namespace pagepress
