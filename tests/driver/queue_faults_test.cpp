// SPDX-License-Identifier: Apache-2.0
// A queue pair on a device that breaks the contract, goes silent or goes away.
#include <gmock/gmock.h>

#include "tests/driver/queue_fixture.hpp"

namespace pagepress::test {
namespace {

using QueueFaultsTest = QueueTest;
using ::testing::HasSubstr;

TEST_F(QueueFaultsTest, AStatusOutOfRangeBecomesInternal) {
  open();
  bus_.misbehave.completion = [](pp_cqe& cqe) { cqe.status = PP_STATUS_COUNT; };
  (void)queue_->submit(entries(1));
  bus_.step();
  const auto done = poll();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].status, PP_STATUS_INTERNAL);
  EXPECT_EQ(queue_->counters().bad_status, 1u);
}

TEST_F(QueueFaultsTest, MoreOutputThanCapacityBecomesInternal) {
  open();
  bus_.misbehave.completion = [](pp_cqe& cqe) { cqe.out_len = kPageSize + 1; };
  set_source(text_page(1));
  (void)queue_->submit(entries(1));
  bus_.step();
  const auto done = poll();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].status, PP_STATUS_INTERNAL);
  EXPECT_EQ(done[0].out_len, 0u);
}

TEST_F(QueueFaultsTest, AnUnknownTagFailsTheQueue) {
  open();
  (void)queue_->submit(entries(2));
  bus_.misbehave.completion = [](pp_cqe& cqe) { cqe.tag = 77; };
  bus_.step();
  const DeviceError error = poll_error();
  EXPECT_EQ(error.fault(), DeviceFault::kProtocol);
  EXPECT_THAT(error.what(), HasSubstr("queue 0"));
  EXPECT_THAT(error.what(), HasSubstr("tag 0x4d"));
  EXPECT_TRUE(queue_->failed());
  EXPECT_EQ(queue_->submit(entries(1)), 0u);
  EXPECT_THAT(poll_error().what(), HasSubstr("tag 0x4d")) << "it stays failed";
}

TEST_F(QueueFaultsTest, AnUnsolicitedCompletionFailsTheQueue) {
  open();
  bus_.write_completion(0, {});
  EXPECT_EQ(poll_error().fault(), DeviceFault::kProtocol);
}

TEST_F(QueueFaultsTest, ATagCompletedTwiceFailsTheQueueAfterTheGoodOnes) {
  open();
  (void)queue_->submit(entries(3));
  unsigned seen = 0;
  bus_.misbehave.completion = [&](pp_cqe& cqe) { cqe.tag = seen++ < 2 ? cqe.tag : 1; };
  bus_.step();
  EXPECT_EQ(poll().size(), 2u) << "what was good is delivered first";
  EXPECT_EQ(poll_error().fault(), DeviceFault::kProtocol);
}

TEST_F(QueueFaultsTest, AnSqHeadThatCannotBeFailsTheQueue) {
  for (const int off : {-1, +1, 100, 32768}) {
    open();
    (void)queue_->submit(entries(4));
    bus_.misbehave.completion = [&](pp_cqe& cqe) {
      cqe.sq_head = static_cast<std::uint16_t>(cqe.sq_head + off);
    };
    bus_.fetch(0, off > 0 ? 4 : 1);
    bus_.step(1);
    const DeviceError error = poll_error();
    EXPECT_EQ(error.fault(), DeviceFault::kProtocol);
    EXPECT_THAT(error.what(), HasSubstr("sq_head"));
    bus_.misbehave.completion = nullptr;
    queue_.reset();
  }
}

TEST_F(QueueFaultsTest, AnSqHeadThatGoesBackFailsTheQueue) {
  open();
  (void)queue_->submit(entries(4));
  bus_.fetch(0, 4);
  bus_.step(1);
  EXPECT_EQ(poll().size(), 1u);
  bus_.misbehave.completion = [](pp_cqe& cqe) { cqe.sq_head = 2; };
  bus_.step(1);
  EXPECT_EQ(poll_error().fault(), DeviceFault::kProtocol) << "it was 4 already";
}

TEST_F(QueueFaultsTest, ATagOfLongAgoFailsTheQueueThoughItsSlotIsInUse) {
  open({.sq_depth = 2, .cq_depth = 2});
  for (int i = 0; i < 2; ++i) {
    (void)queue_->submit(entries(1));
    bus_.step();
    EXPECT_EQ(poll().size(), 1u);
  }
  (void)queue_->submit(entries(1));  // number 2, in the slot of number 0
  bus_.misbehave.completion = [](pp_cqe& cqe) { cqe.tag = 0; };
  bus_.step();
  EXPECT_EQ(poll_error().fault(), DeviceFault::kProtocol);
}

