// SPDX-License-Identifier: Apache-2.0
// Bus errors: on pages they are a completion's status, on rings they stop the queue.
// Nothing hangs, and the units around are not touched.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/rtl/top/device_bench.hpp"
#include "tests/rtl/top/queue_driver.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kBeat = DeviceBench::bus_bytes();

std::uint32_t queue_state(DeviceBench& bench) {
  return bench.read(queue_register(PP_Q_STATE)) & 0xfU;
}

Expected fault(std::uint8_t detail, std::uint64_t address) {
  Expected e;
  e.status = PP_STATUS_DMA_FAULT;
  e.detail = detail;
  e.info = address;
  return e;
}

// A COMPRESS whose reference result is OK with at least `length` bytes.
pp_sqe compressible(QueueDriver& queue, std::size_t length) {
  for (;;) {
    const pp_sqe sqe = queue.compress();
    if (queue.expect(sqe).data.size() >= length) return sqe;
  }
}

TEST(PageFaults, AreToldWithTheirFirstAddress) {
  for (const std::uint8_t response : {kSlverr, kDecerr}) {
    DeviceBench bench(1);
    bench.axi().set_timing({0, 200, 20});
    QueueDriver queue(bench, 2, 6, 6);
    Random random(3);
    queue.start();
    for (int i = 0; i < 160; ++i) {
      if (!queue.can_submit()) {
        queue.ring();
        ASSERT_TRUE(queue.drain());
        bench.axi().clear_faults();  // their buffers come up again
      }
      const std::uint64_t kind = random.below(4);
      if (kind == 0) {  // some beats of the source, and another later one
        const pp_sqe sqe = queue.compress();
        const std::uint64_t begin = sqe.src_addr + random.below(4096);
        bench.axi().add_fault({begin, begin + random.between(1, 300), false, response});
        bench.axi().add_fault({sqe.src_addr + 4095, sqe.src_addr + 4096, false, response});
        // The first byte of the source in the beat that failed.
        queue.submit(
            sqe, fault(PP_FAULT_READ, std::max<std::uint64_t>(begin & ~(kBeat - 1), sqe.src_addr)));
      } else if (kind == 1) {  // one byte of the output: told by its burst
        const pp_sqe sqe = compressible(queue, 64);
        const std::uint64_t length = queue.expect(sqe).data.size();
        const std::uint64_t at = sqe.dst_addr + random.below(length);
        bench.axi().add_fault({at, at + 1, true, response});
        std::uint64_t burst = sqe.dst_addr;
        for (std::uint64_t next = burst; next <= at;) {
          burst = next;
          next = std::min<std::uint64_t>((burst & ~(kBeat - 1)) + 16 * kBeat, (burst | 4095) + 1);
        }
        queue.submit(sqe, fault(PP_FAULT_WRITE, burst));
      } else {
        queue.submit(queue.random_submission());
      }
      if (random.percent(30)) queue.ring();
    }
    queue.ring();
    ASSERT_TRUE(queue.drain());
    EXPECT_GT(queue.completed(PP_STATUS_DMA_FAULT), 40U);
    EXPECT_GT(queue.completed(PP_STATUS_OK), 20U);
    queue.check_memory();
    EXPECT_EQ(bench.violations(), "");
    EXPECT_EQ(bench.read(PP_REG_ERR_COUNT), 0U) << "a unit's fault is not the device's error";
  }
}

TEST(PageFaults, UnmappedBuffersAreToldToo) {
  DeviceBench bench(4);
  QueueDriver queue(bench, 5, 4, 4);
  queue.start();
  pp_sqe sqe = queue.compress();
  sqe.src_addr = 0xdead000000000000;
  queue.submit(sqe, fault(PP_FAULT_READ, sqe.src_addr));
  sqe = compressible(queue, 1);
  sqe.dst_addr = 0xbeef000000000040;
  queue.submit(sqe, fault(PP_FAULT_WRITE, sqe.dst_addr));
  queue.submit(queue.compress());
  queue.ring();
  ASSERT_TRUE(queue.drain());
  queue.check_memory();
}

struct RingFault {
  unsigned index;  // of the entry that fails
  unsigned submitted;
};

class SubmissionFault : public testing::TestWithParam<RingFault> {};

