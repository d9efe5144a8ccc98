// SPDX-License-Identifier: Apache-2.0
// Random faults one after the other: every request still completes once and correctly.
#include "tests/driver/reliable_fixture.hpp"

namespace pagepress::test {
namespace {

constexpr unsigned kPlans = 300;
constexpr unsigned kRounds = 20;

class RandomFaults : public ReliableTest {
 protected:
  bool chance(unsigned percent) { return random_() % 100 < percent; }

  void misbehave() {
    bus_.misbehave = {};
    bus_.misbehave.silent = chance(30);
    bus_.misbehave.queue_sticks = chance(20);
    bus_.misbehave.reset_sticks = chance(20);
    bus_.misbehave.enable_sticks = chance(10);
    bus_.misbehave.stale_indices = chance(10);
    bus_.misbehave.keep_units = chance(50);
    bus_.misbehave.gone = chance(10);
    if (chance(30)) {
      bus_.misbehave.completion = [this](pp_cqe& cqe) {
        if (chance(20)) {
          // DMA fault to internal, but bad descriptor, which is the caller's
          constexpr std::array<unsigned, 5> kStatuses = {PP_STATUS_VERIFY_FAILED,
                                                         PP_STATUS_DMA_FAULT, PP_STATUS_ABORTED,
                                                         PP_STATUS_INTERNAL, PP_STATUS_COUNT};
          cqe.status = static_cast<std::uint8_t>(kStatuses[random_() % kStatuses.size()]);
        }
        if (chance(5)) {
          cqe.tag += 0x100;  // of nothing; another one's would be a lie that only bytes tell
        }
        if (chance(5)) {
          cqe.sq_head = static_cast<std::uint16_t>(cqe.sq_head + 1 + random_() % 3);
        }
      };
    }
  }
  void submit_some() {
    for (unsigned count = codec_->outstanding() == 0 ? random_() % 12 : 0; count != 0; --count) {
      const Request request = next_request();
      if (codec_->submit(std::span(&request, 1)) == 0) {
        --next_tag_;
        return;
      }
    }
  }
  void drain() {
    bus_.misbehave = {};
    for (int i = 0; i < 100 && codec_->outstanding() != 0; ++i) {
      bus_.step();
      time_out();
      poll();
    }
  }

  std::mt19937 random_;
};

TEST_F(RandomFaults, EveryPageOnceAndCorrect) {
  ReliableCounters sum;
  for (unsigned plan = 0; plan < kPlans && !HasFailure(); ++plan) {
    SCOPED_TRACE(plan);
    random_.seed(plan);
    open({.bounce_destinations = chance(30)},
         {.retries = static_cast<unsigned>(random_() % 3),
          .sick_after = static_cast<unsigned>(1 + random_() % 3),
          .backoff_ns = kTimeout},
         chance(50) ? PP_FEAT_ABORT : 0);
    for (unsigned round = 0; round < kRounds; ++round) {
      if (chance(50)) {
        misbehave();
      }
      submit_some();
      if (chance(70)) {
        bus_.step(static_cast<unsigned>(random_() % 6));
      }
      if (chance(50)) {
        time_out();
      }
      poll();
      if (bus_.mappings() == 0) {
        bus_.haunt();  // cut off, it does what it believes that it still may
      }
    }
    drain();
    expect_all_correct(static_cast<unsigned>(next_tag_));
    sum.timeouts += counters().timeouts;
    sum.protocol_errors += counters().protocol_errors;
    sum.resets += counters().resets;
    sum.quarantined += counters().quarantined;
    sum.well_again += counters().well_again;
    sum.late_completions += counters().late_completions;
  }
  // It did go wrong, in every way.
  for (const std::uint64_t count :
       {sum.timeouts, sum.protocol_errors, sum.resets, sum.quarantined, sum.well_again}) {
    EXPECT_GT(count, 10u);
  }
}

}  // namespace
}  // namespace pagepress::test
