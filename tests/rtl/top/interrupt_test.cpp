// SPDX-License-Identifier: Apache-2.0
// Interrupt messages: which completions have them, when, and on which vector.
#include <gtest/gtest.h>

#include "tests/rtl/top/device_bench.hpp"
#include "tests/rtl/top/queue_driver.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint32_t kEnable = 1;

std::uint32_t irq_control(std::uint32_t count, std::uint32_t vector) {
  return kEnable | count << 8 | vector << 16;
}

// NOPs with the interrupt flag.
void submit_nops(QueueDriver& queue, int count, std::uint16_t flags = PP_SQE_F_IRQ) {
  for (int i = 0; i < count; ++i) {
    pp_sqe nop{};
    nop.flags = flags;
    nop.tag = static_cast<std::uint64_t>(i);
    queue.submit(nop);
  }
  queue.ring();
}

TEST(Interrupt, ComesAfterItsCompletionIsInMemory) {
  DeviceBench bench(1);
  bench.axi().set_timing({100, 300, 20});
  QueueDriver queue(bench, 2, 6, 6);
  queue.start();
  bench.write(queue_register(PP_Q_IRQ_CTRL), irq_control(0, 0));
  unsigned flagged = 0;
  for (int i = 0; i < 40; ++i) {
    pp_sqe sqe = queue.compress();
    sqe.flags = i % 3 == 0 ? PP_SQE_F_IRQ : 0;
    flagged += i % 3 == 0 ? 1 : 0;
    queue.submit(sqe);
  }
  queue.ring();
  std::uint64_t seen = 0;
  std::uint64_t flagged_done = 0;
  bench.on_cycle = [&] {
    if (bench.interrupts(0) == seen) return;
    seen = bench.interrupts(0);
    queue.poll();
    flagged_done = (queue.completed() + 2) / 3;
    EXPECT_GE(flagged_done, seen) << "interrupt ahead of its completion";
  };
  ASSERT_TRUE(queue.drain());
  bench.tick(1000);
  EXPECT_EQ(bench.interrupts(0), flagged);
  EXPECT_EQ(bench.interrupts(1), 0U);
}

TEST(Interrupt, GoesToTheVectorThatIsSet) {
  DeviceBench bench(3);
  QueueDriver queue(bench, 4, 6, 6);
  queue.start();
  bench.write(queue_register(PP_Q_IRQ_CTRL), irq_control(1, 1));
  submit_nops(queue, 5);
  ASSERT_TRUE(queue.drain());
  bench.tick(100);
  EXPECT_EQ(bench.interrupts(0), 0U);
  EXPECT_EQ(bench.interrupts(1), 5U);
  bench.write(queue_register(PP_Q_IRQ_CTRL), irq_control(1, 9));  // a vector that is not there
  submit_nops(queue, 5);
  ASSERT_TRUE(queue.drain());
  bench.write(queue_register(PP_Q_IRQ_CTRL), 0);
  submit_nops(queue, 5);
  ASSERT_TRUE(queue.drain());
  bench.write(queue_register(PP_Q_IRQ_CTRL), irq_control(1, 0));
  submit_nops(queue, 5, 0);  // without the flag
  ASSERT_TRUE(queue.drain());
  bench.tick(100);
  EXPECT_EQ(bench.interrupts(0), 0U);
  EXPECT_EQ(bench.interrupts(1), 5U);
}

TEST(Interrupt, ModeratedByCountAndTime) {
  DeviceBench bench(5);
  QueueDriver queue(bench, 6, 6, 6);
  queue.start();
  bench.write(queue_register(PP_Q_IRQ_TIME), 5000);
  bench.write(queue_register(PP_Q_IRQ_CTRL), irq_control(4, 0));
  submit_nops(queue, 12);
  ASSERT_TRUE(queue.drain());
  bench.tick(1000);
  EXPECT_EQ(bench.interrupts(0), 3U);
  EXPECT_FALSE(bench.busy());

  // Two more: nothing until the time is over; the clock must not stop meanwhile.
  submit_nops(queue, 2);
  const std::uint64_t begin = bench.cycle();
  ASSERT_TRUE(queue.drain());
  ASSERT_TRUE(bench.tick_until(
      [&] {
        EXPECT_TRUE(bench.busy());
        return bench.interrupts(0) == 4;
      },
      6000));
  EXPECT_GE(bench.cycle() - begin, 5000U);
  EXPECT_LE(bench.cycle() - begin, 5100U);
  bench.tick(10000);
  EXPECT_EQ(bench.interrupts(0), 4U);
  EXPECT_FALSE(bench.busy());

  // No time at all: no event waits.
  bench.write(queue_register(PP_Q_IRQ_TIME), 0);
  submit_nops(queue, 3);
  ASSERT_TRUE(queue.drain());
  bench.tick(100);
  EXPECT_EQ(bench.interrupts(0), 7U);
}

}  // namespace
}  // namespace pagepress::bench
