// SPDX-License-Identifier: Apache-2.0
// Several FIFOs, several workers, joined batches: who gets which page, and in what order.
#include <gmock/gmock.h>
#include <pagepress/queue_shape.hpp>

#include <memory>

#include "tests/driver/kcompressd_fixture.hpp"

namespace pagepress::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Page numbered(std::uint64_t cookie) { return {.data = nullptr, .cookie = cookie}; }

std::vector<std::uint64_t> take(PageQueue& queue, unsigned fifo, std::size_t room) {
  std::vector<QueuedPage> out(room);
  out.resize(queue.take(fifo, out));
  std::vector<std::uint64_t> cookies;
  for (const QueuedPage& entry : out) {
    cookies.push_back(entry.page.cookie);
  }
  return cookies;
}

void fill(PageQueue& queue, std::uint64_t pages) {
  for (std::uint64_t i = 0; i < pages; ++i) {
    ASSERT_EQ(queue.enqueue(numbered(i), i), Enqueue::kAccepted) << i;
  }
}

TEST(PageQueue, TheFirstFifoThatHasRoomTakesThePage) {
  PageQueue queue({.fifos = 3, .entries = 2});
  fill(queue, 6);
  EXPECT_EQ(queue.enqueue(numbered(6), 0), Enqueue::kFull);
  EXPECT_THAT(take(queue, 1, 1), ElementsAre(2));
  EXPECT_EQ(queue.enqueue(numbered(7), 0), Enqueue::kAccepted);
  EXPECT_THAT(take(queue, 0, 9), ElementsAre(0, 1));
  EXPECT_THAT(take(queue, 1, 9), ElementsAre(3, 7));
  EXPECT_THAT(take(queue, 2, 9), ElementsAre(4, 5));
  EXPECT_EQ(queue.counters().rejected, 1u);
  EXPECT_EQ(queue.counters().enqueued, 7u);
}

TEST(PageQueue, FifosInTurnAndPastAFullOne) {
  PageQueue queue({.fifos = 3, .entries = 2, .placement = Placement::kInTurn});
  fill(queue, 4);
  EXPECT_EQ(queue.queued(0), 2u);
  EXPECT_EQ(queue.queued(1), 1u);
  EXPECT_EQ(queue.queued(2), 1u);
  ASSERT_EQ(take(queue, 1, 1).size(), 1u);
  ASSERT_EQ(take(queue, 2, 1).size(), 1u);
  fill(queue, 4);
  EXPECT_EQ(queue.queued(), 6u);
  EXPECT_EQ(queue.enqueue(numbered(6), 0), Enqueue::kFull);
}

TEST(PageQueue, TheOldestIsTakenFromEachFifoInTurn) {
  PageQueue queue({.fifos = 2, .entries = 4, .placement = Placement::kInTurn});
  fill(queue, 5);  // 0 2 4 | 1 3
  std::vector<std::uint64_t> taken;
  while (const auto entry = queue.take_oldest()) {
    EXPECT_EQ(entry->enqueue_ns, entry->page.cookie);
    taken.push_back(entry->page.cookie);
  }
  EXPECT_THAT(taken, ElementsAre(0, 1, 2, 3, 4));
  EXPECT_EQ(queue.counters().taken_back, 5u);
}

TEST(PageQueue, IsDrainedWhenStoppedAndEmpty) {
  PageQueue queue({.fifos = 2, .entries = 1});
  fill(queue, 2);
  EXPECT_FALSE(queue.drained(0));
  queue.stop();
  EXPECT_EQ(queue.enqueue(numbered(9), 0), Enqueue::kStopped);
  EXPECT_FALSE(queue.drained(0));
  EXPECT_EQ(take(queue, 0, 9).size(), 1u);
  EXPECT_TRUE(queue.drained(0));
  EXPECT_FALSE(queue.drained(1));
}