TEST_F(QueueFaultsTest, OutOfOrderIsAcceptedAndADuplicateAmongItIsNot) {
  open();
  (void)queue_->submit(entries(3));
  bus_.misbehave.completion = [](pp_cqe& cqe) { cqe.tag = 1; };
  bus_.fetch(0, 3);
  bus_.step(1);
  const auto done = poll();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].tag, 1001u);
  EXPECT_EQ(queue_->outstanding(), 2u);
  bus_.step(1);
  EXPECT_EQ(poll_error().fault(), DeviceFault::kProtocol) << "number 0 is still outstanding";
}

TEST_F(QueueFaultsTest, CompletionsOfBeforeARestartAreNotReadAgain) {
  open({.sq_depth = 4, .cq_depth = 4});
  (void)queue_->submit(entries(3));
  bus_.step();
  EXPECT_EQ(poll().size(), 3u);
  queue_->restart();
  EXPECT_TRUE(poll().empty()) << "their phase bits would look new";
  (void)queue_->submit(entries(4));
  EXPECT_TRUE(poll().empty());
  bus_.step();
  EXPECT_EQ(poll().size(), 4u);
}

TEST_F(QueueFaultsTest, SilenceTimesOutAndTellsWhatTheQueueSays) {
  open({.completion_timeout_ns = 10'000'000});
  bus_.misbehave.silent = true;
  (void)queue_->submit(entries(5));
  bus_.fetch(0, 2);
  bus_.log_error(PP_ERR_ENGINE, 0, 3, 0);
  clock_.pause_ns(9'999'999);
  EXPECT_TRUE(poll().empty());
  clock_.pause_ns(1);
  const DeviceError error = poll_error();
  EXPECT_EQ(error.fault(), DeviceFault::kTimeout);
  for (const char* part : {"queue 0", "10000 us", "5 outstanding", "2 in flight", "sq_tail 5",
                           "PP_Q_SQ_HEAD 2", "internal check of an engine failed"}) {
    EXPECT_THAT(error.what(), HasSubstr(part));
  }
}

