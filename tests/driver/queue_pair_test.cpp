// SPDX-License-Identifier: Apache-2.0
// A queue pair on a device that obeys the contract.
#include <gmock/gmock.h>

#include <optional>
#include <random>

#include "tests/driver/queue_fixture.hpp"

namespace pagepress::test {
namespace {

using QueuePairTest = QueueTest;

TEST_F(QueuePairTest, CompletesInOrderWithTheCallersTags) {
  open();
  set_source(text_page(1));
  EXPECT_EQ(queue_->submit(entries(3)), 3u);
  EXPECT_TRUE(poll().empty());
  EXPECT_EQ(bus_.step(), 3u);
  const auto done = poll();
  ASSERT_EQ(done.size(), 3u);
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_EQ(done[i].tag, 1000u + i);
    EXPECT_EQ(done[i].status, PP_STATUS_OK);
    EXPECT_GT(done[i].out_len, 0u);
  }
  EXPECT_EQ(queue_->outstanding(), 0u);
}

TEST_F(QueuePairTest, RingsOneDoorbellABatch) {
  open();
  (void)queue_->submit(entries(20));
  EXPECT_EQ(bus_.sq_doorbells, 1u);
  (void)queue_->submit({});
  EXPECT_EQ(bus_.sq_doorbells, 1u);
  EXPECT_EQ(queue_->counters().doorbells, 1u);
}

TEST_F(QueuePairTest, TellsConsumedCompletionsOnceAQuarterOfTheRing) {
  open({.sq_depth = 64, .cq_depth = 64});
  bus_.step_at_doorbell();
  for (int i = 0; i < 64; ++i) {
    ASSERT_EQ(queue_->submit(entries(1)), 1u);
    ASSERT_EQ(poll().size(), 1u);
  }
  EXPECT_EQ(bus_.cq_doorbells, 4u);
}

TEST_F(QueuePairTest, TakesOnlyWhatThereIsRoomFor) {
  open({.sq_depth = 8, .cq_depth = 8});
  EXPECT_EQ(queue_->submit(entries(5)), 5u);
  EXPECT_EQ(queue_->room(), 3u);
  EXPECT_EQ(queue_->submit(entries(5)), 3u);
  EXPECT_EQ(queue_->submit(entries(5)), 0u);
  bus_.step(2);
  EXPECT_EQ(poll().size(), 2u);
  EXPECT_EQ(queue_->room(), 2u);
  EXPECT_EQ(queue_->submit(entries(5)), 2u);
  bus_.step();
  EXPECT_EQ(poll().size(), 8u);
  EXPECT_EQ(bus_.contract_violations, 0u);
}

TEST_F(QueuePairTest, SubmissionSlotsAreFreedBySqHead) {
  open({.sq_depth = 4, .cq_depth = 16});
  EXPECT_EQ(queue_->submit(entries(9)), 4u);
  bus_.fetch(0, 4);
  EXPECT_EQ(queue_->room(), 0u) << "only a completion tells";
  bus_.step(1);
  EXPECT_EQ(poll().size(), 1u);
  EXPECT_EQ(queue_->room(), 4u) << "all four were taken in";
  EXPECT_EQ(queue_->submit(entries(9)), 4u);
  EXPECT_EQ(queue_->outstanding(), 7u);
  bus_.step();
  EXPECT_EQ(poll().size(), 7u);
  EXPECT_EQ(bus_.contract_violations, 0u);
}

TEST_F(QueuePairTest, OutstandingNeverExceedsTheCompletionRing) {
  open({.sq_depth = 64, .cq_depth = 8});
  EXPECT_EQ(queue_->submit(entries(64)), 8u);
  bus_.step();
  EXPECT_EQ(queue_->submit(entries(64)), 0u) << "nothing has been polled";
  EXPECT_EQ(poll(3).size(), 3u);
  EXPECT_EQ(queue_->submit(entries(64)), 3u);
}

TEST_F(QueuePairTest, PollsNoMoreThanAskedFor) {
  open();
  bus_.step_at_doorbell();
  (void)queue_->submit(entries(10));
  EXPECT_EQ(poll(0).size(), 0u);
  EXPECT_EQ(poll(4).size(), 4u);
  EXPECT_EQ(poll(64).size(), 6u);
  EXPECT_EQ(poll(64).size(), 0u);
}

struct Depths {
  unsigned sq;
  unsigned cq;
};

class QueueWrapTest : public QueueTest, public ::testing::WithParamInterface<Depths> {};

// 16-bit indices wrap at 65,536, phase bits with every ring.
TEST_P(QueueWrapTest, IndicesAndPhaseSurviveMoreThan65536Submissions) {
  constexpr std::uint64_t kPages = 3 * 65536 + 17;
  open({.sq_depth = GetParam().sq, .cq_depth = GetParam().cq});
  bus_.idle_engine = true;
  std::mt19937 random(GetParam().sq * 31 + GetParam().cq);
  std::uint64_t expected_tag = next_tag_;
  std::uint64_t submitted = 0;
  std::uint64_t completed = 0;
  auto list = entries(256);
  std::vector<pp_cqe> done(256);
  while (completed < kPages) {
    const std::uint64_t want = std::min<std::uint64_t>(1 + random() % 256, kPages - submitted);
    for (std::uint64_t i = 0; i < want; ++i) {
      list[i].tag = 1000 + submitted + i;
    }
    submitted += queue_->submit(std::span(list).first(want));
    bus_.step(1 + random() % 300);
    const std::size_t count = queue_->poll(std::span(done).first(1 + random() % 256));
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_EQ(done[i].tag, expected_tag++);
      ASSERT_EQ(done[i].status, PP_STATUS_SAME_FILLED);
    }
    completed += count;
    ASSERT_LE(queue_->outstanding(), GetParam().cq);
  }
  EXPECT_EQ(queue_->outstanding(), 0u);
  EXPECT_EQ(bus_.contract_violations, 0u);
  EXPECT_EQ(queue_->counters().completed, kPages);
}

