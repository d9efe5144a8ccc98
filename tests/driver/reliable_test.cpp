// SPDX-License-Identifier: Apache-2.0
// ReliableCodec: every request completes exactly once and correctly, and the counters tell how.
#include <gmock/gmock.h>

#include "tests/driver/reliable_fixture.hpp"

namespace pagepress::test {
namespace {

using ::testing::HasSubstr;

TEST_F(ReliableTest, NothingIsCountedWhereNothingIsWrong) {
  open();
  bus_.step_at_doorbell();
  run(20);
  expect_all_correct(20);
  EXPECT_EQ(counters().submitted, 20u);
  EXPECT_EQ(counters().by_engine, 20u);
  EXPECT_EQ(counters().by_cpu + counters().requeued + counters().aborts + counters().resets, 0u);
  EXPECT_EQ(codec_->outstanding(), 0u);
}

TEST_F(ReliableTest, ASilentQueueIsAbortedAndGoesAgain) {
  open();
  bus_.misbehave.silent = true;
  submit(4);
  bus_.fetch(0, 3);
  time_out();
  bus_.misbehave.silent = false;
  poll();  // stops, starts, submits again
  EXPECT_EQ(counters().timeouts, 1u);
  EXPECT_EQ(counters().aborts, 1u);
  EXPECT_EQ(counters().resets, 0u);
  EXPECT_EQ(counters().requeued, 4u);
  bus_.step();
  poll();
  expect_all_correct(4);
  EXPECT_EQ(counters().by_engine, 4u);
  EXPECT_EQ(counters().by_cpu, 0u);
  EXPECT_THAT(codec_->last_fault(), HasSubstr("no completion for"));
}

TEST_F(ReliableTest, ASecondSilenceGoesToTheCpu) {
  open();
  bus_.misbehave.silent = true;
  submit(4);
  time_out();
  poll();
  time_out();
  poll();
  expect_all_correct(4);
  EXPECT_EQ(counters().timeouts, 2u);
  EXPECT_EQ(counters().requeued, 4u);
  EXPECT_EQ(counters().by_cpu, 4u);
  EXPECT_TRUE(codec_->engine_well());
}

TEST_F(ReliableTest, AQueueThatDoesNotStopCostsAReset) {
  open();
  bus_.misbehave.silent = bus_.misbehave.queue_sticks = true;
  submit(4);
  bus_.fetch(0, 2);
  time_out();
  bus_.misbehave.silent = false;
  poll();
  bus_.misbehave.queue_sticks = false;
  EXPECT_EQ(counters().resets, 1u);
  EXPECT_EQ(counters().aborts, 0u);
  EXPECT_EQ(bus_.resets, 2u) << "the first was at probe";
  bus_.step();
  poll();
  expect_all_correct(4);
  EXPECT_EQ(counters().by_engine, 4u);
}

TEST_F(ReliableTest, ADeviceThatCannotBeStoppedIsCutOffBeforeAnythingIsHandedOut) {
  open();
  bus_.misbehave.silent = bus_.misbehave.queue_sticks = bus_.misbehave.reset_sticks = true;
  submit(4);
  bus_.fetch(0, 3);
  time_out();
  poll();
  expect_all_correct(4);
  EXPECT_EQ(counters().quarantined, 4u);
  EXPECT_EQ(counters().by_cpu, 4u);
  EXPECT_EQ(counters().sick, 1u);
  EXPECT_FALSE(codec_->engine_well());
  EXPECT_EQ(bus_.mappings(), 0u);
  std::fill(destinations_.span().begin(), destinations_.span().end(), std::byte{0x5a});
  EXPECT_EQ(bus_.haunt(), 3u) << "its late DMA finds nothing";
  for (const std::byte byte : destinations_.span()) {
    ASSERT_EQ(byte, std::byte{0x5a});
  }
}

TEST_F(ReliableTest, ASickDeviceIsTriedAgainAfterABackOffAndUsedWhenWell) {
  open();
  bus_.misbehave.gone = true;
  submit(2);
  time_out();
  poll();
  EXPECT_EQ(counters().gone, 1u);
  EXPECT_EQ(counters().sick, 1u);
  run(3);  // meanwhile: the CPU
  EXPECT_EQ(counters().by_cpu, 5u);
  clock_.pause_ns(kBackoff);
  poll();  // still gone: twice the back-off
  EXPECT_EQ(counters().well_again, 0u);
  bus_.misbehave.gone = false;
  clock_.pause_ns(kBackoff);
  poll();
  EXPECT_EQ(counters().well_again, 0u) << "too early";
  clock_.pause_ns(kBackoff);
  poll();
  EXPECT_EQ(counters().well_again, 1u);
  EXPECT_TRUE(codec_->engine_well());
  EXPECT_GT(bus_.mappings(), 0u);
  submit(3);  // one is tried, the CPU has the others
  bus_.step();
  poll();
  EXPECT_EQ(counters().by_engine, 1u);
  EXPECT_EQ(counters().by_cpu, 7u);
  bus_.step_at_doorbell();
  run(4);
  EXPECT_EQ(counters().by_engine, 5u);
  expect_all_correct(12);
}

TEST_F(ReliableTest, AProbationEndsWithTheFirstGoodCompletionAlsoIfOneRecoveryIsTooMany) {
  open({}, {.sick_after = 1, .backoff_ns = kBackoff});
  bus_.misbehave.silent = true;
  submit(1);
  time_out();
  poll();
  EXPECT_EQ(counters().sick, 1u);
  bus_.misbehave.silent = false;
  clock_.pause_ns(kBackoff);
  poll();
  bus_.step_at_doorbell();
  run(1);  // the trial
  EXPECT_EQ(counters().by_engine, 1u);
  run(4);
  EXPECT_EQ(counters().by_engine, 5u);
  EXPECT_EQ(counters().by_cpu, 1u);
  expect_all_correct(6);
}

TEST_F(ReliableTest, AnotherDeviceInItsPlaceStaysUnused) {
  open();
  bus_.misbehave.gone = true;
  submit(1);
  time_out();
  poll();
  bus_.misbehave.gone = false;
  bus_.identity().depth_log2 = 3;
  clock_.pause_ns(kBackoff);
  poll();
  EXPECT_EQ(counters().well_again, 0u);
  EXPECT_THAT(codec_->last_fault(), HasSubstr("other capabilities"));
  expect_all_correct(1);
}

TEST_F(ReliableTest, ADeviceThatFailsAgainAndAgainIsLeftAlone) {
  open({}, {.retries = 100, .sick_after = 3, .backoff_ns = kBackoff});
  bus_.misbehave.silent = true;
  submit(4);
  for (int i = 0; i < 3; ++i) {
    time_out();
    poll();
  }
  EXPECT_EQ(counters().sick, 1u);
  EXPECT_EQ(counters().timeouts, 3u);
  EXPECT_EQ(counters().by_cpu, 4u);
  expect_all_correct(4);
  const unsigned before = bus_.sq_doorbells;
  run(4);
  EXPECT_EQ(bus_.sq_doorbells, before);
  // The trial fails at once, and one time-out is enough.
  clock_.pause_ns(kBackoff);
  poll();
  EXPECT_EQ(counters().well_again, 1u);
  submit(2);
  time_out();
  poll();
  EXPECT_EQ(counters().sick, 2u);
  expect_all_correct(10);
}

TEST_F(ReliableTest, CompletionsThatWereThereWhenTheQueueWasGivenUpAreUsed) {
  open();
  bus_.misbehave.silent = true;
  submit(4);
  time_out();
  // It wakes up just as the driver asks why it is silent.
  bus_.on_state_read = [&] {
    bus_.on_state_read = nullptr;
    bus_.misbehave.silent = false;
    bus_.step(3);
    bus_.misbehave.silent = true;
  };
  poll();
  EXPECT_EQ(counters().late_completions, 3u);
  EXPECT_EQ(counters().requeued, 1u);
  bus_.misbehave.silent = false;
  bus_.step();
  poll();
  expect_all_correct(4);
  EXPECT_EQ(counters().by_engine, 4u);
}

TEST_F(ReliableTest, ACompletionOfBeforeTheAbortIsNotTakenForOneOfAfter) {
  open();
  bus_.misbehave.silent = true;
  submit(2);
  time_out();
  poll();
  bus_.misbehave.silent = false;
  bus_.write_completion(0, {.tag = 0, .status = PP_STATUS_OK});  // of the first attempt
  poll();
  EXPECT_EQ(counters().protocol_errors, 1u);
  bus_.step_at_doorbell();
  poll();
  expect_all_correct(2);
}

TEST_F(ReliableTest, FaultsOfARequestAreItsOwn) {
  for (const unsigned status : {PP_STATUS_DMA_FAULT, PP_STATUS_VERIFY_FAILED, PP_STATUS_INTERNAL,
                                PP_STATUS_ABORTED, PP_STATUS_COUNT}) {
    open();
    unsigned count = 0;
    bus_.misbehave.completion = [&](pp_cqe& cqe) {
      if (count++ == 1) {
        cqe.status = static_cast<std::uint8_t>(status);
      }
    };
    bus_.step_at_doorbell();
    run(4);
    EXPECT_EQ(counters().requeued, 1u) << status;
    EXPECT_EQ(counters().by_engine, 4u);
    EXPECT_EQ(counters().request_faults, status == PP_STATUS_ABORTED ? 0u : 1u);
    EXPECT_EQ(counters().aborts, 0u);
    expect_all_correct(4);
  }
}

TEST_F(ReliableTest, ARequestThatFailsTwiceIsTheCpus) {
  open();
  bus_.misbehave.completion = [&](pp_cqe& cqe) { cqe.status = PP_STATUS_INTERNAL; };
  bus_.step_at_doorbell();
  run(3);
  EXPECT_EQ(counters().request_faults, 6u);
  EXPECT_EQ(counters().requeued, 3u);
  EXPECT_EQ(counters().by_cpu, 3u);
  expect_all_correct(3);
}

TEST_F(ReliableTest, WithoutRetriesTheCpuIsNext) {
  open({}, {.retries = 0});
  bus_.misbehave.completion = [&](pp_cqe& cqe) { cqe.status = PP_STATUS_DMA_FAULT; };
  bus_.step_at_doorbell();
  run(2);
  EXPECT_EQ(counters().requeued, 0u);
  EXPECT_EQ(counters().by_cpu, 2u);
  expect_all_correct(2);
}

TEST_F(ReliableTest, AMalformedBlockIsOneOnlyIfTheCpuSaysSo) {
  open();
  bus_.step_at_doorbell();
  Request request = next_request();
  request.operation = Operation::kDecompress;  // of text
  ASSERT_EQ(codec_->submit(std::span(&request, 1)), 1u);
  Completion done;
  ASSERT_EQ(codec_->poll(std::span(&done, 1)), 1u);
  EXPECT_EQ(done.status, Status::kMalformed);
  EXPECT_EQ(counters().second_opinions, 1u);
  EXPECT_EQ(counters().by_cpu, 1u);
}

TEST_F(ReliableTest, ADeadlineThatPassedBeforeSubmissionNeverReachesTheDevice) {
  open();
  bus_.step_at_doorbell();
  std::vector<Request> batch = {next_request(), next_request()};
  batch[0].deadline_ns = clock_.now_ns();
  batch[1].deadline_ns = clock_.now_ns() + 1;
  ASSERT_EQ(codec_->submit(batch), 2u);
  poll();
  poll();
  ASSERT_EQ(done_.size(), 2u);
  EXPECT_EQ(done_.at(batch[0].tag).status, Status::kDeadlineMissed);
  EXPECT_EQ(done_.at(batch[1].tag).status, Status::kOk);
  EXPECT_EQ(counters().deadline_misses, 1u);
  EXPECT_EQ(codec_->engine().queue().counters().submitted, 1u);
}

TEST_F(ReliableTest, ADeadlineThatPassesInTheDeviceAbortsAndTheOthersGoAgain) {
  for (const std::uint32_t abort : {0u, PP_FEAT_ABORT}) {
    open({}, {.retries = 0}, abort);
    bus_.misbehave.silent = true;
    std::vector<Request> batch = {next_request(), next_request(), next_request()};
    batch[1].deadline_ns = clock_.now_ns() + 1000;
    ASSERT_EQ(codec_->submit(batch), 3u);
    bus_.fetch(0, 2);
    poll();
    EXPECT_TRUE(done_.empty());
    codec_->wait(1'000'000);
    EXPECT_EQ(clock_.now_ns(), batch[1].deadline_ns) << "a wait ends with the deadline";
    bus_.misbehave.silent = false;
    poll();
    EXPECT_EQ(done_.at(batch[1].tag).status, Status::kDeadlineMissed);
    EXPECT_EQ(counters().aborts, 1u);
    EXPECT_EQ(counters().deadline_misses, 1u);
    EXPECT_EQ(counters().requeued, 2u) << "it was not their fault";
    bus_.step();
    poll();
    EXPECT_EQ(done_.at(batch[0].tag).status, Status::kOk);
    EXPECT_EQ(done_.at(batch[2].tag).status, Status::kOk);
    EXPECT_EQ(counters().by_engine, 2u);
  }
}

// Another queue's owner reset the device while nothing was out: nobody polls for nothing.
TEST_F(ReliableTest, AnEmptyQueueThatFailedTakesRequestsAllTheSame) {
  open();
  bus_.step_at_doorbell();
  run(4);
  device_->reset();
  const Request request = next_request();
  EXPECT_EQ(codec_->submit(std::span(&request, 1)), 1u);
  poll();
  expect_all_correct(5);
  EXPECT_EQ(counters().resets_by_others, 1u);
  EXPECT_EQ(counters().by_engine, 5u);
}

TEST_F(ReliableTest, NeedsAnEngineAndACpu) {
  open();
  EXPECT_THROW(ReliableCodec(nullptr, make_cpu_lz4()), std::invalid_argument);
}

}  // namespace
}  // namespace pagepress::test
