// SPDX-License-Identifier: Apache-2.0
// A device that says what is not so, and a driver that does not believe it.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "tests/driver/reliable_fixture.hpp"

namespace pagepress::test {
namespace {

class ReliableCheckTest : public ReliableTest {
 protected:
  void open_checking(const ReliableConfig& config = {}) {
    ReliableConfig checking = config;
    checking.check_answers = true;
    open({}, checking);
    bus_.step_at_doorbell();
  }
  // The second completion only.
  template <class Lie>
  void lie_once(Lie lie) {
    bus_.misbehave.completion = [lie, count = 0](pp_cqe& cqe) mutable {
      if (count++ == 1) lie(cqe);
    };
  }
  // The block of page 0 as a request to decompress it, into the second page.
  Request load(const Completion& stored) {
    return {.src = destinations_.data(),
            .dst = destinations_.data() + kPageSize,
            .capacity = kPageSize,
            .tag = 100,
            .operation = Operation::kDecompress,
            .src_len = stored.out_len,
            .verify = true,
            .expected_crc32c = stored.crc32c};
  }
  Completion one(const Request& request) {
    EXPECT_EQ(codec_->submit(std::span(&request, 1)), 1u);
    std::array<Completion, 4> done;
    std::size_t count = 0;
    for (int i = 0; i < 4 && count == 0; ++i) count = codec_->poll(done);
    EXPECT_EQ(count, 1u);
    return done.front();
  }
};

TEST_F(ReliableCheckTest, TrueAnswersPass) {
  open_checking();
  run(8);
  expect_all_correct(8);
  EXPECT_EQ(counters().by_engine, 8u);
  EXPECT_EQ(counters().false_answers, 0u);
}

TEST_F(ReliableCheckTest, AFlippedBitIsFoundAndThePageDoneAnew) {
  open_checking();
  bus_.misbehave.flip_output = true;
  run(1);
  expect_all_correct(1);
  EXPECT_EQ(counters().false_answers, 2u) << "once, and once more";
  EXPECT_EQ(counters().by_cpu, 1u);
  EXPECT_EQ(counters().aborts, 2u) << "nothing is done anew while the device may be at it";
}

TEST_F(ReliableCheckTest, AWrongLengthIsFound) {
  open_checking();
  lie_once([](pp_cqe& cqe) { cqe.out_len -= 1; });
  run(4);
  expect_all_correct(4);
  EXPECT_EQ(counters().false_answers, 1u);
  EXPECT_EQ(counters().by_engine, 4u);
}

TEST_F(ReliableCheckTest, NoOutputIsNoBlock) {
  open_checking();
  lie_once([](pp_cqe& cqe) { cqe.out_len = 0; });
  run(4);
  expect_all_correct(4);
  EXPECT_EQ(counters().false_answers, 1u);
}

TEST_F(ReliableCheckTest, APageThatIsNotFilledIsFound) {
  open_checking();
  lie_once([](pp_cqe& cqe) {
    cqe.status = PP_STATUS_SAME_FILLED;
    cqe.out_len = 0;
  });
  run(4);
  expect_all_correct(4);
  EXPECT_EQ(counters().false_answers, 1u);
}

TEST_F(ReliableCheckTest, AFilledPageIsTakenForOne) {
  open_checking();
  Request request = next_request();
  std::fill_n(sources_.data(), kPageSize, std::byte{7});
  request.src = sources_.data();
  const Completion done = one(request);
  EXPECT_EQ(done.status, Status::kSameFilled);
  EXPECT_EQ(done.info, 0x0707070707070707u);
  EXPECT_EQ(counters().false_answers, 0u);
}

TEST_F(ReliableCheckTest, TheCrcIsTheCpus) {
  open_checking();
  lie_once([](pp_cqe& cqe) { cqe.crc32c ^= 1; });
  run(4);
  expect_all_correct(4);  // which compares CRCs
  EXPECT_EQ(counters().false_answers, 0u) << "the page is right";
}

// Another request's tag: that one is not done, and the device is about to write to it.
TEST_F(ReliableCheckTest, TheTagOfAnotherIsFound) {
  open_checking();
  bus_.misbehave.completion = [count = 0](pp_cqe& cqe) mutable {
    if (count++ == 1) cqe.tag += 2;
  };
  run(4);
  expect_all_correct(4);
  EXPECT_GE(counters().false_answers + counters().protocol_errors, 1u);
}

TEST_F(ReliableCheckTest, OfAPageThatComesBackTheCrcIsCompared) {
  open_checking();
  run(1);
  const Request request = load(done_.at(0));
  EXPECT_EQ(one(request).status, Status::kOk);
  EXPECT_EQ(counters().false_answers, 0u);
  bus_.misbehave.flip_output = true;
  EXPECT_EQ(one(request).status, Status::kOk) << "the CPU's";
  EXPECT_EQ(counters().by_cpu, 1u);
  const PageData page = text_page(0);
  EXPECT_EQ(std::memcmp(request.dst, page.data(), kPageSize), 0);
}

TEST_F(ReliableCheckTest, ABlockComesBackAsAPageOnly) {
  open_checking();
  run(1);
  bus_.misbehave.completion = [](pp_cqe& cqe) { cqe.status = PP_STATUS_INCOMPRESSIBLE; };
  EXPECT_EQ(one(load(done_.at(0))).status, Status::kOk);
  EXPECT_EQ(counters().false_answers, 2u);
}

// With the wrong sum the block itself is in doubt: no device and no CPU repairs that.
TEST_F(ReliableCheckTest, AWrongExpectationFailsVerification) {
  open_checking();
  run(1);
  Request request = load(done_.at(0));
  request.expected_crc32c ^= 1;
  EXPECT_EQ(one(request).status, Status::kVerifyFailed);
}

TEST_F(ReliableCheckTest, WhoLiesAgainAndAgainIsSick) {
  open_checking({.retries = 0});
  bus_.misbehave.flip_output = true;
  run(32);
  expect_all_correct(32);
  EXPECT_EQ(counters().sick, 1u);
  EXPECT_FALSE(codec_->engine_well());
}

}  // namespace
}  // namespace pagepress::test
