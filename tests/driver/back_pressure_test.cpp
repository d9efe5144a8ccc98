// SPDX-License-Identifier: Apache-2.0
// What a producer does when the FIFO is full.
#include <gmock/gmock.h>
#include <lz4.h>
#include <pagepress/codecs.hpp>

#include "tests/driver/kcompressd_fixture.hpp"

namespace pagepress::test {
namespace {

using ::testing::ElementsAre;

class BackPressureTest : public KcompressdTest {
 protected:
  void fill() {
    while (put(queue_, 0) == Enqueue::kAccepted) {
    }
  }
  ScriptedCodec codec_{4};
  Kcompressd queue_{codec_, clock_, destinations_, sink(), {.fifo_entries = 8, .batch = 4}};
};

TEST_F(BackPressureTest, PoliciesHaveNames) {
  EXPECT_THAT(back_pressure_names(),
              ElementsAre("wait", "sync-newest", "drain-oldest", "divert-to-cpu"));
  EXPECT_EQ(make_wait_policy()->name(), "wait");
  SynchronousPath path(codec_, sink());
  EXPECT_EQ(make_sync_newest_policy(path)->name(), "sync-newest");
  EXPECT_EQ(make_drain_oldest_policy(path)->name(), "drain-oldest");
  EXPECT_EQ(make_divert_policy(path)->name(), "divert-to-cpu");
}

TEST_F(BackPressureTest, AProducerPaysForEnqueueing) {
  Kcompressd costly(codec_, clock_, destinations_, sink(), {.costs = {.enqueue_ns = 33}});
  const auto policy = make_wait_policy();
  Producer producer(costly, clock_, *policy);
  const std::uint64_t start = clock_.now_ns();
  EXPECT_EQ(producer.put({.data = page(0).data()}), Enqueue::kAccepted);
  EXPECT_EQ(clock_.now_ns() - start, 33u);
}

TEST_F(BackPressureTest, WaitTriesUntilThereIsRoom) {
  fill();
  const auto policy = make_wait_policy(100);
  Producer producer(queue_, clock_, *policy);
  clock_.on_pause = [&] {
    if (clock_.pauses == 5) {
      codec_.at_once = true;
      queue_.run_once();
    }
  };
  EXPECT_EQ(producer.put({.data = page(1).data(), .cookie = 1}), Enqueue::kAccepted);
  EXPECT_EQ(clock_.pauses, 5u);
  EXPECT_EQ(clock_.sleeps, 5u);
  queue_.flush();
  EXPECT_EQ(seen_.back().done.page.cookie, 1u);
}

TEST_F(BackPressureTest, WaitGivesUpAfterItsTime) {
  fill();
  const auto policy = make_wait_policy(100, 1000);
  Producer producer(queue_, clock_, *policy);
  const std::uint64_t start = clock_.now_ns();
  EXPECT_EQ(producer.put({.data = page(1).data()}), Enqueue::kFull);
  EXPECT_EQ(clock_.now_ns() - start, 1000u);
}

TEST_F(BackPressureTest, WaitWithoutAnIntervalStillEnds) {
  fill();
  const auto policy = make_wait_policy(0, 50);
  Producer producer(queue_, clock_, *policy);
  EXPECT_EQ(producer.put({.data = page(1).data()}), Enqueue::kFull);
}

TEST_F(BackPressureTest, WaitEndsWhenTheQueueIsStopped) {
  fill();
  const auto policy = make_wait_policy(100);
  Producer producer(queue_, clock_, *policy);
  clock_.on_pause = [&] { queue_.stop(); };
  EXPECT_EQ(producer.put({.data = page(1).data()}), Enqueue::kStopped);
}

TEST_F(BackPressureTest, SyncNewestCompressesInTheProducer) {
  fill();
  const auto cpu = make_cpu_lz4();
  std::vector<Seen> mine;
  const auto policy = make_sync_newest_policy(*cpu, [&](const PageDone& done) {
    mine.push_back({done, {done.out.begin(), done.out.end()}});
  });
  Producer producer(queue_, clock_, *policy);
  const PageData text = text_page(5);
  EXPECT_EQ(producer.put({.data = text.data(), .cookie = 9}), Enqueue::kDone);
  ASSERT_EQ(mine.size(), 1u);
  EXPECT_TRUE(mine[0].done.synchronous);
  EXPECT_EQ(mine[0].done.page.cookie, 9u);
  EXPECT_EQ(mine[0].done.completion.status, Status::kOk);
  EXPECT_EQ(mine[0].done.enqueue_ns, clock_.now_ns());
  PageData back{};
  EXPECT_EQ(LZ4_decompress_safe(reinterpret_cast<const char*>(mine[0].out.data()),
                                reinterpret_cast<char*>(back.data()),
                                static_cast<int>(mine[0].out.size()), kPageSize),
            static_cast<int>(kPageSize));
  EXPECT_EQ(back, text);
  EXPECT_EQ(queue_.queued(), 8u) << "older pages stay queued";
  EXPECT_TRUE(seen_.empty());
}

TEST_F(BackPressureTest, SyncNewestDecompressesWhatIsABlock) {
  fill();
  const auto cpu = make_cpu_lz4();
  std::vector<Seen> mine;
  const auto policy = make_sync_newest_policy(*cpu, [&](const PageDone& done) {
    mine.push_back({done, {done.out.begin(), done.out.end()}});
  });
  Producer producer(queue_, clock_, *policy);
  const std::array block = {std::byte{0x20}, std::byte{'o'}, std::byte{'k'}};
  EXPECT_EQ(producer.put({.data = block.data(), .operation = Operation::kDecompress, .len = 3}),
            Enqueue::kDone);
  ASSERT_EQ(mine.size(), 1u);
  EXPECT_EQ(mine[0].out, (std::vector{std::byte{'o'}, std::byte{'k'}}));
}

TEST_F(BackPressureTest, SyncNewestWorksWithACodecThatTakesTime) {
  fill();
  ScriptedCodec slow(1);
  clock_.on_pause = [&] {
    if (clock_.pauses == 3) {
      slow.release();
    }
  };
  const auto policy = make_sync_newest_policy(slow, sink());
  Producer producer(queue_, clock_, *policy);
  EXPECT_EQ(producer.put({.data = page(2).data(), .cookie = 2}), Enqueue::kDone);
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_GT(seen_[0].done.complete_ns, seen_[0].done.submit_ns);
}

TEST_F(BackPressureTest, SyncNewestSaysFullIfItsCodecTakesNothing) {
  fill();
  ScriptedCodec none(0);
  const auto policy = make_sync_newest_policy(none, sink());
  Producer producer(queue_, clock_, *policy);
  EXPECT_EQ(producer.put({.data = page(2).data()}), Enqueue::kFull);
}

TEST_F(BackPressureTest, DrainOldestCompressesTheOldestAndEnqueuesTheNewOne) {
  for (std::size_t i = 0; i < 8; ++i) {
    ASSERT_EQ(put(queue_, i), Enqueue::kAccepted);
  }
  const auto cpu = make_cpu_lz4();
  SynchronousPath path(*cpu, sink());
  const auto policy = make_drain_oldest_policy(path);
  Producer producer(queue_, clock_, *policy);
  for (std::size_t i = 8; i < 11; ++i) {
    EXPECT_EQ(producer.put({.data = page(i).data(), .cookie = 500 + i}), Enqueue::kAccepted);
  }
  codec_.at_once = true;
  queue_.flush();
  ASSERT_EQ(seen_.size(), 11u);
  for (std::size_t i = 0; i < 11; ++i) {
    EXPECT_EQ(seen_[i].done.page.cookie, 500 + i) << "the order of reclaim is kept";
    EXPECT_EQ(seen_[i].done.synchronous, i < 3);
  }
  EXPECT_EQ(path.pages(), 3u);
  EXPECT_EQ(queue_.queue().counters().taken_back, 3u);
}

TEST_F(BackPressureTest, DrainOldestDeliversAPageThatNoCodecTakes) {
  fill();
  ScriptedCodec none(0);
  SynchronousPath path(none, sink());
  const auto policy = make_drain_oldest_policy(path);
  Producer producer(queue_, clock_, *policy);
  EXPECT_EQ(producer.put({.data = page(1).data(), .cookie = 1}), Enqueue::kAccepted);
  ASSERT_EQ(seen_.size(), 1u);
  EXPECT_EQ(seen_[0].done.completion.status, Status::kAborted);
  EXPECT_EQ(seen_[0].done.completion.tag, 500u);
  EXPECT_TRUE(seen_[0].out.empty());
}

TEST_F(BackPressureTest, DrainOldestLeavesThePageToItsOwnerIfTheQueueStopsMeanwhile) {
  fill();
  ScriptedCodec slow(1);
  clock_.on_pause = [&] {
    queue_.stop();
    slow.release();
  };
  SynchronousPath path(slow, sink());
  const auto policy = make_drain_oldest_policy(path);
  Producer producer(queue_, clock_, *policy);
  EXPECT_EQ(producer.put({.data = page(1).data(), .cookie = 1}), Enqueue::kStopped);
  EXPECT_EQ(seen_.size(), 1u) << "the oldest was delivered all the same";
  clock_.on_pause = nullptr;
  codec_.at_once = true;
  queue_.run();
  EXPECT_EQ(seen_.size(), 8u);
}

TEST_F(BackPressureTest, DivertKeepsToTheCpuUntilSoManyAreCompleted) {
  fill();
  const auto cpu = make_cpu_lz4();
  SynchronousPath path(*cpu, [](const PageDone& done) { EXPECT_TRUE(done.synchronous); });
  const auto policy = make_divert_policy(path, 3);
  Producer producer(queue_, clock_, *policy);
  const auto next = [&] { return producer.put({.data = page(1).data(), .cookie = 1}); };
  EXPECT_EQ(next(), Enqueue::kDone);
  queue_.run_once();  // four pages to the codec: there is room, and nothing completed
  EXPECT_EQ(queue_.queued(), 4u);
  EXPECT_EQ(next(), Enqueue::kDone);
  codec_.release(2);
  queue_.run_once();
  EXPECT_EQ(next(), Enqueue::kDone) << "two are not three";
  codec_.release(1);
  queue_.run_once();
  EXPECT_EQ(next(), Enqueue::kAccepted);
  EXPECT_EQ(path.pages(), 3u);
}

TEST_F(BackPressureTest, DivertComesBackAtTheLatestWhenTheQueueIsEmpty) {
  fill();
  const auto cpu = make_cpu_lz4();
  SynchronousPath path(*cpu, [](const PageDone&) {});
  const auto policy = make_divert_policy(path, 1'000'000);
  Producer producer(queue_, clock_, *policy);
  EXPECT_EQ(producer.put({.data = page(1).data()}), Enqueue::kDone);
  codec_.at_once = true;
  queue_.flush();
  EXPECT_EQ(producer.put({.data = page(1).data()}), Enqueue::kAccepted);
}

}  // namespace
}  // namespace pagepress::test