TEST(PageQueue, RefusesWhatItCannotBe) {
  EXPECT_THROW(PageQueue({.fifos = 0}), std::invalid_argument);
  EXPECT_THROW(PageQueue({.entries = 0}), std::invalid_argument);
  EXPECT_THROW(PageQueue({.fifos = 2, .joined_batch = 8, .sharers = 2}), std::invalid_argument);
  EXPECT_THROW(PageQueue({.joined_batch = 8, .sharers = 0}), std::invalid_argument);
  EXPECT_THROW(PageQueue({.joined_batch = 65536, .sharers = 2}), std::invalid_argument);
}

TEST(PageQueue, AJoinedBatchIsSplitAndTheNextOneWaitsForIt) {
  PageQueue queue({.joined_batch = 8, .sharers = 3});
  fill(queue, 20);
  EXPECT_THAT(take(queue, 0, 32), ElementsAre(0, 1, 2)) << "8 pages for 3 workers";
  EXPECT_THAT(take(queue, 0, 2), ElementsAre(3, 4)) << "no more than there is room for";
  EXPECT_THAT(take(queue, 0, 32), ElementsAre(5, 6, 7));
  EXPECT_TRUE(take(queue, 0, 32).empty()) << "the batch is out, none is done";
  queue.note_completed(7);
  EXPECT_TRUE(take(queue, 0, 32).empty()) << "one is missing";
  queue.note_completed(1);
  EXPECT_THAT(take(queue, 0, 32), ElementsAre(8, 9, 10));
  queue.note_completed(3);
  EXPECT_THAT(take(queue, 0, 32), ElementsAre(11, 12, 13));
}

TEST(PageQueue, AnAbandonedQueueGivesNothingAndCountsAsDrained) {
  PageQueue queue({.joined_batch = 8, .sharers = 2});
  fill(queue, 5);
  EXPECT_THAT(take(queue, 0, 32), ElementsAre(0, 1, 2));
  queue.stop();
  EXPECT_FALSE(queue.drained(0));
  queue.abandon();
  EXPECT_TRUE(take(queue, 0, 32).empty());
  EXPECT_TRUE(queue.drained(0));
  EXPECT_EQ(queue.enqueue({}, 0), Enqueue::kStopped);
}

TEST(PageQueue, AJoinedBatchIsWhatWaitsAndShrinksIfAProducerTakesThereof) {
  PageQueue queue({.joined_batch = 8, .sharers = 2});
  fill(queue, 5);
  EXPECT_THAT(take(queue, 0, 32), ElementsAre(0, 1, 2));
  ASSERT_TRUE(queue.take_oldest());
  ASSERT_TRUE(queue.take_oldest());
  EXPECT_TRUE(take(queue, 0, 32).empty());
  queue.note_completed(3);
  fill(queue, 2);
  EXPECT_THAT(take(queue, 0, 32), ElementsAre(0)) << "a new batch of two, for two workers";
}

TEST(QueueShapes, AreThoseOfTheirSources) {
  std::vector<std::string_view> names;
  for (const QueueShape& shape : queue_shapes()) {
    names.push_back(shape.name);
    EXPECT_FALSE(shape.source.empty());
    const auto policies = back_pressure_names();
    EXPECT_NE(std::find(policies.begin(), policies.end(), shape.policy), policies.end());
  }
  EXPECT_THAT(names, ElementsAre("rfc", "zram-v1", "batch", "parallel"));
  const QueueShape& rfc = queue_shape("rfc");
  EXPECT_EQ(rfc.fifos() * rfc.fifo_entries, 256u);
  EXPECT_EQ(rfc.workers, 1u);
  EXPECT_EQ(rfc.rule, EnqueueRule::kRfc);
  const QueueShape& v1 = queue_shape("zram-v1");
  EXPECT_EQ(v1.fifos(), 4u);
  EXPECT_EQ(v1.fifo_entries, 4096u);
  EXPECT_EQ(v1.fifo_of(3), 3u);
  EXPECT_EQ(v1.policy, "sync-newest");
  try {
    (void)queue_shape("pile");
    FAIL() << "there is a pile";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("'pile' (known: rfc, zram-v1, batch, parallel)"));
  }
}