TEST_F(QueueFaultsTest, TheTimeOutIsOfTheOldestSubmissionOrTheLastCompletion) {
  open({.completion_timeout_ns = 1'000'000});
  (void)queue_->submit(entries(1));
  clock_.pause_ns(900'000);
  (void)queue_->submit(entries(1));
  bus_.step(1);
  EXPECT_EQ(poll().size(), 1u);
  clock_.pause_ns(900'000);
  EXPECT_TRUE(poll().empty()) << "the second is 900 us old";
  clock_.pause_ns(100'000);
  EXPECT_EQ(poll_error().fault(), DeviceFault::kTimeout);
}

TEST_F(QueueFaultsTest, ASlowDeviceIsNotASilentOne) {
  open({.completion_timeout_ns = 1'000'000});
  (void)queue_->submit(entries(10));
  for (int i = 0; i < 9; ++i) {  // the last one waits for ten times the time-out
    clock_.pause_ns(999'999);
    EXPECT_TRUE(poll().empty());
    bus_.step(1);
    EXPECT_EQ(poll().size(), 1u);
  }
  clock_.pause_ns(999'999);
  EXPECT_TRUE(poll().empty());
  clock_.pause_ns(1);
  EXPECT_EQ(poll_error().fault(), DeviceFault::kTimeout);
}

TEST_F(QueueFaultsTest, AnIdleQueueNeverTimesOut) {
  open({.completion_timeout_ns = 1'000});
  clock_.pause_ns(1'000'000'000);
  EXPECT_TRUE(poll().empty());
}

TEST_F(QueueFaultsTest, ADeviceThatIsGoneIsNamedSo) {
  open({.completion_timeout_ns = 1'000'000});
  (void)queue_->submit(entries(1));
  bus_.misbehave.gone = true;
  clock_.pause_ns(1'000'000);
  EXPECT_EQ(poll_error().fault(), DeviceFault::kNotPresent);
}

TEST_F(QueueFaultsTest, AQueueThatDoesNotStartIsRefused) {
  bus_.misbehave.enable_sticks = true;
  try {
    open();
    FAIL() << "the queue was accepted";
  } catch (const DeviceError& error) {
    EXPECT_EQ(error.fault(), DeviceFault::kRefused);
    EXPECT_THAT(error.what(), HasSubstr("PP_Q_STATE is disabled"));
    EXPECT_THAT(error.what(), HasSubstr("error log empty"));
  }
  EXPECT_EQ(bus_.mappings(), 2u);
  EXPECT_EQ(memory_.live(), 2u);
}

TEST_F(QueueFaultsTest, IndicesThatDoNotStartAtZeroAreRefused) {
  bus_.misbehave.stale_indices = true;
  try {
    open();
    FAIL() << "the queue was accepted";
  } catch (const DeviceError& error) {
    EXPECT_EQ(error.fault(), DeviceFault::kProtocol);
    EXPECT_THAT(error.what(), HasSubstr("PP_Q_SQ_HEAD of queue 0 is 7"));
  }
  EXPECT_EQ(bus_.queue_state(0), PP_QSTATE_DISABLED);
}

TEST_F(QueueFaultsTest, RestartHandsOutWhatWasOutstandingAsAborted) {
  open({.sq_depth = 8, .cq_depth = 8, .completion_timeout_ns = 1000});
  (void)queue_->submit(entries(6));
  bus_.step(2);
  EXPECT_EQ(poll(1).size(), 1u);
  bus_.misbehave.silent = true;
  (void)poll();
  clock_.pause_ns(2000);
  EXPECT_EQ(poll_error().fault(), DeviceFault::kTimeout);

  queue_->restart();
  EXPECT_FALSE(queue_->failed());
  EXPECT_EQ(queue_->outstanding(), 4u);
  EXPECT_EQ(queue_->room(), 4u) << "those that are to be handed out still count";
  bus_.misbehave.silent = false;
  set_source(filled_page(1));
  const std::uint64_t fresh = next_tag_;
  EXPECT_EQ(queue_->submit(entries(2)), 2u);
  bus_.step();
  const auto done = poll();
  ASSERT_EQ(done.size(), 6u);
  for (unsigned i = 0; i < 4; ++i) {
    EXPECT_EQ(done[i].tag, 1002u + i);
    EXPECT_EQ(done[i].status, PP_STATUS_ABORTED);
  }
  EXPECT_EQ(done[4].tag, fresh);
  EXPECT_EQ(done[4].status, PP_STATUS_SAME_FILLED);
  EXPECT_EQ(queue_->outstanding(), 0u);
  EXPECT_EQ(bus_.contract_violations, 0u);
  EXPECT_EQ(queue_->counters().restarts, 1u);
}

TEST_F(QueueFaultsTest, RestartResetsADeviceWhoseQueueSticks) {
  open();
  (void)queue_->submit(entries(3));
  bus_.fetch(0, 2);
  bus_.misbehave.queue_sticks = true;
  queue_->restart();
  EXPECT_EQ(bus_.resets, 2u) << "the first was at probe";
  bus_.misbehave.queue_sticks = false;
  EXPECT_EQ(poll().size(), 3u);
  (void)queue_->submit(entries(1));
  bus_.step();
  EXPECT_EQ(poll().size(), 1u);
}

TEST_F(QueueFaultsTest, MemoryOfADeviceThatCannotBeStoppedIsNeverGivenBack) {
  open();
  (void)queue_->submit(entries(1));
  bus_.misbehave.keep_units = true;
  bus_.fetch(0, 1);
  bus_.misbehave.queue_sticks = true;
  bus_.misbehave.reset_sticks = true;
  const std::uint64_t start = clock_.now_ns();
  queue_.reset();
  EXPECT_LE(clock_.now_ns() - start, 1'000'000'000u) << "and closing does not hang";
  EXPECT_EQ(bus_.mappings(), 0u) << "the device is cut off from all there is";
  EXPECT_EQ(memory_.live(), 4u) << "and its rings are nobody else's";
  EXPECT_EQ(bus_.haunt(), 1u);
}

TEST_F(QueueFaultsTest, ARestartThatFailsLeavesTheQueueFailed) {
  open();
  (void)queue_->submit(entries(1));
  bus_.misbehave.enable_sticks = true;
  EXPECT_THROW(queue_->restart(), DeviceError);
  EXPECT_TRUE(queue_->failed());
  EXPECT_EQ(poll().size(), 1u) << "the aborted one";
  EXPECT_EQ(poll_error().fault(), DeviceFault::kRefused);
  bus_.misbehave.enable_sticks = false;
  queue_->restart();
  EXPECT_EQ(queue_->submit(entries(1)), 1u);
}

TEST_F(QueueFaultsTest, DmaFaultsComeThroughWithTheirAddress) {
  open();
  bus_.fault_address = source_.iova() + 100;
  (void)queue_->submit(entries(1));
  bus_.step();
  const auto done = poll();
  ASSERT_EQ(done.size(), 1u);
  EXPECT_EQ(done[0].status, PP_STATUS_DMA_FAULT);
  EXPECT_EQ(done[0].info, source_.iova());
  EXPECT_EQ(done[0].flags >> PP_CQE_DETAIL_SHIFT, PP_FAULT_READ);
}

}  // namespace
}  // namespace pagepress::test
