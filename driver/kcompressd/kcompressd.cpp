// SPDX-License-Identifier: Apache-2.0
// The worker: burst, submit, poll, deliver.
#include <pagepress/kcompressd.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>
#include <utility>

namespace pagepress {

// One writer, the worker; any reader.
struct Kcompressd::Counters {
  using Count = std::atomic<std::uint64_t>;
  Count batches{0};
  Count doorbells{0};
  Count submitted{0};
  Count completed{0};
  Count busy{0};
  Count polls{0};
  Count empty_polls{0};
  Count charged_ns{0};
  Count poll_wait_ns{0};
  Count idle_ns{0};

  static void add(Count& count, std::uint64_t n = 1) noexcept {
    count.fetch_add(n, std::memory_order_relaxed);
  }
  static std::uint64_t get(const Count& count) noexcept {
    return count.load(std::memory_order_relaxed);
  }
};

KcompressdCounters& KcompressdCounters::operator+=(const KcompressdCounters& other) noexcept {
  enqueued = other.enqueued;
  rejected = other.rejected;
  batches += other.batches;
  doorbells += other.doorbells;
  submitted += other.submitted;
  completed += other.completed;
  busy += other.busy;
  polls += other.polls;
  empty_polls += other.empty_polls;
  charged_ns += other.charged_ns;
  poll_wait_ns += other.poll_wait_ns;
  idle_ns += other.idle_ns;
  return *this;
}

Kcompressd::Kcompressd(Codec& codec, Clock& clock, std::span<std::byte> destinations, PageSink sink,
                       const KcompressdConfig& config)
    : Kcompressd(std::make_unique<PageQueue>(PageQueueConfig{.entries = config.fifo_entries}),
                 nullptr, 0, codec, clock, destinations, std::move(sink), config) {}

Kcompressd::Kcompressd(PageQueue& queue, unsigned fifo, Codec& codec, Clock& clock,
                       std::span<std::byte> destinations, PageSink sink,
                       const KcompressdConfig& config)
    : Kcompressd(nullptr, &queue, fifo, codec, clock, destinations, std::move(sink), config) {}

Kcompressd::Kcompressd(std::unique_ptr<PageQueue> own, PageQueue* shared, unsigned fifo,
                       Codec& codec, Clock& clock, std::span<std::byte> destinations, PageSink sink,
                       const KcompressdConfig& config)
    : own_(std::move(own)),
      queue_(own_ ? own_.get() : shared),
      fifo_(fifo),
      codec_(codec),
      clock_(clock),
      destinations_(destinations),
      sink_(std::move(sink)),
      config_(config),
      counters_(std::make_unique<Counters>()) {
  if (fifo_ >= queue_->config().fifos) {
    throw std::invalid_argument(
        fmt::format("kcompressd: FIFO {} of a queue of {}", fifo_, queue_->config().fifos));
  }
  const std::size_t slots = std::min(codec_.depth(), destinations_.size() / kPageSize);
  if (slots == 0) {
    throw std::invalid_argument(
        fmt::format("kcompressd: {} bytes of destinations hold no page", destinations_.size()));
  }
  if (config_.batch == 0) {
    throw std::invalid_argument("kcompressd: a batch of 0 pages");
  }
  slots_.resize(slots);
  free_.resize(slots);
  // The last one is taken first: slot 0 to begin with, then the warmest.
  std::generate(free_.rbegin(), free_.rend(),
                [slot = std::uint32_t{0}]() mutable { return slot++; });
  burst_.resize(std::min<std::size_t>(config_.batch, slots));
  refill_ = std::clamp<std::size_t>(slots / 2, 1, burst_.size());
  staged_.reserve(burst_.size());
  done_.resize(std::max<std::size_t>(burst_.size(), std::min<std::size_t>(slots, 64)));
}

Kcompressd::~Kcompressd() = default;

KcompressdCounters Kcompressd::counters() const noexcept {
  const Counters& c = *counters_;
  const PageQueueCounters queue = queue_->counters();
  return {.enqueued = queue.enqueued,
          .rejected = queue.rejected,
          .batches = Counters::get(c.batches),
          .doorbells = Counters::get(c.doorbells),
          .submitted = Counters::get(c.submitted),
          .completed = Counters::get(c.completed),
          .busy = Counters::get(c.busy),
          .polls = Counters::get(c.polls),
          .empty_polls = Counters::get(c.empty_polls),
          .charged_ns = Counters::get(c.charged_ns),
          .poll_wait_ns = Counters::get(c.poll_wait_ns),
          .idle_ns = Counters::get(c.idle_ns)};
}

void Kcompressd::charge(std::uint64_t ns) {
  if (ns != 0) {
    Counters::add(counters_->charged_ns, ns);
    clock_.pause_ns(ns);
  }
}

std::byte* Kcompressd::destination(std::size_t slot) const noexcept {
  return destinations_.data() + slot * kPageSize;
}

Kcompressd::Step Kcompressd::run_once() {
  Step step;
  step.dequeued = take_burst();
  step.submitted = submit_staged();
  step.completed = collect();
  return step;
}

// Tops staged_ up to a batch, a destination for each page.
unsigned Kcompressd::take_burst() {
  // Each burst costs a doorbell. With the codec full, completions trickle in by one or two, and
  // taking as many pages would cost a doorbell for each; so slots gather until a batch fits, or
  // all that waits. Half the slots are enough: the codec works on the other half meanwhile. What
  // is not free is in flight, so that it does become free.
  if (free_.size() < refill_ && free_.size() < queued()) {
    return 0;
  }
  const std::size_t room = std::min(burst_.size() - staged_.size(), free_.size());
  if (room == 0) {
    return 0;
  }
  const unsigned count = queue_->take(fifo_, std::span(burst_).first(room));
  if (count == 0) {
    return 0;
  }
  for (const QueuedPage& entry : std::span(burst_).first(count)) {
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot] = {.page = entry.page, .enqueue_ns = entry.enqueue_ns, .submit_ns = 0};
    staged_.push_back(to_request(entry.page, destination(slot), config_.limit, slot));
  }
  Counters::add(counters_->batches);
  charge((std::exchange(idled_, false) ? config_.costs.wake_ns : 0) +
         count * config_.costs.dequeue_ns);
  return count;
}

