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
  if (backend.dma != nullptr && backend.maps_pages) {
    mapped_ = std::make_unique<DmaBuffer>(*backend.dma, *backend.memory, pages * kPageSize);
    span_ = mapped_->span();
  } else {
    own_.resize(pages);  // touched, so that no page fault is in anybody's time
    span_ = {reinterpret_cast<std::byte*>(own_.data()), pages * kPageSize};
  }
}

RealThreads::RealThreads(const RealConfig& config, const RealBackend& backend, Operation operation,
                         PageSink sink)
    : config_(config),
      backend_(backend),
      sink_(std::move(sink)),
      queue_(make_page_queue(config.shape)),
      workers_(config.shape.workers),
      gate_(config.shape.rule) {
  KcompressdConfig worker_config;
  worker_config.batch = config.shape.batch;
  worker_config.limit = config.limit_bytes;
  worker_config.poll_interval_ns = config.poll_interval_ns;
  worker_config.idle_interval_ns = config.poll_interval_ns;
  for (unsigned i = 0; i < config.shape.workers; ++i) {
    Worker& worker = workers_[i];
    worker.codec = backend.make_codec(operation);
    worker.destinations =
        std::make_unique<PageMemory>(backend, std::min(worker.codec->depth(), config.depth));
    worker.kcompressd =
        std::make_unique<Kcompressd>(*queue_, config.shape.fifo_of(i), *worker.codec, worker.clock,
                                     worker.destinations->span(), sink_, worker_config);
  }
  own_codec_ = backend.make_own_codec();
  path_ = std::make_unique<SynchronousPath>(
      *own_codec_,
      [this](const PageDone& done) {
        sink_(done);
        ++synchronous_;
      },
      config.limit_bytes);
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
    queue_->abandon();
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
      on_thread(times, [&] { worker.kcompressd->run(); });
      times.pages = worker.kcompressd->counters().completed;
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
  const std::unique_ptr<BackPressure> policy =
      make_back_pressure(config_.policy, path_.get(), config_.full_wait_ns, kPatienceNs);
  Producer producer(*queue_, clock, *policy);
  producer.set_gate(gate_, path_.get());
  while (const Page* const page = next()) {
    Enqueue result = Enqueue::kFull;
    while (result == Enqueue::kFull && !failed_) result = producer.put(*page);
    if (failed_) return;
  }
  queue_->stop();
}

std::uint64_t RealThreads::done() const { return queue_->counters().completed + synchronous_; }

std::uint64_t RealThreads::run_alone(const Page& page, Completion& done) {
  Worker& worker = workers_.front();
  const Request request =
      to_request(page, worker.destinations->span().data(), config_.limit_bytes, page.cookie);
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

QueueRun RealThreads::queue_run() const {
  QueueRun run;
  run.pages = queue_->counters();
  run.refused = gate_.counts();
  run.synchronous = path_->pages();
  run.synchronous_ns = path_->spent_ns();
  for (const Worker& worker : workers_) run.workers.push_back(worker.kcompressd->counters());
  return run;
}

}  // namespace pagepress::sim
