// SPDX-License-Identifier: Apache-2.0
// FIFO, bursts, destinations, time-stamps, costs and draining of the worker.
#include <gmock/gmock.h>
#include <pagepress/codecs.hpp>
#include <pagepress/queue_pair.hpp>

#include "tests/driver/eal_memory.hpp"
#include "tests/driver/fake_device.hpp"
#include "tests/driver/kcompressd_fixture.hpp"

namespace pagepress::test {
namespace {

using ::testing::ElementsAre;

TEST_F(KcompressdTest, DeliversPagesInOrderWithOutputAndCookie) {
  ScriptedCodec codec(64);
  codec.at_once = true;
  Kcompressd queue(codec, clock_, destinations_, sink());
  for (std::size_t i = 0; i < 100; ++i) {
    ASSERT_EQ(put(queue, i), Enqueue::kAccepted);
  }
  EXPECT_EQ(queue.queued(), 100u);
  queue.flush();
  ASSERT_EQ(seen_.size(), 100u);
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(seen_[i].done.page.data, page(i).data());
    EXPECT_EQ(seen_[i].done.page.cookie, 500 + i);
    EXPECT_EQ(seen_[i].done.completion.tag, 500 + i);
    ASSERT_EQ(seen_[i].out.size(), 16u);
    EXPECT_EQ(std::memcmp(seen_[i].out.data(), page(i).data(), 16), 0);
    EXPECT_FALSE(seen_[i].done.synchronous);
  }
  EXPECT_EQ(queue.queued(), 0u);
  EXPECT_EQ(queue.in_flight(), 0u);
}

class FifoSizeTest : public KcompressdTest, public ::testing::WithParamInterface<unsigned> {};

TEST_P(FifoSizeTest, HoldsExactlyWhatWasAskedFor) {
  ScriptedCodec codec(8);
  codec.at_once = true;
  Kcompressd queue(codec, clock_, destinations_, sink(), {.fifo_entries = GetParam()});
  for (int round = 0; round < 3; ++round) {
    for (unsigned i = 0; i < GetParam(); ++i) {
      ASSERT_EQ(put(queue, i), Enqueue::kAccepted) << i;
    }
    EXPECT_EQ(put(queue, 0), Enqueue::kFull);
    EXPECT_EQ(put(queue, 0), Enqueue::kFull);
    queue.flush();
  }
  EXPECT_EQ(seen_.size(), 3u * GetParam());
  EXPECT_EQ(queue.counters().enqueued, 3u * GetParam());
  EXPECT_EQ(queue.counters().rejected, 6u);
}

INSTANTIATE_TEST_SUITE_P(Entries, FifoSizeTest,
                         ::testing::Values(1, 2, 3, 24, 255, 256, 257, 4096));

TEST_F(KcompressdTest, The256EntriesOfTheKernelsProposalAreTheDefault) {
  ScriptedCodec codec(1);
  Kcompressd queue(codec, clock_, destinations_, sink());
  unsigned accepted = 0;
  while (put(queue, 0) == Enqueue::kAccepted) {
    ++accepted;
  }
  EXPECT_EQ(accepted, 256u);
}

TEST_F(KcompressdTest, TakesBurstsOfABatchAtMost) {
  ScriptedCodec codec(64);
  Kcompressd queue(codec, clock_, destinations_, sink(), {.batch = 8});
  for (std::size_t i = 0; i < 20; ++i) {
    put(queue, i);
  }
  EXPECT_EQ(queue.run_once().dequeued, 8u);
  EXPECT_EQ(queue.run_once().submitted, 8u);
  EXPECT_EQ(queue.run_once().submitted, 4u);
  EXPECT_TRUE(queue.run_once().idle());
  EXPECT_THAT(codec.batches, ElementsAre(8, 8, 4));
  EXPECT_EQ(queue.counters().batches, 3u);
  codec.release();
  EXPECT_EQ(queue.run_once().completed, 20u);
}

TEST_F(KcompressdTest, NeverHasMoreInFlightThanDestinations) {
  ScriptedCodec codec(64);
  Kcompressd queue(codec, clock_, std::span(destinations_).first(5 * kPageSize), sink(),
                   {.batch = 32});
  for (std::size_t i = 0; i < 20; ++i) {
    put(queue, i);
  }
  queue.run_once();
  queue.run_once();
  EXPECT_EQ(queue.in_flight(), 5u);
  EXPECT_EQ(codec.held.size(), 5u);
  codec.release(2);
  queue.run_once();
  EXPECT_EQ(queue.run_once().dequeued, 2u);
  std::vector<void*> destinations;
  for (const Request& request : codec.held) {
    destinations.push_back(request.dst);
  }
  std::sort(destinations.begin(), destinations.end());
  EXPECT_EQ(std::unique(destinations.begin(), destinations.end()), destinations.end());
}

TEST_F(KcompressdTest, WaitsUntilABatchFitsWhileTheCodecIsBusy) {
  ScriptedCodec codec(64);
  Kcompressd queue(codec, clock_, destinations_, sink(), {.batch = 32});
  for (std::size_t i = 0; i < 200; ++i) {
    put(queue, i);
  }
  queue.run_once();
  queue.run_once();
  for (int i = 0; i < 31; ++i) {  // completions come one by one
    codec.release(1);
    const Kcompressd::Step step = queue.run_once();
    EXPECT_EQ(step.completed, 1u);
    EXPECT_EQ(step.dequeued, 0u) << i + 1 << " are free";
  }
  codec.release(1);
  queue.run_once();
  EXPECT_EQ(queue.run_once().dequeued, 32u);
  queue.stop();
  clock_.on_pause = [&] { codec.release(1); };
  queue.run();
  EXPECT_EQ(seen_.size(), 200u);
  EXPECT_THAT(codec.batches, ElementsAre(32, 32, 32, 32, 32, 32, 8));
  EXPECT_EQ(queue.counters().doorbells, 7u);
}

TEST_F(KcompressdTest, WaitsNoLongerThanForAllThatWaits) {
  ScriptedCodec codec(64);
  Kcompressd queue(codec, clock_, destinations_, sink(), {.batch = 32});
  for (std::size_t i = 0; i < 64; ++i) {
    put(queue, i);
  }
  queue.run_once();
  queue.run_once();
  for (std::size_t i = 64; i < 67; ++i) {
    put(queue, i);
  }
  codec.release(2);
  queue.run_once();
  EXPECT_EQ(queue.run_once().dequeued, 0u) << "three wait, two fit";
  codec.release(1);
  queue.run_once();
  EXPECT_EQ(queue.run_once().dequeued, 3u);
}

TEST_F(KcompressdTest, ABatchOfTheWholeDepthDoesNotLetTheCodecRunDry) {
  ScriptedCodec codec(64);
  Kcompressd queue(codec, clock_, destinations_, sink(), {.batch = 64});
  for (std::size_t i = 0; i < 200; ++i) {
    put(queue, i);
  }
  queue.run_once();
  codec.release(31);
  queue.run_once();
  EXPECT_EQ(queue.run_once().dequeued, 0u);
  codec.release(1);
  queue.run_once();
  EXPECT_EQ(queue.run_once().dequeued, 32u) << "half of the slots";
}

TEST_F(KcompressdTest, WhatTheCodecRefusesIsOfferedAgainInOrder) {
  ScriptedCodec codec(64);
  codec.take_at_most = 3;
  Kcompressd queue(codec, clock_, destinations_, sink(), {.batch = 8});
  for (std::size_t i = 0; i < 8; ++i) {
    put(queue, i);
  }
  EXPECT_EQ(queue.run_once().submitted, 3u);
  EXPECT_EQ(queue.in_flight(), 8u);
  codec.take_at_most = 100;
  EXPECT_EQ(queue.run_once().submitted, 5u);
  EXPECT_EQ(queue.counters().busy, 1u);
  codec.release();
  queue.run_once();
  ASSERT_EQ(seen_.size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(seen_[i].done.page.cookie, 500 + i);
  }
}

TEST_F(KcompressdTest, TimeStampsAreThoseOfEachStep) {
  ScriptedCodec codec(64);
  Kcompressd queue(codec, clock_, destinations_, sink());
  const std::uint64_t start = clock_.now_ns();
  put(queue, 0);
  clock_.pause_ns(100);
  queue.run_once();
  clock_.pause_ns(2000);
  codec.release();
  queue.run_once();
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(seen_[0].done.enqueue_ns, start);
  EXPECT_EQ(seen_[0].done.submit_ns, start + 100);
  EXPECT_EQ(seen_[0].done.complete_ns, start + 2100);
}

TEST_F(KcompressdTest, CostsAreChargedBeforeEachStepTakesEffect) {
  ScriptedCodec codec(64);
  codec.at_once = true;
  const CpuCosts costs{.enqueue_ns = 7,
                       .wake_ns = 100000,
                       .dequeue_ns = 10,
                       .submit_ns = 100,
                       .doorbell_ns = 1000,
                       .poll_ns = 20,
                       .completion_ns = 200};
  Kcompressd queue(codec, clock_, destinations_, sink(), {.costs = costs});
  const std::uint64_t start = clock_.now_ns();
  for (std::size_t i = 0; i < 3; ++i) {
    put(queue, i);
  }
  EXPECT_EQ(clock_.now_ns(), start) << "the raw enqueue() charges nothing";
  queue.run_once();
  ASSERT_EQ(seen_.size(), 3u);
  EXPECT_EQ(seen_[0].done.submit_ns, start + 3 * costs.dequeue_ns) << "submitting is latency, too";
  EXPECT_EQ(seen_[0].done.complete_ns, start + 3 * costs.dequeue_ns + 3 * costs.submit_ns + 1000 +
                                           20 + 3 * costs.completion_ns);
  EXPECT_EQ(queue.counters().charged_ns, seen_[0].done.complete_ns - start);

  EXPECT_TRUE(queue.run_once().idle());
  queue.pause();
  put(queue, 0);
  const std::uint64_t before = clock_.now_ns();
  queue.run_once();
  EXPECT_EQ(seen_[3].done.submit_ns, before + 100000 + 10) << "it was woken";
  put(queue, 0);
  const std::uint64_t again = clock_.now_ns();
  queue.run_once();
  EXPECT_EQ(seen_[4].done.submit_ns, again + 10) << "it was awake";
}

TEST_F(KcompressdTest, PausesForPollingWhileAnythingIsInFlightElseIdles) {
  ScriptedCodec codec(64);
  Kcompressd queue(codec, clock_, destinations_, sink(),
                   {.poll_interval_ns = 30, .idle_interval_ns = 4000});
  std::uint64_t now = clock_.now_ns();
  queue.pause();
  EXPECT_EQ(clock_.now_ns() - now, 4000u);
  EXPECT_EQ(clock_.sleeps, 1u);
  put(queue, 0);
  queue.run_once();
  now = clock_.now_ns();
  queue.pause();
  EXPECT_EQ(clock_.now_ns() - now, 30u);
  EXPECT_EQ(clock_.sleeps, 1u);
  EXPECT_EQ(queue.counters().idle_ns, 4000u);
  EXPECT_EQ(queue.counters().poll_wait_ns, 30u);
}

TEST_F(KcompressdTest, StopRefusesPagesAndRunDrainsTheRest) {
  ScriptedCodec codec(4);
  Kcompressd queue(codec, clock_, destinations_, sink(), {.batch = 4});
  for (std::size_t i = 0; i < 50; ++i) {
    put(queue, i);
  }
  queue.stop();
  EXPECT_EQ(put(queue, 50), Enqueue::kStopped);
  clock_.on_pause = [&] { codec.release(3); };
  queue.run();
  EXPECT_EQ(seen_.size(), 50u);
  EXPECT_EQ(queue.counters().completed, 50u);
  EXPECT_EQ(queue.counters().enqueued, 50u);
  EXPECT_EQ(put(queue, 51), Enqueue::kStopped);
}

TEST_F(KcompressdTest, FlushLeavesTheQueueOpen) {
  ScriptedCodec codec(4);
  Kcompressd queue(codec, clock_, destinations_, sink());
  clock_.on_pause = [&] { codec.release(1); };
  put(queue, 0);
  queue.flush();
  EXPECT_EQ(seen_.size(), 1u);
  EXPECT_EQ(put(queue, 1), Enqueue::kAccepted);
  queue.flush();
  EXPECT_EQ(seen_.size(), 2u);
}

TEST_F(KcompressdTest, WhatTheCodecThrowsReachesTheWorkersOwner) {
  ScriptedCodec codec(4);
  Kcompressd queue(codec, clock_, destinations_, sink());
  put(queue, 0);
  codec.broken = true;
  EXPECT_THROW(queue.run_once(), std::runtime_error);
  EXPECT_EQ(queue.in_flight(), 1u);
  codec.broken = false;
  codec.release();
  EXPECT_EQ(queue.run_once().completed, 1u);
}

TEST_F(KcompressdTest, RefusesConfigurationsThatCannotWork) {
  ScriptedCodec codec(4);
  const auto make = [&](std::size_t bytes, KcompressdConfig config) {
    const Kcompressd queue(codec, clock_, std::span(destinations_).first(bytes), sink(), config);
  };
  EXPECT_THROW(make(kPageSize - 1, {}), std::invalid_argument);
  EXPECT_THROW(make(kPageSize, {.batch = 0}), std::invalid_argument);
  EXPECT_THROW(make(kPageSize, {.fifo_entries = 0}), std::invalid_argument);
  EXPECT_THROW(make(kPageSize, {.fifo_entries = 0xffffffff}), std::invalid_argument);
  EXPECT_THROW(make(kPageSize, {.fifo_entries = (1u << 24) + 1}), std::invalid_argument);
  EXPECT_NO_THROW(make(kPageSize, {}));
}

// The whole path: FIFO, engine codec, rings, device, and abort after silence.
TEST_F(KcompressdTest, AnEngineThatHangsIsRestartedAndItsPagesAbort) {
  FakeDevice bus;
  DmaMap map(bus);
  Device device(bus, clock_);
  QueuePair rings(device, map, eal_memory(), {.completion_timeout_ns = 1'000'000});
  DmaBuffer destinations(map, eal_memory(), 32 * kPageSize);
  DmaBuffer source(map, eal_memory(), kPageSize);
  const PageData text = text_page(1);
  std::copy(text.begin(), text.end(), source.data());
  const auto codec = make_engine_codec("engine:fake", rings, map);
  Kcompressd queue(*codec, clock_, destinations.span(), sink(), {.batch = 4});
  bus.misbehave.silent = true;
  for (std::uint64_t i = 0; i < 10; ++i) {
    ASSERT_EQ(queue.enqueue({.data = source.data(), .cookie = i}, clock_.now_ns()),
              Enqueue::kAccepted);
  }
  queue.stop();
  EXPECT_THROW(queue.run(), DeviceError);
  bus.misbehave.silent = false;
  bus.step_at_doorbell();
  rings.restart();
  queue.run();
  ASSERT_EQ(seen_.size(), 10u);
  for (std::uint64_t i = 0; i < 10; ++i) {
    EXPECT_EQ(seen_[i].done.page.cookie, i);
    EXPECT_EQ(seen_[i].done.completion.status, Status::kAborted);
    EXPECT_TRUE(seen_[i].out.empty());
  }
  EXPECT_EQ(bus.contract_violations, 0u);
}

TEST_F(KcompressdTest, WhatIsStoredGoesThroughToComeBack) {
  const auto codec = make_cpu_lz4();
  const PageData source = text_page(9);
  std::vector<std::byte> block;
  {
    Kcompressd store(*codec, clock_, destinations_, sink());
    ASSERT_EQ(store.enqueue({.data = source.data(), .cookie = 1}, 0), Enqueue::kAccepted);
    store.flush();
    ASSERT_EQ(seen_.size(), 1u);
    block = seen_[0].out;
    EXPECT_LT(block.size(), kPageSize);
  }
  Kcompressd load(*codec, clock_, destinations_, sink());
  const Page page{.data = block.data(),
                  .cookie = 2,
                  .operation = Operation::kDecompress,
                  .len = static_cast<std::uint32_t>(block.size())};
  ASSERT_EQ(load.enqueue(page, 0), Enqueue::kAccepted);
  load.flush();
  ASSERT_EQ(seen_.size(), 2u);
  EXPECT_EQ(seen_[1].done.completion.status, Status::kOk);
  EXPECT_EQ(seen_[1].done.page.len, block.size());
  ASSERT_EQ(seen_[1].out.size(), kPageSize);
  EXPECT_EQ(std::memcmp(seen_[1].out.data(), source.data(), kPageSize), 0);
}

}  // namespace
}  // namespace pagepress::test