TEST_P(SubmissionFault, StopsTheQueueAndLogsTheEntry) {
  const unsigned index = GetParam().index;
  const unsigned submitted = GetParam().submitted;
  for (const unsigned half : {0U, 32U}) {
    DeviceBench bench(6);
    bench.axi().set_timing({20, 60, 10});
    QueueDriver queue(bench, 7, 5, 5);
    queue.start();
    for (unsigned i = 0; i < submitted; ++i) queue.submit(queue.random_submission());
    const std::uint64_t address = queue.sqe_address(static_cast<std::uint16_t>(index));
    bench.axi().add_fault({address + half, address + half + 1, false, kSlverr});
    queue.ring();
    EXPECT_TRUE(bench.tick_until([&] { return queue.poll(), queue.completed() == index; }));
    queue.consume();
    bench.tick(5000);
    EXPECT_EQ(queue.poll(), 0U) << "nothing at or behind the failed entry completes";
    EXPECT_EQ(queue_state(bench), PP_QSTATE_ERROR);
    EXPECT_EQ(bench.read(queue_register(PP_Q_SQ_HEAD)), index);
    EXPECT_FALSE(bench.busy());
    EXPECT_EQ(bench.read(PP_REG_ERR_COUNT), 1U);
    EXPECT_EQ(bench.read(PP_REG_ERR_COND), PP_ERR_SQ_FETCH);
    EXPECT_EQ(bench.read(PP_REG_ERR_INDEX), index);
    EXPECT_EQ(bench.read(PP_REG_ERR_ADDR_LO), address & 0xffffffff);
    EXPECT_EQ(bench.read(PP_REG_ERR_ADDR_HI), address >> 32);
    bench.write(PP_REG_ERR_POP, 1);
    bench.write(doorbell(PP_DB_SQ_TAIL), submitted + 1);
    EXPECT_EQ(bench.read(PP_REG_ERR_COND), PP_ERR_DOORBELL_DISABLED);

    // Disabled and enabled again it works as if new.
    bench.write(queue_register(PP_Q_CTRL), 0);
    EXPECT_TRUE(bench.tick_until([&] { return queue_state(bench) == PP_QSTATE_DISABLED; }, 100));
    queue.forget();
    bench.axi().clear_faults();
    queue.start();
    for (int i = 0; i < 12; ++i) queue.submit(queue.random_submission());
    queue.ring();
    ASSERT_TRUE(queue.drain());
    queue.check_memory();
    EXPECT_EQ(bench.violations(), "");
  }
}

INSTANTIATE_TEST_SUITE_P(Entries, SubmissionFault,
                         testing::Values(RingFault{0, 1}, RingFault{0, 20}, RingFault{7, 20},
                                         RingFault{8, 9}, RingFault{13, 32}));

// The driver's stop may meet the error in any cycle: it is never forgotten.
TEST(StopAtAFault, DoesNotGetLost) {
  for (unsigned wait = 0; wait < 60; ++wait) {
    DeviceBench bench(10);
    bench.axi().set_timing({20, 20, 0});
    QueueDriver queue(bench, 11, 5, 5);
    queue.start();
    queue.submit(queue.compress());
    const std::uint64_t address = queue.sqe_address(0);
    bench.axi().add_fault({address, address + 1, false, kSlverr});
    queue.ring();
    bench.tick(wait);
    bench.write(queue_register(PP_Q_CTRL), 0);
    EXPECT_TRUE(bench.tick_until([&] { return queue_state(bench) == PP_QSTATE_DISABLED; }, 3000))
        << "written " << wait << " cycles after the doorbell";
    EXPECT_EQ(bench.read(queue_register(PP_Q_CTRL)) & PP_Q_CTRL_ENABLE, 0U);
  }
}

TEST(CompletionFault, StopsTheQueueAndDropsTheRest) {
  DeviceBench bench(8);
  bench.axi().set_timing({50, 80, 0});
  QueueDriver queue(bench, 9, 5, 5);
  queue.start();
  bench.write(PP_REG_ERR_VECTOR, 1U << 31 | 1);
  for (int i = 0; i < 30; ++i) queue.submit(queue.random_submission());
  const std::uint64_t address = queue.cqe_address(8);  // the first of its beat
  bench.axi().add_fault({address, address + 1, true, kDecerr});
  queue.ring();
  EXPECT_TRUE(bench.tick_until([&] { return bench.interrupts(1) == 1; }));
  EXPECT_EQ(queue_state(bench), PP_QSTATE_ERROR);
  EXPECT_TRUE(bench.tick_until([&] { return !bench.busy(); }));
  EXPECT_EQ(queue.poll(), 8U);
  EXPECT_EQ(bench.read(PP_REG_ERR_COUNT), 1U);
  EXPECT_EQ(bench.read(PP_REG_ERR_COND), PP_ERR_CQ_WRITE);
  EXPECT_EQ(bench.read(PP_REG_ERR_INDEX), 8U);
  EXPECT_EQ(bench.read(PP_REG_ERR_ADDR_LO), address & 0xffffffff);
  EXPECT_EQ(bench.read(PP_REG_ERR_ADDR_HI), address >> 32);
  EXPECT_EQ(bench.read(queue_register(PP_Q_STATE)), PP_QSTATE_ERROR) << "none in flight";

  bench.write(queue_register(PP_Q_CTRL), 0);
  bench.tick(4);
  EXPECT_EQ(queue_state(bench), PP_QSTATE_DISABLED);
  queue.forget();
  bench.axi().clear_faults();
  queue.start();
  for (int i = 0; i < 12; ++i) queue.submit(queue.random_submission());
  queue.ring();
  ASSERT_TRUE(queue.drain());
  queue.check_memory();
  EXPECT_EQ(bench.violations(), "");
}

}  // namespace
}  // namespace pagepress::bench