// Workers of one queue, stepped by hand.
class WorkersTest : public KcompressdTest {
 protected:
  void make(const QueueShape& shape) {
    queue_ = make_page_queue(shape);
    for (unsigned i = 0; i < shape.workers; ++i) {
      codecs_.push_back(std::make_unique<ScriptedCodec>(8));
      memories_.emplace_back(8 * kPageSize);
      workers_.push_back(std::make_unique<Kcompressd>(
          *queue_, shape.fifo_of(i), *codecs_[i], clock_, memories_[i],
          [this](const PageDone& done) { delivered_.push_back(done.page.cookie); },
          KcompressdConfig{.batch = shape.batch}));
    }
  }
  void enqueue(std::uint64_t first, std::uint64_t count) {
    for (std::uint64_t i = first; i < first + count; ++i) {
      ASSERT_EQ(queue_->enqueue({.data = page(i).data(), .cookie = i}, 0), Enqueue::kAccepted);
    }
  }
  std::unique_ptr<PageQueue> queue_;
  std::vector<std::unique_ptr<ScriptedCodec>> codecs_;
  std::deque<std::vector<std::byte>> memories_;
  std::vector<std::unique_ptr<Kcompressd>> workers_;
  std::vector<std::uint64_t> delivered_;
};

TEST_F(WorkersTest, OfOneFifoShareItsPagesAndOvertakeEachOther) {
  QueueShape shape = queue_shape("parallel");
  shape.workers = 2;
  shape.batch = 4;
  make(shape);
  enqueue(0, 8);
  workers_[0]->run_once();
  workers_[1]->run_once();
  codecs_[1]->release();
  workers_[1]->run_once();
  codecs_[0]->release();
  workers_[0]->run_once();
  EXPECT_THAT(delivered_, ElementsAre(4, 5, 6, 7, 0, 1, 2, 3));
  EXPECT_EQ(queue_->counters().completed, 8u);
  KcompressdCounters sum;
  for (const auto& worker : workers_) {
    sum += worker->counters();
  }
  EXPECT_EQ(sum.completed, 8u);
  EXPECT_EQ(sum.enqueued, 8u) << "the queue's, not a sum";
}

TEST_F(WorkersTest, OfJoinedBatchesDeliverOneBatchAfterTheOther) {
  QueueShape shape = queue_shape("parallel");
  shape.workers = 2;
  shape.batch = 8;
  shape.split = WorkSplit::kChunks;
  make(shape);
  enqueue(0, 12);
  workers_[0]->run_once();
  workers_[1]->run_once();
  EXPECT_EQ(codecs_[0]->held.size(), 4u);
  EXPECT_EQ(codecs_[1]->held.size(), 4u);
  codecs_[1]->release();
  workers_[1]->run_once();
  EXPECT_TRUE(workers_[1]->run_once().idle()) << "waits for the other half";
  codecs_[0]->release();
  workers_[0]->run_once();
  EXPECT_EQ(workers_[1]->run_once().dequeued, 2u);
  EXPECT_EQ(workers_[0]->run_once().dequeued, 2u);
}

TEST_F(WorkersTest, ASlowWorkerHoldsUpItsOwnFifoOnly) {
  QueueShape shape = queue_shape("zram-v1");
  shape.workers = 2;
  shape.fifo_entries = 3;
  make(shape);
  enqueue(0, 6);
  codecs_[1]->at_once = true;
  workers_[0]->run_once();
  queue_->stop();
  workers_[1]->run();
  EXPECT_THAT(delivered_, ElementsAre(3, 4, 5));
  codecs_[0]->at_once = true;
  codecs_[0]->release();
  workers_[0]->run();
  EXPECT_THAT(delivered_, ElementsAre(3, 4, 5, 0, 1, 2));
}

TEST_F(WorkersTest, AFifoThatIsNotThereIsRefused) {
  make(queue_shape("rfc"));
  EXPECT_THROW(Kcompressd(*queue_, 1, *codecs_[0], clock_, destinations_, sink()),
               std::invalid_argument);
}

}  // namespace
}  // namespace pagepress::test
