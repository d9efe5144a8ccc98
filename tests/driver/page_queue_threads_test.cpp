// SPDX-License-Identifier: Apache-2.0
// Real threads: several producers and several workers on one queue, for every shape and
// policy (for TSan too).
#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>
#include <pagepress/monotonic_clock.hpp>
#include <pagepress/queue_shape.hpp>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/driver/kcompressd_fixture.hpp"

namespace pagepress::test {
namespace {

constexpr std::uint64_t kPagesEach = 1500;
constexpr unsigned kProducers = 2;
constexpr std::uint64_t kPatienceNs = 60'000'000'000;  // of policy "wait", on a loaded machine

// How often each page was delivered, by any thread.
class Deliveries {
 public:
  PageSink sink() {
    return [this](const PageDone& done) {
      wrong_ += done.completion.status != Status::kSameFilled ||
                        done.completion.info != done.page.cookie % 64 + 1
                    ? 1u
                    : 0u;
      counts_[done.page.cookie].fetch_add(1, std::memory_order_relaxed);
    };
  }
  void expect_once_each() const {
    EXPECT_EQ(wrong_, 0u);
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      ASSERT_EQ(counts_[i], 1u) << "page " << i;
    }
  }
  [[nodiscard]] std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const auto& count : counts_) {
      EXPECT_LE(count, 1u);
      sum += count;
    }
    return sum;
  }

 private:
  std::vector<std::atomic<unsigned>> counts_ =
      std::vector<std::atomic<unsigned>>(kProducers * kPagesEach);
  std::atomic<unsigned> wrong_{0};
};

// Worker threads on one queue, each with a codec of its own, until it is stopped and drained.
class Crew {
 public:
  Crew(PageQueue& queue, const QueueShape& shape, const PageSink& sink) {
    for (unsigned i = 0; i < shape.workers; ++i) {
      threads_.emplace_back([&queue, shape, sink, i] {
        MonotonicClock clock;
        const auto codec = make_cpu_lz4();
        std::vector<std::byte> destination(kPageSize);
        Kcompressd worker(queue, shape.fifo_of(i), *codec, clock, destination, sink,
                          {.batch = shape.batch});
        worker.run();
      });
    }
  }
  void join() {
    for (std::thread& thread : threads_) {
      thread.join();
    }
  }

 private:
  std::vector<std::thread> threads_;
};

class PageQueueThreads : public ::testing::TestWithParam<std::tuple<std::string, WorkSplit>> {
 protected:
  PageQueueThreads() {
    for (unsigned i = 0; i < 64; ++i) {
      pages_.push_back(filled_page(i + 1));
    }
    shape_ = queue_shape(std::get<0>(GetParam()));
    shape_.split = std::get<1>(GetParam());
    shape_.fifo_entries = 16;
    shape_.workers = std::min(shape_.workers, 3u);
  }
  Page page(std::uint64_t cookie) const {
    return {.data = pages_[cookie % 64].data(), .cookie = cookie};
  }
  // Puts its pages until it is told that the queue is stopped; how many were taken.
  std::uint64_t produce(PageQueue& queue, std::string_view policy, Deliveries& deliveries,
                        unsigned producer) const {
    MonotonicClock clock;
    const auto cpu = make_cpu_lz4();
    SynchronousPath path(*cpu, deliveries.sink());
    const auto back_pressure = make_back_pressure(policy, &path, 1000, kPatienceNs);
    Producer puts(queue, clock, *back_pressure);
    std::uint64_t taken = 0;
    for (std::uint64_t i = 0; i < kPagesEach; ++i) {
      const Enqueue result = puts.put(page(producer * kPagesEach + i));
      if (result == Enqueue::kStopped) {
        break;
      }
      taken += result == Enqueue::kAccepted || result == Enqueue::kDone ? 1u : 0u;
    }
    return taken;
  }

  std::vector<PageData> pages_;
  QueueShape shape_{};
};

TEST_P(PageQueueThreads, EveryPageIsDeliveredOnceWhateverThePolicy) {
  for (const std::string_view policy : back_pressure_names()) {
    SCOPED_TRACE(policy);
    Deliveries deliveries;
    const auto queue = make_page_queue(shape_);
    Crew crew(*queue, shape_, deliveries.sink());
    std::vector<std::thread> producers;
    for (unsigned p = 0; p < kProducers; ++p) {
      producers.emplace_back(
          [&, p] { EXPECT_EQ(produce(*queue, policy, deliveries, p), kPagesEach); });
    }
    for (std::thread& producer : producers) {
      producer.join();
    }
    queue->stop();
    crew.join();
    deliveries.expect_once_each();
  }
}

TEST_P(PageQueueThreads, StoppingInTheMiddleDeliversWhatWasTakenAndNoMore) {
  for (int round = 0; round < 8; ++round) {
    const std::string_view policy = back_pressure_names()[static_cast<std::size_t>(round) % 4];
    Deliveries deliveries;
    const auto queue = make_page_queue(shape_);
    Crew crew(*queue, shape_, deliveries.sink());
    std::atomic<std::uint64_t> taken{0};
    std::vector<std::thread> producers;
    for (unsigned p = 0; p < kProducers; ++p) {
      producers.emplace_back([&, p] { taken += produce(*queue, policy, deliveries, p); });
    }
    while (deliveries.total() < 20) {
      std::this_thread::yield();
    }
    queue->stop();
    for (std::thread& producer : producers) {
      producer.join();
    }
    crew.join();
    EXPECT_EQ(deliveries.total(), taken) << policy;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, PageQueueThreads,
                         ::testing::Values(std::tuple("rfc", WorkSplit::kShared),
                                           std::tuple("zram-v1", WorkSplit::kOwn),
                                           std::tuple("batch", WorkSplit::kShared),
                                           std::tuple("parallel", WorkSplit::kShared),
                                           std::tuple("parallel", WorkSplit::kOwn),
                                           std::tuple("parallel", WorkSplit::kChunks)));

}  // namespace
}  // namespace pagepress::test
