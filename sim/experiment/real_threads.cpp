// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/real_threads.hpp"

#include <algorithm>
#include <chrono>
#include <latch>
#include <stdexcept>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace pagepress::sim {
namespace {

constexpr auto kTick = std::chrono::milliseconds(5);
// After that a producer that waits looks whether a worker has failed.
constexpr std::uint64_t kPatienceNs = 10'000'000;

}  // namespace

PageMemory::PageMemory(const RealBackend& backend, std::size_t pages) {
  if (backend.dma != nullptr) {
    mapped_ = std::make_unique<DmaBuffer>(*backend.dma, *backend.memory, pages * kPageSize);
    span_ = mapped_->span();
  } else {
    own_.resize(pages);  // touched, so that no page fault is in anybody's time
    span_ = {reinterpret_cast<std::byte*>(own_.data()), pages * kPageSize};
  }
}

RealThreads::RealThreads(const RealConfig& config, const RealBackend& backend, Operation operation,
                         PageSink sink)
    : config_(config), backend_(backend), sink_(std::move(sink)), workers_(config.workers) {
  KcompressdConfig queue;
  queue.fifo_entries = config.fifo_entries;
  queue.batch = config.batch;
  queue.limit = config.limit_bytes;
  queue.poll_interval_ns = config.poll_interval_ns;
  queue.idle_interval_ns = config.poll_interval_ns;
  for (Worker& worker : workers_) {
    worker.codec = backend.make_codec(operation);
    worker.destinations =
        std::make_unique<PageMemory>(backend, std::min(worker.codec->depth(), config.depth));
    worker.queue = std::make_unique<Kcompressd>(
        *worker.codec, worker.clock, worker.destinations->span(),
        [this, &worker](const PageDone& done) {
          sink_(done);
          worker.delivered.fetch_add(1, std::memory_order_relaxed);
        },
        queue);
  }
  if (config.policy == "sync-newest") own_codec_ = backend.make_own_codec();
}

// An exception ends all threads; the first one is kept.
template <typename Body>
void RealThreads::on_thread(ThreadRun& times, Body body) {
  const std::uint64_t before = thread_cpu_ns();
  try {
    body();
  } catch (...) {
    const std::lock_guard lock(error_mutex_);
    if (!error_) error_ = std::current_exception();
    failed_ = true;
    stop();
  }
  times.cpu_ns = thread_cpu_ns() - before;
  --running_;
}

void RealThreads::run(const Next& next, const Tick& tick) {
  const auto count = static_cast<std::ptrdiff_t>(workers_.size()) + 1;
  threads_.resize(workers_.size() + 1);
  threads_[0].name = "kswapd";
  running_ = static_cast<unsigned>(count);
  std::latch start(count);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    ThreadRun& times = threads_[i + 1];
    times.name = fmt::format("kcompressd/{}", i);
    threads.emplace_back([this, &start, &times, &worker = workers_[i]] {
      start.arrive_and_wait();
      on_thread(times, [&] { worker.queue->run(); });
      times.pages = worker.queue->counters().completed;
    });
  }
  threads.emplace_back([this, &start, &next] {
    start.arrive_and_wait();
    on_thread(threads_[0], [&] { kswapd(next); });
    threads_[0].pages = synchronous_;
  });
  while (running_ != 0) {
    std::this_thread::sleep_for(kTick);
    tick(done());
  }
  for (std::thread& thread : threads) thread.join();
  if (error_) std::rethrow_exception(error_);
}

void RealThreads::kswapd(const Next& next) {
  MonotonicClock clock;
  const std::unique_ptr<BackPressure> policy = make_policy();
  while (const Page* const page = next()) {
    Enqueue result = Enqueue::kFull;
    while (result == Enqueue::kFull && !failed_) {
      Worker& worker = idlest();
      result = Producer(*worker.queue, clock, *policy).put(*page);
      if (result == Enqueue::kAccepted) ++worker.given;
    }
    if (failed_) return;
  }
  stop();
}

RealThreads::Worker& RealThreads::idlest() {
  const auto load = [](const Worker& worker) {
    return worker.given - worker.delivered.load(std::memory_order_relaxed);
  };
  return *std::min_element(workers_.begin(), workers_.end(),
                           [&](const Worker& a, const Worker& b) { return load(a) < load(b); });
}

std::unique_ptr<BackPressure> RealThreads::make_policy() {
  if (config_.policy == "wait") return make_wait_policy(config_.full_wait_ns, kPatienceNs);
  if (config_.policy == "sync-newest") {
    return make_sync_newest_policy(
        *own_codec_,
        [this](const PageDone& done) {
          sink_(done);
          ++synchronous_;
        },
        config_.limit_bytes);
  }
  throw std::invalid_argument(fmt::format("unknown policy '{}'", config_.policy));
}

std::uint64_t RealThreads::done() const { return counters().completed + synchronous_; }

void RealThreads::stop() noexcept {
  for (const Worker& worker : workers_) worker.queue->stop();
}

std::uint64_t RealThreads::run_alone(const Page& page, Completion& done) {
  Worker& worker = workers_.front();
  const Request request{.src = page.data,
                        .dst = worker.destinations->span().data(),
                        .capacity = kPageSize,
                        .limit = config_.limit_bytes,
                        .tag = page.cookie,
                        .operation = page.operation,
                        .src_len = page.len};
  const std::uint64_t start = monotonic_ns();
  if (worker.codec->submit({&request, 1}) != 1) {
    throw std::runtime_error("an idle back end took no page");
  }
  while (worker.codec->poll({&done, 1}) == 0) worker.clock.pause_ns(config_.poll_interval_ns);
  return monotonic_ns() - start;
}

std::span<const std::byte> RealThreads::alone_out() const noexcept {
  return workers_.front().destinations->page(0);
}

KcompressdCounters RealThreads::counters() const {
  KcompressdCounters sum;
  for (const Worker& worker : workers_) {
    const KcompressdCounters one = worker.queue->counters();
    sum.enqueued += one.enqueued;
    sum.rejected += one.rejected;
    sum.doorbells += one.doorbells;
    sum.submitted += one.submitted;
    sum.completed += one.completed;
  }
  return sum;
}

}  // namespace pagepress::sim
