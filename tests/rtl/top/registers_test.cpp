// SPDX-License-Identifier: Apache-2.0
// Registers: identity, capabilities, strobes, reserved space, and everything that a
// driver may write wrongly.
#include <gtest/gtest.h>

#include <vector>

#include "tests/rtl/top/device_bench.hpp"
#include "tests/rtl/top/queue_driver.hpp"

namespace pagepress::bench {
namespace {

struct LogEntry {
  std::uint32_t condition;
  std::uint32_t index;
  std::uint64_t address;
};

// Takes the oldest entry from the log.
LogEntry pop_error(DeviceBench& bench) {
  EXPECT_NE(bench.read(PP_REG_ERR_STATUS) & PP_ERR_STATUS_VALID, 0U);
  LogEntry entry{};
  entry.condition = bench.read(PP_REG_ERR_COND);
  entry.index = bench.read(PP_REG_ERR_INDEX);
  entry.address = bench.read(PP_REG_ERR_ADDR_LO) | std::uint64_t{bench.read(PP_REG_ERR_ADDR_HI)}
                                                       << 32;
  bench.write(PP_REG_ERR_POP, 1);
  return entry;
}

void expect_error(DeviceBench& bench, std::uint32_t condition, std::uint32_t index,
                  std::uint64_t address) {
  const LogEntry entry = pop_error(bench);
  EXPECT_EQ(entry.condition, condition);
  EXPECT_EQ(entry.index, index);
  EXPECT_EQ(entry.address, address);
}

std::uint32_t queue_state(DeviceBench& bench) {
  return bench.read(queue_register(PP_Q_STATE)) & 0xfU;
}

TEST(Registers, TellWhatTheDeviceIs) {
  DeviceBench bench(1);
  EXPECT_EQ(bench.read(PP_REG_ID), PP_ID_VALUE);
  EXPECT_EQ(bench.read(PP_REG_VERSION), PP_VERSION_MAJOR << 16 | PP_VERSION_MINOR);
  EXPECT_EQ(bench.read(PP_REG_CAP0), 8U | 2U << 9 | 15U << 16 | 12U << 24);
  EXPECT_EQ(bench.read(PP_REG_CAP1), 1U << PP_ALG_LZ4_BLOCK | 0x3fU << 16) << "NOP to FILL_CHECK";
  EXPECT_EQ(bench.read(PP_REG_CAP2), 16U | 8U << 12 | 9U << 16);
  EXPECT_EQ(bench.read(PP_REG_FEATURES_LO), 0xffffU) << "all of them";
  EXPECT_EQ(bench.read(PP_REG_FEATURES_HI), 0U);
  EXPECT_EQ(bench.read(PP_REG_STATE), PP_STATE_READY);
  EXPECT_EQ(bench.read(PP_REG_CTRL), 0U);
}

TEST(Registers, HonourByteStrobes) {
  DeviceBench bench(2);
  bench.axil().set_wait_percent(40);
  struct Register {
    std::uint32_t address;
    std::uint32_t mask;
  };
  const std::vector<Register> registers = {
      {queue_register(PP_Q_SIZE), 0x1f1f},         {queue_register(PP_Q_SQ_BASE_LO), ~0U},
      {queue_register(PP_Q_SQ_BASE_HI), ~0U},      {queue_register(PP_Q_CQ_BASE_LO), ~0U},
      {queue_register(PP_Q_CQ_BASE_HI), ~0U},      {queue_register(PP_Q_IRQ_CTRL), 0x0fffff03},
      {queue_register(PP_Q_IRQ_TIME), 0x00ffffff}, {PP_REG_ERR_VECTOR, 0xc0000fff}};
  Random random(3);
  std::vector<std::uint32_t> values(registers.size(), 0);
  for (int round = 0; round < 400; ++round) {
    const std::size_t i = random.below(registers.size());
    const auto data = static_cast<std::uint32_t>(random.bits());
    const auto strobes = static_cast<std::uint8_t>(random.below(16));
    bench.write(registers[i].address, data, strobes);
    std::uint32_t lanes = 0;
    for (unsigned b = 0; b < 4; ++b) lanes |= (strobes >> b & 1U) * (0xffU << 8 * b);
    values[i] = ((values[i] & ~lanes) | (data & lanes)) & registers[i].mask;
    for (std::size_t k = 0; k < registers.size(); ++k) {
      ASSERT_EQ(bench.read(registers[k].address), values[k]) << std::hex << registers[k].address;
    }
  }
}

TEST(Registers, ReservedOnesReadZeroAndIgnoreWrites) {
  DeviceBench bench(4);
  Random random(5);
  const auto dump = [&bench] {
    std::vector<std::uint32_t> values;
    for (std::uint32_t a = 0; a < 0x120; a += 4) values.push_back(bench.read(a));
    for (std::uint32_t a = 0; a < PP_QUEUE_STRIDE; a += 4) {
      values.push_back(bench.read(queue_register(a)));
    }
    return values;
  };
  const std::vector<std::uint32_t> before = dump();
  std::vector<std::uint32_t> reserved = {0x014,
                                         0x028,
                                         0x03c,
                                         0x060,
                                         PP_REG_PERF_LO,
                                         PP_REG_PERF_HI,
                                         0x110,
                                         0x1000,
                                         0xfffc,
                                         queue_register(0x0c),
                                         queue_register(PP_Q_WEIGHT),
                                         queue_register(0x3c),
                                         queue_register(PP_Q_CTRL, 8),  // a queue that is not there
                                         queue_register(PP_Q_SQ_BASE_LO, 8),
                                         queue_register(PP_Q_SIZE, 255),
                                         doorbell(0x8),
                                         doorbell(0x100),
                                         doorbell(PP_DB_SQ_TAIL, 8),
                                         PP_BAR0_SIZE - 4};
  for (int i = 0; i < 200; ++i) {
    reserved.push_back(static_cast<std::uint32_t>(random.between(0x20000, 0xffffc)) & ~3U);
    reserved.push_back(static_cast<std::uint32_t>(random.between(0x108000, 0x1ffffc)) & ~3U);
  }
  for (const std::uint32_t address : reserved) {
    bench.write(address, static_cast<std::uint32_t>(random.bits()) | 1);
    EXPECT_EQ(bench.read(address), 0U) << std::hex << address;
  }
  // Read-only registers ignore writes as well.
  for (const std::uint32_t address :
       {PP_REG_ID, PP_REG_VERSION, PP_REG_CAP0, PP_REG_CAP1, PP_REG_CAP2, PP_REG_FEATURES_LO,
        PP_REG_STATE, PP_REG_ERR_STATUS, PP_REG_ERR_COUNT, queue_register(PP_Q_STATE),
        queue_register(PP_Q_SQ_HEAD), queue_register(PP_Q_SQ_TAIL), queue_register(PP_Q_CQ_HEAD),
        queue_register(PP_Q_CQ_TAIL)}) {
    bench.write(address, ~0U);
  }
  EXPECT_EQ(dump(), before);
  EXPECT_EQ(bench.read(doorbell(PP_DB_SQ_TAIL)), 0U);
  EXPECT_EQ(bench.axi().stats().read_bursts, 0U);
  EXPECT_EQ(bench.violations(), "");
}

TEST(Registers, EnableWithWrongSizeOrBaseIsRefused) {
  DeviceBench bench(6);
  bench.memory().map(0x10000, 0x10000);
  bench.write(PP_REG_CTRL, PP_CTRL_ENABLE);
  const auto refused = [&bench](std::uint32_t condition, std::uint32_t index, std::uint64_t value) {
    bench.write(queue_register(PP_Q_CTRL), PP_Q_CTRL_ENABLE);
    EXPECT_EQ(queue_state(bench), PP_QSTATE_DISABLED);
    EXPECT_EQ(bench.read(queue_register(PP_Q_CTRL)), 0U);
    expect_error(bench, condition, index, value);
  };
  for (const std::uint32_t size : {0x0000U, 0x0004U, 0x0400U, 0x0410U, 0x1004U, 0x1f1fU}) {
    bench.write(queue_register(PP_Q_SIZE), size);
    refused(PP_ERR_QUEUE_SIZE, PP_Q_SIZE, size);
  }
  bench.write(queue_register(PP_Q_SIZE), 0x0404);
  bench.write(queue_register(PP_Q_SQ_BASE_LO), 0x10040);
  refused(PP_ERR_RING_BASE, PP_Q_SQ_BASE_LO, 0x10040);
  bench.write(queue_register(PP_Q_SQ_BASE_LO), 0x10000);
  bench.write(queue_register(PP_Q_CQ_BASE_LO), 0x800);
  bench.write(queue_register(PP_Q_CQ_BASE_HI), 0x12);
  refused(PP_ERR_RING_BASE, PP_Q_CQ_BASE_LO, 0x1200000800);
  bench.write(queue_register(PP_Q_CQ_BASE_LO), 0x11000);
  bench.write(queue_register(PP_Q_CTRL), PP_Q_CTRL_ENABLE);
  EXPECT_EQ(queue_state(bench), PP_QSTATE_RUNNING);
  EXPECT_EQ(bench.read(PP_REG_ERR_COUNT), 8U);
  EXPECT_EQ(bench.read(PP_REG_ERR_STATUS), 0U);
}

TEST(Registers, SizeAndBasesAreLockedWhileEnabled) {
  DeviceBench bench(7);
  QueueDriver queue(bench, 8, 4, 4);
  queue.start();
  for (const std::uint32_t offset :
       {PP_Q_SIZE, PP_Q_SQ_BASE_LO, PP_Q_SQ_BASE_HI, PP_Q_CQ_BASE_LO, PP_Q_CQ_BASE_HI}) {
    const std::uint32_t before = bench.read(queue_register(offset));
    bench.write(queue_register(offset), 0x5000);
    EXPECT_EQ(bench.read(queue_register(offset)), before);
    expect_error(bench, PP_ERR_REGISTER_LOCKED, offset, 0x5000);
  }
  bench.write(queue_register(PP_Q_CTRL), 0);
  bench.tick(2);
  bench.write(queue_register(PP_Q_SIZE), 0x0505);
  EXPECT_EQ(bench.read(queue_register(PP_Q_SIZE)), 0x0505U);
  EXPECT_EQ(bench.read(PP_REG_ERR_STATUS), 0U);
}

TEST(Registers, WrongDoorbellsAreIgnoredAndLogged) {
  DeviceBench bench(9);
  QueueDriver queue(bench, 10, 3, 3);
  bench.write(doorbell(PP_DB_SQ_TAIL), 1);
  expect_error(bench, PP_ERR_DOORBELL_DISABLED, PP_DB_SQ_TAIL, 1);
  bench.write(doorbell(PP_DB_CQ_HEAD), 2);
  expect_error(bench, PP_ERR_DOORBELL_DISABLED, PP_DB_CQ_HEAD, 2);

  queue.start();
  bench.write(doorbell(PP_DB_SQ_TAIL), 9);  // nine ahead in a ring of eight
  expect_error(bench, PP_ERR_DOORBELL_RANGE, PP_DB_SQ_TAIL, 9);
  bench.write(doorbell(PP_DB_SQ_TAIL), 0xffff);  // backward
  expect_error(bench, PP_ERR_DOORBELL_RANGE, PP_DB_SQ_TAIL, 0xffff);
  bench.write(doorbell(PP_DB_CQ_HEAD), 1);  // nothing has completed
  expect_error(bench, PP_ERR_CQ_HEAD_RANGE, PP_DB_CQ_HEAD, 1);
  EXPECT_EQ(bench.read(queue_register(PP_Q_SQ_TAIL)), 0U);
  EXPECT_EQ(bench.read(queue_register(PP_Q_CQ_HEAD)), 0U);
  EXPECT_EQ(bench.axi().stats().read_bursts, 0U);

  // Eight at once are right, and it goes on as if nothing had been.
  for (int i = 0; i < 8; ++i) queue.submit(queue.compress());
  queue.ring();
  EXPECT_TRUE(bench.tick_until([&queue] { return queue.poll(), queue.outstanding() == 0; }));
  bench.write(doorbell(PP_DB_CQ_HEAD), 9);  // eight have completed
  expect_error(bench, PP_ERR_CQ_HEAD_RANGE, PP_DB_CQ_HEAD, 9);
  queue.consume();
  bench.write(doorbell(PP_DB_CQ_HEAD), 7);  // backward
  expect_error(bench, PP_ERR_CQ_HEAD_RANGE, PP_DB_CQ_HEAD, 7);
  bench.write(doorbell(PP_DB_SQ_TAIL), 7);  // backward
  expect_error(bench, PP_ERR_DOORBELL_RANGE, PP_DB_SQ_TAIL, 7);
  bench.write(doorbell(PP_DB_SQ_TAIL), 0xabcd0000 | 8, 0xc);  // index bytes not strobed
  EXPECT_EQ(bench.read(queue_register(PP_Q_SQ_TAIL)), 8U);

  // Backward among entries that are announced and not yet fetched.
  bench.write(queue_register(PP_Q_CTRL), PP_Q_CTRL_ENABLE | PP_Q_CTRL_PAUSE);
  bench.write(doorbell(PP_DB_SQ_TAIL), 13);
  bench.write(doorbell(PP_DB_SQ_TAIL), 11);
  expect_error(bench, PP_ERR_DOORBELL_RANGE, PP_DB_SQ_TAIL, 11);
  bench.write(doorbell(PP_DB_SQ_TAIL), 17);
  expect_error(bench, PP_ERR_DOORBELL_RANGE, PP_DB_SQ_TAIL, 17);
  bench.write(doorbell(PP_DB_SQ_TAIL), 16);
  EXPECT_EQ(bench.read(queue_register(PP_Q_SQ_TAIL)), 16U);
  EXPECT_EQ(bench.read(PP_REG_ERR_STATUS), 0U);
  queue.check_memory();
}

TEST(Registers, ErrorLogKeepsTheOldestAndCountsAll) {
  DeviceBench bench(11);
  bench.write(PP_REG_ERR_VECTOR, 1U << 31 | 1);
  constexpr std::uint32_t kHeld = 16;
  for (std::uint32_t i = 0; i < kHeld + 2; ++i) bench.write(doorbell(PP_DB_SQ_TAIL), 100 + i);
  EXPECT_EQ(bench.read(PP_REG_ERR_COUNT), kHeld + 2);
  EXPECT_EQ(bench.read(PP_REG_ERR_STATUS), PP_ERR_STATUS_VALID | PP_ERR_STATUS_OVERFLOW);
  bench.tick(10);
  EXPECT_EQ(bench.interrupts(1), kHeld) << "one for each entry that was logged";
  EXPECT_EQ(bench.interrupts(0), 0U);
  bench.write(PP_REG_ERR_POP, 2);  // not a pop
  for (std::uint32_t i = 0; i < kHeld; ++i) {
    EXPECT_EQ(bench.read(PP_REG_ERR_STATUS), PP_ERR_STATUS_VALID | PP_ERR_STATUS_OVERFLOW);
    expect_error(bench, PP_ERR_DOORBELL_DISABLED, PP_DB_SQ_TAIL, 100 + i);
  }
  EXPECT_EQ(bench.read(PP_REG_ERR_STATUS), 0U);
  EXPECT_EQ(bench.read(PP_REG_ERR_COND), 0U);
  EXPECT_EQ(bench.read(PP_REG_ERR_ADDR_LO), 0U);
  bench.write(PP_REG_ERR_POP, 1);  // of nothing
  bench.write(doorbell(PP_DB_SQ_TAIL), 7);
  expect_error(bench, PP_ERR_DOORBELL_DISABLED, PP_DB_SQ_TAIL, 7);
  EXPECT_EQ(bench.read(PP_REG_ERR_COUNT), kHeld + 3);
  EXPECT_EQ(bench.read(PP_REG_ERR_STATUS), 0U);
}

}  // namespace
}  // namespace pagepress::bench
