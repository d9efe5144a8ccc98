// SPDX-License-Identifier: Apache-2.0
// Disable, drain, pause, reset, a full completion ring, and the busy pin.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/rtl/top/device_bench.hpp"
#include "tests/rtl/top/queue_driver.hpp"

namespace pagepress::bench {
namespace {

std::uint32_t queue_state(DeviceBench& bench) {
  return bench.read(queue_register(PP_Q_STATE)) & 0xfU;
}

void submit(QueueDriver& queue, int count) {
  for (int i = 0; i < count; ++i) queue.submit(queue.random_submission());
  queue.ring();
}

class Stop : public testing::TestWithParam<std::uint32_t> {};

// Both ways to stop a queue: what was fetched completes, the rest is not touched.
TEST_P(Stop, CompletesWhatWasFetched) {
  Random random(1);
  for (int round = 0; round < 10; ++round) {
    DeviceBench bench(static_cast<std::uint64_t>(round));
    bench.axi().set_timing({30, 90, 10});
    QueueDriver queue(bench, 2, 6, 6);
    queue.start();
    submit(queue, 60);
    bench.tick(random.below(7000));
    bench.write(queue_register(PP_Q_CTRL), GetParam());
    bench.write(queue_register(PP_Q_CTRL), PP_Q_CTRL_ENABLE);  // too early: ignored
    const bool stopped = bench.tick_until(
        [&] { return queue.poll(), queue_state(bench) == PP_QSTATE_DISABLED; }, 3000);
    ASSERT_TRUE(stopped);
    queue.poll();
    EXPECT_EQ(queue.completed(), bench.read(queue_register(PP_Q_SQ_HEAD)));
    EXPECT_LT(queue.completed(), 60U);
    EXPECT_EQ(bench.read(queue_register(PP_Q_CTRL)), 0U) << "self-clearing";
    EXPECT_EQ(bench.read(queue_register(PP_Q_STATE)), 0U) << "nothing in flight";
    const std::uint64_t bursts = bench.axi().stats().read_bursts;
    bench.tick(2000);
    EXPECT_EQ(queue.poll(), 0U);
    EXPECT_EQ(bench.axi().stats().read_bursts, bursts);
    EXPECT_FALSE(bench.busy());
    queue.forget();
    queue.start();
    submit(queue, 20);
    ASSERT_TRUE(queue.drain());
    queue.check_memory();
    EXPECT_EQ(bench.violations(), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Ways, Stop, testing::Values(0U, PP_Q_CTRL_ENABLE | PP_Q_CTRL_DRAIN));

TEST(Pause, HoldsFetchesOfThisQueueOnly) {
  DeviceBench bench(3);
  QueueDriver queue(bench, 4, 6, 6);
  queue.start();
  bench.write(queue_register(PP_Q_CTRL), PP_Q_CTRL_ENABLE | PP_Q_CTRL_PAUSE);
  EXPECT_EQ(queue_state(bench), PP_QSTATE_PAUSED);
  submit(queue, 10);
  bench.tick(3000);
  EXPECT_EQ(bench.axi().stats().read_bursts, 0U);
  EXPECT_FALSE(bench.busy());
  bench.write(queue_register(PP_Q_CTRL), PP_Q_CTRL_ENABLE);
  EXPECT_EQ(queue_state(bench), PP_QSTATE_RUNNING);
  EXPECT_TRUE(queue.drain());
  queue.check_memory();
}

TEST(DeviceEnable, HoldsFetchesUntilSet) {
  DeviceBench bench(5);
  QueueDriver queue(bench, 6, 6, 6);
  queue.start();
  bench.write(PP_REG_CTRL, 0);
  submit(queue, 10);
  bench.tick(3000);
  EXPECT_EQ(bench.axi().stats().read_bursts, 0U);
  EXPECT_EQ(queue_state(bench), PP_QSTATE_RUNNING);
  bench.write(PP_REG_CTRL, PP_CTRL_ENABLE);
  EXPECT_TRUE(queue.drain());
  queue.check_memory();
}

TEST(CompletionRing, IsNeverOverrun) {
  DeviceBench bench(7);
  QueueDriver queue(bench, 8, 6, 2);
  queue.start();
  submit(queue, 40);
  for (unsigned taken = 0; taken < 40;) {
    bench.tick(6000);
    const unsigned count = queue.poll();
    // The ring held what it can; the rest waits in the device, without a hang.
    EXPECT_EQ(count, std::min(4U, 40 - taken));
    EXPECT_EQ(bench.read(queue_register(PP_Q_CQ_TAIL)), queue.cq_head());
    taken += count;
    if (taken < 40) EXPECT_NE(bench.read(PP_REG_STATE) & PP_STATE_BUSY, 0U);
    queue.consume();
  }
  EXPECT_EQ(queue.outstanding(), 0U);
  queue.check_memory();
  EXPECT_EQ(bench.violations(), "");
}

TEST(Reset, WaitsForTheBusThenStartsAnew) {
  Random random(9);
  for (int round = 0; round < 25; ++round) {
    DeviceBench bench(static_cast<std::uint64_t>(round));
    bench.axi().set_timing({10, 200, 20});
    QueueDriver queue(bench, 10, 6, 6);
    queue.start();
    bench.write(doorbell(PP_DB_CQ_HEAD), 77);  // an entry in the log
    submit(queue, 60);
    bench.tick(random.below(12000));
    // Whatever is on the bus when the reset comes must be finished first.
    bench.axi().hold_responses(true);
    bench.tick(random.below(300));
    const std::size_t outstanding = bench.axi().outstanding();
    bench.write(PP_REG_CTRL, PP_CTRL_RESET | PP_CTRL_ENABLE);
    if (outstanding != 0) {
      bench.tick(1000);
      EXPECT_EQ(bench.read(PP_REG_CTRL) & PP_CTRL_RESET, PP_CTRL_RESET);
      EXPECT_EQ(bench.read(PP_REG_STATE), PP_STATE_RESETTING | PP_STATE_BUSY);
      EXPECT_TRUE(bench.busy());
      bench.write(PP_REG_ERR_VECTOR, 1U << 31 | 1);  // writes meanwhile are ignored
      bench.write(doorbell(PP_DB_SQ_TAIL), 1000);
      bench.write(PP_REG_CTRL, PP_CTRL_ENABLE);
      EXPECT_EQ(bench.read(PP_REG_ERR_VECTOR), 0U);
      EXPECT_EQ(bench.read(PP_REG_ERR_COUNT), 1U);
    }
    bench.axi().hold_responses(false);
    ASSERT_TRUE(bench.tick_until(
        [&] { return queue.poll(), (bench.read(PP_REG_CTRL) & PP_CTRL_RESET) == 0; }, 3000));
    queue.poll();
    EXPECT_EQ(bench.axi().outstanding(), 0U);
    EXPECT_EQ(bench.read(PP_REG_STATE), PP_STATE_READY);
    EXPECT_EQ(bench.read(PP_REG_CTRL), 0U);
    EXPECT_EQ(bench.read(PP_REG_ERR_COUNT), 0U);
    for (std::uint32_t offset = 0; offset < PP_QUEUE_STRIDE; offset += 4) {
      EXPECT_EQ(bench.read(queue_register(offset)), 0U) << std::hex << offset;
    }
    const std::uint64_t bursts = bench.axi().stats().read_bursts;
    bench.tick(1000);
    EXPECT_EQ(bench.axi().stats().read_bursts, bursts);
    EXPECT_EQ(queue.poll(), 0U);
    EXPECT_FALSE(bench.busy());
    queue.forget();
    queue.start();
    submit(queue, 20);
    ASSERT_TRUE(queue.drain());
    queue.check_memory();
    EXPECT_EQ(bench.violations(), "");
  }
}

TEST(Reset, OfAnIdleDeviceTakesAFewCycles) {
  DeviceBench bench(11);
  bench.write(PP_REG_ERR_VECTOR, 1);
  bench.write(PP_REG_CTRL, PP_CTRL_RESET);
  bench.tick(10);
  EXPECT_EQ(bench.read(PP_REG_CTRL), 0U);
  EXPECT_EQ(bench.read(PP_REG_ERR_VECTOR), 0U);
}

// While the pin is low the clock may stop: the device asks nothing of the bus.
TEST(Busy, CoversEverythingOnTheBus) {
  DeviceBench bench(12);
  bench.axi().set_timing({0, 100, 30});
  QueueDriver queue(bench, 13, 6, 6);
  queue.start();
  std::uint64_t seen = 0;
  bench.on_cycle = [&] {
    if (!bench.busy()) EXPECT_EQ(bench.axi().outstanding(), 0U);
    seen += bench.busy() ? 1 : 0;
  };
  for (int i = 0; i < 20; ++i) {
    submit(queue, 3);
    ASSERT_TRUE(queue.drain());
    EXPECT_TRUE(bench.tick_until([&bench] { return !bench.busy(); }, 300));
    bench.tick(50);
    EXPECT_FALSE(bench.busy());
  }
  EXPECT_GT(seen, 20 * 500U);
}

}  // namespace
}  // namespace pagepress::bench
