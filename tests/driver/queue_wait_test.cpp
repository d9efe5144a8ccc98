// SPDX-License-Identifier: Apache-2.0
// Waiting for completions: polling, interrupts, both, and what happens where interrupts fail.
#include "tests/driver/queue_fixture.hpp"

namespace pagepress::test {
namespace {

class QueueWaitTest : public ::testing::Test {
 protected:
  void open(const WaitConfig& wait, std::uint32_t features = PP_FEAT_IRQ | PP_FEAT_IRQ_MASK,
            unsigned vectors = FakeDevice::kVectors) {
    bus_.identity().features |= features;
    bus_.clock = &clock_;
    bus_.bus_vectors = vectors;
    device_.emplace(bus_, clock_);
    buffer_.emplace(map_, memory_, 2 * kPageSize);
    queue_.emplace(
        *device_, map_, memory_,
        QueueConfig{
            .sq_depth = 16, .cq_depth = 16, .completion_timeout_ns = 1'000'000'000, .wait = wait});
  }
  void submit(unsigned count = 1) {
    pp_sqe sqe{};
    sqe.opcode = PP_OP_COMPRESS;
    sqe.src_len = kPageSize;
    sqe.src_addr = buffer_->iova();
    sqe.dst_addr = buffer_->iova() + kPageSize;
    sqe.dst_capacity = kPageSize;
    for (; count != 0; --count) {
      ASSERT_EQ(queue_->submit(std::span(&sqe, 1)), 1u);
    }
  }
  std::size_t poll() {
    std::array<pp_cqe, 16> done;
    return queue_->poll(done);
  }
  // The device completes what it has after `ns` of pauses.
  void complete_after(std::uint64_t ns) {
    const std::uint64_t at = clock_.now_ns() + ns;
    clock_.on_pause = [this, at] {
      if (clock_.now_ns() >= at) {
        bus_.step();
      }
    };
  }
  std::uint64_t wait_takes(std::uint64_t timeout_ns) {
    const std::uint64_t start = clock_.now_ns();
    queue_->wait(timeout_ns);
    return clock_.now_ns() - start;
  }

  FakeDevice bus_;
  ManualClock clock_;
  CountedMemory memory_;
  DmaMap map_{bus_};
  std::optional<Device> device_;
  std::optional<DmaBuffer> buffer_;
  std::optional<QueuePair> queue_;
};

TEST_F(QueueWaitTest, PollingLooksEveryInterval) {
  open({.poll_ns = 700});
  submit();
  complete_after(2000);
  EXPECT_EQ(wait_takes(1'000'000), 2100u);
  EXPECT_EQ(poll(), 1u);
  EXPECT_EQ(bus_.irq_ctrl(0), 0u);
}

TEST_F(QueueWaitTest, AWaitEndsAtItsTimeOutAndAtOnceWithNothingToWaitFor) {
  open({.poll_ns = 700});
  EXPECT_EQ(wait_takes(1'000'000), 0u) << "nothing is outstanding";
  submit();
  EXPECT_EQ(wait_takes(1000), 1000u);
  bus_.step();
  EXPECT_EQ(wait_takes(1000), 0u) << "it is there";
}

TEST_F(QueueWaitTest, AWaitEndsWhenPollWouldGiveTheDeviceUp) {
  open({.mode = WaitMode::kInterrupt});
  submit();
  EXPECT_EQ(wait_takes(~std::uint64_t{0}), 1'000'000'000u);
  EXPECT_THROW((void)poll(), DeviceError);
}

TEST_F(QueueWaitTest, AModerationThatCannotBeIsRefused) {
  for (const WaitConfig& wait :
       {WaitConfig{.irq_count = 0}, WaitConfig{.irq_count = 256, .irq_cycles = 1},
        WaitConfig{.irq_count = 2}}) {
    EXPECT_THROW(open(wait), std::invalid_argument) << wait.irq_count;
    queue_.reset();
    device_.reset();
    buffer_.reset();
  }
}

TEST_F(QueueWaitTest, AnInterruptWakesAndIsMaskedMeanwhile) {
  open({.mode = WaitMode::kInterrupt, .vector = 3});
  EXPECT_EQ(queue_->wait_mode(), WaitMode::kInterrupt);
  EXPECT_EQ(bus_.irq_ctrl(0), PP_Q_IRQ_ENABLE | PP_Q_IRQ_MASK | 1u << 8 | 3u << 16);
  submit();
  std::uint32_t asleep = 0;
  clock_.on_pause = [&] {
    asleep = bus_.irq_ctrl(0);
    bus_.step();
  };
  queue_->wait(1'000'000);
  EXPECT_EQ(asleep, PP_Q_IRQ_ENABLE | 1u << 8 | 3u << 16);
  EXPECT_EQ(queue_->counters().interrupts, 1u);
  EXPECT_EQ(poll(), 1u);
  EXPECT_NE(bus_.irq_ctrl(0) & PP_Q_IRQ_MASK, 0u);
}

TEST_F(QueueWaitTest, ModerationIsProgrammed) {
  open({.mode = WaitMode::kInterrupt, .irq_count = 8, .irq_cycles = 5000},
       PP_FEAT_IRQ | PP_FEAT_IRQ_MASK | PP_FEAT_IRQ_MODERATION);
  EXPECT_EQ(bus_.irq_ctrl(0) >> 8 & 0xffu, 8u);
  EXPECT_EQ(bus_.irq_time(0), 5000u);
}

// The completion comes while the interrupt is being armed: it must not be slept through.
TEST_F(QueueWaitTest, ACompletionBesideArmingIsNotSleptThrough) {
  for (const std::uint32_t features : {PP_FEAT_IRQ | PP_FEAT_IRQ_MASK, PP_FEAT_IRQ}) {
    for (const bool before : {true, false}) {
      queue_.reset();
      bus_.identity().features &= ~(PP_FEAT_IRQ | PP_FEAT_IRQ_MASK);
      open({.mode = WaitMode::kInterrupt}, features);
      submit();
      (before ? bus_.before_arming : bus_.after_arming) = [this] { bus_.step(); };
      EXPECT_EQ(wait_takes(1'000'000), 0u) << features << before;
      EXPECT_EQ(poll(), 1u);
      bus_.before_arming = bus_.after_arming = nullptr;
    }
  }
}

TEST_F(QueueWaitTest, HybridPollsThenNapsThenSleeps) {
  open({.mode = WaitMode::kHybrid,
        .poll_ns = 100,
        .spin_ns = 1000,
        .nap_ns = 2000,
        .naps_ns = 10'000,
        .recheck_ns = 500'000});
  submit();
  std::vector<std::uint64_t> steps;
  std::uint64_t last = clock_.now_ns();
  clock_.on_pause = [&] {
    steps.push_back(clock_.now_ns() - last);
    last = clock_.now_ns();
    if (steps.back() == 500'000) {
      bus_.step();
    }
  };
  queue_->wait(10'000'000);
  ASSERT_EQ(steps.size(), 10u + 5u + 1u);
  EXPECT_EQ(steps[9], 100u);
  EXPECT_EQ(steps[14], 2000u);
  EXPECT_EQ(clock_.sleeps, 5u) << "the naps, and no poll";
  EXPECT_EQ(queue_->counters().interrupts, 1u);
}

TEST_F(QueueWaitTest, ALostInterruptCostsARecheckAndManyMakeItPoll) {
  open({.mode = WaitMode::kInterrupt, .recheck_ns = 10'000});
  bus_.misbehave.drop_irqs = true;
  for (unsigned i = 1; i <= 8; ++i) {
    submit();
    complete_after(1);
    EXPECT_EQ(wait_takes(1'000'000), 10'000u);
    EXPECT_EQ(poll(), 1u);
    EXPECT_EQ(queue_->counters().missed_interrupts, i);
  }
  EXPECT_EQ(queue_->wait_mode(), WaitMode::kPoll);
  submit();
  complete_after(1);
  EXPECT_EQ(wait_takes(1'000'000), 500u);
  EXPECT_EQ(poll(), 1u);
  queue_->restart();
  EXPECT_EQ(queue_->wait_mode(), WaitMode::kInterrupt);
}

TEST_F(QueueWaitTest, WithoutVectorsItPolls) {
  open({.mode = WaitMode::kInterrupt}, PP_FEAT_IRQ, 0);
  EXPECT_EQ(queue_->wait_mode(), WaitMode::kPoll) << "the bus delivers none";
  queue_.reset();
  open({.mode = WaitMode::kHybrid, .vector = 2}, PP_FEAT_IRQ, 2);
  EXPECT_EQ(queue_->wait_mode(), WaitMode::kPoll) << "nor this one";
  queue_.reset();
  bus_.identity().features &= ~PP_FEAT_IRQ;
  open({.mode = WaitMode::kHybrid}, 0);
  EXPECT_EQ(queue_->wait_mode(), WaitMode::kPoll) << "the device has none";
  submit();
  complete_after(1);
  queue_->wait(1'000'000);
  EXPECT_EQ(poll(), 1u);
}

TEST_F(QueueWaitTest, AStoppedQueueSendsNoInterrupts) {
  open({.mode = WaitMode::kInterrupt});
  EXPECT_EQ(queue_->stop(), Ownership::kStopped);
  EXPECT_EQ(bus_.irq_ctrl(0), 0u);
  queue_->start();
  EXPECT_NE(bus_.irq_ctrl(0), 0u);
}

}  // namespace
}  // namespace pagepress::test
