// SPDX-License-Identifier: Apache-2.0
// The ways to wait for completions.
#include "tests/driver_suite/suite.hpp"

namespace pagepress::suite {
namespace {

constexpr std::size_t kBurst = 8;

class Wait : public DriverSuite {
 protected:
  void SetUp() override {
    if (!caps().has(PP_FEAT_IRQ) || bus().vectors() < 3 || caps().vectors < 3) {
      GTEST_SKIP() << "no interrupts here";
    }
  }
  // Pages, a burst at a time, on queue 1. A lost interrupt would fail: nothing else wakes it.
  QueueCounters run(WaitConfig wait) {
    wait.vector = 2;
    wait.poll_ns = pace_.poll_ns;
    wait.recheck_ns = pace_.patience_ns / 2;
    QueueConfig config = queue_config(1);
    config.wait = wait;
    const std::vector<Job> jobs = make_->mixture(50, 4 * kBurst);
    const auto memory = job_memory(jobs.size());
    QueuePair queue(*device_, *map_, site_->memory(), config);
    const auto codec = engine_codec(queue);
    for (std::size_t at = 0; at < jobs.size(); at += kBurst) {
      Layout layout(std::span(jobs).subspan(at, kBurst), memory->span());
      run_jobs(*codec, layout, kBurst, clock(), pace_.patience_ns);
    }
    EXPECT_EQ(queue.wait_mode(), wait.mode);
    EXPECT_EQ(queue.counters().missed_interrupts, 0u);
    return queue.counters();
  }
};

TEST_F(Wait, Polling) { EXPECT_EQ(run({.mode = WaitMode::kPoll}).interrupts, 0u); }

// How many end a wait is a race in real time: a fast device is done before the driver sleeps.
TEST_F(Wait, AnInterruptForEachCompletion) { run({.mode = WaitMode::kInterrupt}); }

TEST_F(Wait, AnInterruptForEachBurst) {
  if (!caps().has(PP_FEAT_IRQ_MODERATION)) {
    GTEST_SKIP() << "the device cannot";
  }
  // One a burst, and one that a burst before may have left.
  const QueueCounters counters =
      run({.mode = WaitMode::kInterrupt, .irq_count = kBurst, .irq_cycles = 0xffffff});
  EXPECT_LE(counters.interrupts, 5u);
}

TEST_F(Wait, AnInterruptAfterATime) {
  if (!caps().has(PP_FEAT_IRQ_MODERATION)) {
    GTEST_SKIP() << "the device cannot";
  }
  // The count is never reached: only time sends it.
  run({.mode = WaitMode::kInterrupt, .irq_count = 255, .irq_cycles = 2000});
}

TEST_F(Wait, PollingFirstThenAnInterrupt) {
  run({.mode = WaitMode::kHybrid, .spin_ns = 0, .naps_ns = 0});
  run({.mode = WaitMode::kHybrid, .spin_ns = pace_.patience_ns});
}

TEST_F(Wait, NothingToWaitForReturnsAtOnce) {
  QueueConfig config = queue_config(0);
  config.wait.mode = WaitMode::kInterrupt;
  QueuePair queue(*device_, *map_, site_->memory(), config);
  const std::uint64_t start = clock().now_ns();
  queue.wait(pace_.patience_ns);
  EXPECT_LT(clock().now_ns() - start, pace_.patience_ns / 2);
}

}  // namespace
}  // namespace pagepress::suite