unsigned Kcompressd::submit_staged() {
  if (staged_.empty()) {
    return 0;
  }
  // Before it costs anything: writing descriptors and the doorbell are the codec's latency, too.
  const std::uint64_t now = clock_.now_ns();
  for (const Request& request : staged_) {
    slots_[request.tag].submit_ns = now;
  }
  charge(staged_.size() * config_.costs.submit_ns + config_.costs.doorbell_ns);
  const std::size_t taken = codec_.submit(staged_);
  if (taken < staged_.size()) {
    Counters::add(counters_->busy);
  }
  if (taken != 0) {
    Counters::add(counters_->doorbells);
  }
  staged_.erase(staged_.begin(), staged_.begin() + static_cast<std::ptrdiff_t>(taken));
  Counters::add(counters_->submitted, taken);
  return static_cast<unsigned>(taken);
}

unsigned Kcompressd::collect() {
  if (in_flight() == staged_.size()) {
    return 0;  // nothing is with the codec
  }
  charge(config_.costs.poll_ns);
  const std::size_t count = codec_.poll(done_);
  Counters::add(counters_->polls);
  if (count == 0) {
    Counters::add(counters_->empty_polls);
    return 0;
  }
  charge(count * config_.costs.completion_ns);
  const std::uint64_t now = clock_.now_ns();
  for (const Completion& completion : std::span(done_).first(count)) {
    const auto slot = static_cast<std::uint32_t>(completion.tag);
    PageDone done;
    done.page = slots_[slot].page;
    done.completion = completion;
    done.completion.tag = done.page.cookie;
    done.out = {destination(slot), completion.out_len};
    done.enqueue_ns = slots_[slot].enqueue_ns;
    done.submit_ns = slots_[slot].submit_ns;
    done.complete_ns = now;
    sink_(done);
    free_.push_back(slot);
  }
  Counters::add(counters_->completed, count);
  queue_->note_completed(count);
  return static_cast<unsigned>(count);
}

void Kcompressd::pause() {
  if (in_flight() != 0) {
    Counters::add(counters_->poll_wait_ns, config_.poll_interval_ns);
    clock_.pause_ns(config_.poll_interval_ns);
  } else {
    idled_ = true;
    Counters::add(counters_->idle_ns, config_.idle_interval_ns);
    clock_.sleep_ns(config_.idle_interval_ns);
  }
}

void Kcompressd::run() {
  for (;;) {
    if (!run_once().idle()) {
      continue;
    }
    if (in_flight() == 0 && queue_->drained(fifo_)) {
      return;
    }
    pause();
  }
}

void Kcompressd::flush() {
  while (!run_once().idle() || in_flight() != 0 || queued() != 0) {
    if (in_flight() != 0) {
      pause();
    }
  }
}

}  // namespace pagepress