INSTANTIATE_TEST_SUITE_P(AllDepths, QueueWrapTest,
                         ::testing::Values(Depths{2, 2}, Depths{16, 16}, Depths{8, 64},
                                           Depths{64, 8}, Depths{256, 256}, Depths{32768, 32768},
                                           Depths{2, 32768}, Depths{32768, 2}),
                         [](const auto& param) {
                           return "Sq" + std::to_string(param.param.sq) + "Cq" +
                                  std::to_string(param.param.cq);
                         });

TEST_F(QueuePairTest, FillsTheDeepestRingToTheLastEntry) {
  open({.sq_depth = 32768, .cq_depth = 32768});
  bus_.idle_engine = true;
  const auto list = entries(32769);
  EXPECT_EQ(queue_->submit(list), 32768u);
  EXPECT_EQ(queue_->room(), 0u);
  bus_.step();
  EXPECT_EQ(poll(40000).size(), 32768u);
  EXPECT_EQ(queue_->submit(list), 32768u);
  bus_.step();
  EXPECT_EQ(poll(40000).size(), 32768u);
  EXPECT_EQ(bus_.contract_violations, 0u);
}

TEST_F(QueuePairTest, EveryStatusOfTheContractComesThrough) {
  open();
  for (unsigned status = 0; status < PP_STATUS_COUNT; ++status) {
    bus_.misbehave.completion = [&](pp_cqe& cqe) {
      cqe.status = static_cast<std::uint8_t>(status);
      cqe.out_len = 0;
      cqe.info = 0x1122334455667788;
      cqe.flags = 0xa0;
    };
    (void)queue_->submit(entries(1));
    bus_.step();
    const auto done = poll();
    ASSERT_EQ(done.size(), 1u);
    EXPECT_EQ(done[0].status, status);
    EXPECT_EQ(done[0].info, 0x1122334455667788u);
    EXPECT_EQ(done[0].flags >> PP_CQE_DETAIL_SHIFT, 0xau);
  }
  EXPECT_EQ(queue_->counters().bad_status, 0u);
}

