// SPDX-License-Identifier: Apache-2.0
// Random traffic through the whole device, under every kind of bus: each completion
// and all of memory are checked against the reference.
#include <gtest/gtest.h>

#include <string>

#include "tests/rtl/top/device_bench.hpp"
#include "tests/rtl/top/queue_driver.hpp"

namespace pagepress::bench {
namespace {

struct Bus {
  const char* name;
  AxiTiming timing;
  unsigned sq_log2;
  unsigned cq_log2;
  unsigned register_waits;
  unsigned submissions;
};

class Traffic : public testing::TestWithParam<Bus> {};

TEST_P(Traffic, EveryCompletionAndByteIsRight) {
  const Bus& bus = GetParam();
  for (const std::uint64_t seed : {11U, 22U}) {
    DeviceBench bench(seed);
    bench.axi().set_timing(bus.timing);
    bench.axil().set_wait_percent(bus.register_waits);
    QueueDriver queue(bench, seed + 1, bus.sq_log2, bus.cq_log2);
    Random random(seed + 2);
    queue.start();
    unsigned left = bus.submissions;
    std::uint64_t idle = 0;
    while ((left != 0 || queue.outstanding() != 0) && idle < 100000) {
      // A batch of any size, at any time; completions taken now and then.
      if (left != 0 && random.percent(20)) {
        unsigned batch = 1 + static_cast<unsigned>(random.below(12));
        for (; batch != 0 && left != 0 && queue.can_submit(); --batch, --left) {
          queue.submit(queue.random_submission());
        }
        queue.ring();
      }
      bench.tick(random.below(400));
      idle = queue.poll() == 0 ? idle + 1 : 0;
      if (random.percent(50)) queue.consume();
    }
    EXPECT_EQ(left + queue.outstanding(), 0U) << "the device hangs";
    queue.consume();
    queue.check_memory();
    EXPECT_EQ(bench.violations(), "");
    // Once the responses are back nothing is in flight.
    EXPECT_TRUE(bench.tick_until([&bench] { return !bench.busy(); }, 5000));
    EXPECT_EQ(bench.axi().outstanding(), 0U);
    EXPECT_EQ(bench.read(queue_register(PP_Q_STATE)), PP_QSTATE_RUNNING);
    EXPECT_EQ(bench.read(queue_register(PP_Q_SQ_HEAD)), queue.sq_tail());
    EXPECT_EQ(bench.read(queue_register(PP_Q_CQ_TAIL)), queue.cq_head());
    EXPECT_EQ(bench.read(PP_REG_ERR_COUNT), 0U);
    // The mix was a mix.
    EXPECT_GT(queue.completed(PP_STATUS_OK), bus.submissions / 10);
    EXPECT_GT(queue.completed(PP_STATUS_SAME_FILLED), 0U);
    EXPECT_GT(queue.completed(PP_STATUS_INCOMPRESSIBLE), 0U);
    EXPECT_GT(queue.completed(PP_STATUS_BAD_DESCRIPTOR), 0U);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Buses, Traffic,
    testing::Values(Bus{"Ideal", {0, 0, 0}, 5, 5, 0, 150},
                    Bus{"SmallRingsWrapOften", {0, 30, 10}, 1, 2, 20, 120},
                    Bus{"CompletionRingSmaller", {0, 100, 0}, 6, 1, 0, 120},
                    Bus{"RandomLatency", {0, 1000, 0}, 7, 7, 0, 200},
                    Bus{"Stalls", {0, 50, 60}, 4, 5, 50, 120},
                    Bus{"HeavyStalls", {0, 300, 90}, 3, 3, 50, 60},
                    Bus{"AddressWaitsForData", {0, 60, 30, true}, 5, 5, 0, 120},
                    Bus{"LongLatency", {2000, 2500, 5}, 8, 8, 0, 150}),
    [](const testing::TestParamInfo<Bus>& param) { return std::string(param.param.name); });

// Free-running indices pass 65,536 while the ring of 32,768 entries wraps.
TEST(TrafficLong, IndicesWrapAt16Bits) {
  DeviceBench bench(31);
  QueueDriver queue(bench, 32, 15, 15);
  queue.start();
  constexpr std::uint32_t kEntries = 0x10000 + 300;
  std::uint32_t left = kEntries;
  pp_sqe nop{};
  while (left != 0) {
    for (; left != 0 && queue.can_submit(); --left) {
      nop.tag = left;
      queue.submit(nop);
    }
    queue.ring();
    ASSERT_TRUE(queue.drain());
  }
  for (int i = 0; i < 20; ++i) queue.submit(queue.compress());
  queue.ring();
  ASSERT_TRUE(queue.drain());
  EXPECT_EQ(queue.completed(), kEntries + 20U);
  EXPECT_EQ(queue.sq_tail(), 320U);
  queue.check_memory();
  EXPECT_EQ(bench.violations(), "");
}

// With 96 in flight the engines never wait for descriptors, pages or completions, though
// each of them is 600 cycles away: the time that passes is the time that the units hold
// the engines, divided by how many there are.
TEST(Throughput, LinkLatencyIsHidden) {
  DeviceBench bench(41);
  if (!bench.timed()) GTEST_SKIP() << "bench_fidelity measures it";
  bench.axi().set_timing({600, 640, 0});
  QueueDriver queue(bench, 42, 8, 8);
  queue.start();
  const auto run_until = [&](std::uint64_t completed) {
    while (queue.completed() < completed) {
      while (queue.outstanding() < 96) {
        // The engine is to be the bottleneck: no same-filled units.
        const pp_sqe sqe = queue.compress();
        const Expected expected = queue.expect(sqe);
        if (expected.status != PP_STATUS_SAME_FILLED) queue.submit(sqe, expected);
      }
      queue.ring();
      bench.tick_until([&queue] { return queue.poll() != 0; });
      queue.consume();
    }
  };
  run_until(32);
  const std::uint64_t begin = bench.cycle();
  const std::uint64_t first = queue.completed();
  const std::uint64_t first_cycles = queue.engine_cycles();
  run_until(first + 256);
  const auto units = static_cast<double>(queue.completed() - first);
  const auto cycles = static_cast<double>(bench.cycle() - begin);
  const auto engine = static_cast<double>(queue.engine_cycles() - first_cycles);
  RecordProperty("bytes_per_cycle", std::to_string(4096 * units / cycles));
  RecordProperty("engine_cycles_per_unit", std::to_string(engine / units));
  const std::uint32_t engines = bench.read(PP_REG_CAP0) >> 9 & 127;
  EXPECT_LE(engines * cycles, 1.02 * engine);
  EXPECT_TRUE(queue.drain());
  queue.check_memory();
  EXPECT_EQ(bench.violations(), "");
}

}  // namespace
}  // namespace pagepress::bench
