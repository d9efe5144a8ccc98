// SPDX-License-Identifier: Apache-2.0
// Real threads: producers, the worker and the device at once (for TSan too).
#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>
#include <pagepress/monotonic_clock.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/driver/eal_memory.hpp"
#include "tests/driver/fake_device.hpp"
#include "tests/driver/kcompressd_fixture.hpp"

namespace pagepress::test {
namespace {

constexpr std::uint64_t kPagesEach = 5000;

// Every cookie of `producers` x kPagesEach exactly once.
void expect_all_once(const std::vector<std::uint64_t>& cookies, unsigned producers) {
  std::vector<std::uint64_t> sorted = cookies;
  std::sort(sorted.begin(), sorted.end());
  ASSERT_EQ(sorted.size(), producers * kPagesEach);
  for (std::uint64_t i = 0; i < sorted.size(); ++i) {
    ASSERT_EQ(sorted[i], i);
  }
}

void produce(Kcompressd& queue, BackPressure& policy, const PageData& page, std::uint64_t first) {
  MonotonicClock clock;
  Producer producer(queue, clock, policy);
  for (std::uint64_t i = 0; i < kPagesEach; ++i) {
    const Enqueue result = producer.put({.data = page.data(), .cookie = first + i});
    ASSERT_TRUE(result == Enqueue::kAccepted || result == Enqueue::kDone);
  }
}

TEST(KcompressdThreads, NoPageIsLostBetweenProducersAndWorker) {
  const PageData page = text_page(1);
  MonotonicClock clock;
  const auto codec = make_cpu_lz4();
  std::vector<std::byte> destination(kPageSize);
  std::vector<std::uint64_t> cookies;
  Kcompressd queue(*codec, clock, destination,
                   [&](const PageDone& done) { cookies.push_back(done.page.cookie); },
                   {.fifo_entries = 100});
  std::thread worker([&] { queue.run(); });
  std::vector<std::thread> producers;
  for (unsigned p = 0; p < 2; ++p) {
    producers.emplace_back([&, p] {
      const auto policy = make_wait_policy(1000, 60'000'000'000);
      produce(queue, *policy, page, p * kPagesEach);
    });
  }
  for (std::thread& producer : producers) {
    producer.join();
  }
  queue.stop();
  worker.join();
  expect_all_once(cookies, 2);
  EXPECT_EQ(queue.counters().completed, 2 * kPagesEach);
}

TEST(KcompressdThreads, SyncNewestAndWorkerShareThePages) {
  const PageData page = text_page(2);
  MonotonicClock clock;
  const auto codec = make_cpu_lz4();
  const auto own = make_cpu_lz4();
  std::vector<std::byte> destination(kPageSize);
  std::vector<std::uint64_t> by_worker;
  std::vector<std::uint64_t> by_producer;
  Kcompressd queue(*codec, clock, destination,
                   [&](const PageDone& done) { by_worker.push_back(done.page.cookie); },
                   {.fifo_entries = 16});
  const auto policy = make_sync_newest_policy(
      *own, [&](const PageDone& done) { by_producer.push_back(done.page.cookie); });
  std::thread worker([&] { queue.run(); });
  produce(queue, *policy, page, 0);
  queue.stop();
  worker.join();
  EXPECT_EQ(by_producer.size(), queue.counters().rejected);
  by_worker.insert(by_worker.end(), by_producer.begin(), by_producer.end());
  expect_all_once(by_worker, 1);
}

// stop() in the middle: what was accepted is delivered, nothing else.
TEST(KcompressdThreads, StoppingWhileProducingLosesNothingThatWasAccepted) {
  const PageData page = filled_page(1);
  for (int round = 0; round < 50; ++round) {
    MonotonicClock clock;
    const auto codec = make_cpu_lz4();
    std::vector<std::byte> destination(kPageSize);
    std::uint64_t delivered = 0;
    Kcompressd queue(*codec, clock, destination, [&](const PageDone&) { ++delivered; });
    std::atomic<bool> running{false};
    std::uint64_t accepted = 0;
    std::thread worker([&] { queue.run(); });
    std::thread producer([&] {
      for (;;) {
        const Enqueue result = queue.enqueue({.data = page.data()}, 0);
        if (result == Enqueue::kStopped) {
          return;
        }
        accepted += result == Enqueue::kAccepted ? 1u : 0u;
        running = true;
        if (result == Enqueue::kFull) {
          std::this_thread::yield();
        }
      }
    });
    while (!running) {
      std::this_thread::yield();
    }
    queue.stop();
    producer.join();
    worker.join();
    ASSERT_EQ(delivered, accepted);
  }
}

TEST(KcompressdThreads, TheEngineRunsBesideWorkerAndProducer) {
  FakeDevice bus;
  MonotonicClock clock;
  DmaMap map(bus);
  Device device(bus, clock);
  QueuePair rings(device, map, eal_memory(),
                  {.sq_depth = 16, .cq_depth = 32, .completion_timeout_ns = 60'000'000'000});
  DmaBuffer destinations(map, eal_memory(), 32 * kPageSize);
  const PageData page = filled_page(77);
  map.add_source(page);
  const auto codec = make_engine_codec("engine:fake", rings, map);
  std::vector<std::uint64_t> cookies;
  bool all_filled = true;
  Kcompressd queue(*codec, clock, destinations.span(),
                   [&](const PageDone& done) {
                     cookies.push_back(done.page.cookie);
                     all_filled &= done.completion.status == Status::kSameFilled &&
                                   done.completion.info == 77;
                   },
                   {.batch = 8});
  std::atomic<bool> power{true};
  std::thread engine([&] {
    while (power) {
      if (bus.step(4) == 0) {
        std::this_thread::yield();
      }
    }
  });
  std::thread worker([&] { queue.run(); });
  const auto policy = make_wait_policy(1000, 60'000'000'000);
  produce(queue, *policy, page, 0);
  queue.stop();
  worker.join();
  power = false;
  engine.join();
  expect_all_once(cookies, 1);
  EXPECT_TRUE(all_filled);
  EXPECT_EQ(bus.contract_violations, 0u);
  map.remove(page.data());
}

}  // namespace
}  // namespace pagepress::test