TEST_F(QueuePairTest, RefusesDepthsThatTheContractExcludes) {
  for (const unsigned depth : {0u, 1u, 3u, 100u, 65536u}) {
    EXPECT_THROW(open({.sq_depth = depth}), std::invalid_argument) << depth;
    EXPECT_THROW(open({.cq_depth = depth}), std::invalid_argument) << depth;
  }
  EXPECT_THROW(open({.index = FakeDevice::kQueues}), std::invalid_argument);
  EXPECT_EQ(memory_.live(), 2u) << "source and destination only";
  EXPECT_EQ(bus_.mappings(), 2u);
}

TEST_F(QueuePairTest, RefusesAQueueThatIsInUse) {
  open();
  std::optional<QueuePair> second;
  EXPECT_THROW(second.emplace(device_, map_, memory_), DeviceError);
  (void)queue_->submit(entries(1));
  bus_.step();
  EXPECT_EQ(poll().size(), 1u) << "the first is untouched";
  second.emplace(device_, map_, memory_, QueueConfig{.index = 1});
  EXPECT_EQ(bus_.queue_state(1), PP_QSTATE_RUNNING);
}

TEST_F(QueuePairTest, TwoQueuesKeepTheirCompletionsApart) {
  open();
  QueuePair other(device_, map_, memory_, {.index = 1});
  (void)queue_->submit(entries(2));
  (void)other.submit(entries(3));
  bus_.step();
  EXPECT_EQ(poll().size(), 2u);
  std::vector<pp_cqe> done(8);
  ASSERT_EQ(other.poll(done), 3u);
  EXPECT_EQ(done[0].tag, 1002u);
}

TEST_F(QueuePairTest, IsDisabledBeforeItsRingsAreUnmapped) {
  open();
  (void)queue_->submit(entries(5));
  bus_.fetch(0, 3);
  queue_.reset();
  EXPECT_EQ(bus_.queue_state(0), PP_QSTATE_DISABLED);
  EXPECT_EQ(bus_.unmapped_while_running, 0u);
  EXPECT_EQ(bus_.mappings(), 2u);
  EXPECT_EQ(memory_.live(), 2u);
}

TEST_F(QueuePairTest, RunsAgainAfterBeingClosed) {
  for (int i = 0; i < 3; ++i) {
    open({.sq_depth = 4, .cq_depth = 4});
    (void)queue_->submit(entries(3));
    bus_.step();
    EXPECT_EQ(poll().size(), 3u);
    queue_.reset();
  }
}

TEST_F(QueuePairTest, APriorityClassReachesTheDeviceAndSurvivesARestart) {
  open({.priority = 5});
  EXPECT_EQ(bus_.queue_priority(0), 5u);
  queue_->restart();
  EXPECT_EQ(bus_.queue_priority(0), 5u);
  QueuePair other(device_, map_, memory_, {.index = 1});
  EXPECT_EQ(bus_.queue_priority(1), 0u);
  EXPECT_EQ(bus_.queue_priority(0), 5u);
}

TEST_F(QueuePairTest, APriorityThatThereIsNotIsRefused) {
  EXPECT_THROW(open({.priority = 8}), std::invalid_argument);
  FakeDevice plain({.features = PP_FEAT_SAME_FILLED});
  Device device(plain, clock_);
  DmaMap map(plain);
  try {
    const QueuePair queue(device, map, memory_, {.priority = 1});
    FAIL() << "it was taken";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("no priority classes"));
  }
  EXPECT_EQ(plain.queue_state(0), PP_QSTATE_DISABLED);
  const QueuePair queue(device, map, memory_);
  EXPECT_EQ(plain.queue_state(0), PP_QSTATE_RUNNING);
}

}  // namespace
}  // namespace pagepress::test
