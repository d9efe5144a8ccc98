// SPDX-License-Identifier: Apache-2.0
// Unit writers and AXI write channels: every length at every offset, ranges, no byte
// beyond, responses gathered by unit, completions between, turns.
#include "tests/rtl/dma/write_bench.hpp"

#include <string>

namespace pagepress::bench {
namespace {

void add_completions(WriteBench& bench, unsigned count) {
  for (unsigned i = 0; i < count; ++i) {
    Entry entry;
    for (std::uint8_t& byte : entry) byte = static_cast<std::uint8_t>(bench.random.bits());
    const std::uint64_t address = kCompletions + std::uint64_t{i} * kBeatBytes;
    bench.memory.map(address, kBeatBytes, kUntouched);
    bench.expected.map(address, kBeatBytes, kUntouched);
    bench.expected.write(address, entry);
    bench.completions.emplace_back(address, entry);
  }
}

void run_and_check(WriteBench& bench, std::uint64_t limit, unsigned completions) {
  const std::uint64_t end = bench.dut.cycle() + limit;
  while (!bench.done() && bench.dut.cycle() < end) bench.cycle();
  for (int i = 0; i < 10; ++i) bench.cycle();
  for (const Lane& lane : bench.lanes) {
    EXPECT_EQ(lane.results, lane.expected);
    EXPECT_TRUE(lane.data.empty());  // every beat was taken
  }
  EXPECT_EQ(bench.completions_written, completions);
  EXPECT_EQ(bench.memory.first_difference(bench.expected), Memory::kEqual);
  EXPECT_TRUE(bench.axi.violations().empty()) << bench.axi.violations().front();
  EXPECT_EQ(bench.axi.stats().write_bursts, bench.bursts + completions);
  EXPECT_EQ(bench.axi.stats().write_beats, bench.beats + completions);
  EXPECT_NE(bench.dut->idle_o, 0);
  EXPECT_EQ(bench.dut->busy_o, 0);
}

struct Mode {
  const char* name;
  AxiTiming timing;
  unsigned idle;
  unsigned result_stall;
};

class Writer : public testing::TestWithParam<Mode> {
 protected:
  static void set_mode(WriteBench& bench) {
    bench.axi.set_timing(GetParam().timing);
    bench.idle = GetParam().idle;
    bench.result_stall = GetParam().result_stall;
  }
};

// One range: every offset of a beat with short and random lengths, some that fail.
TEST_P(Writer, WritesEveryByteAndNoneBeyond) {
  WriteBench bench(1);
  set_mode(bench);
  for (unsigned offset = 0; offset < 64; ++offset) {
    for (unsigned i = 0; i < 8; ++i) {
      const std::uint64_t length = i < 3   ? bench.random.between(1, 70)
                                   : i < 4 ? bench.random.between(1, kUnit)
                                           : bench.random.between(1, 600);
      // Now and then just ahead of a page's end.
      const std::uint64_t end = bench.random.percent(30) ? kPage - 64 : 0;
      const std::uint64_t address = bench.place(length) + end + offset;
      if (bench.random.percent(10)) {
        bench.add_fault(address + bench.random.below(length));
        if (bench.random.percent(30)) bench.add_fault(address + bench.random.below(length));
      }
      bench.add(i % 2, {{address, length + bench.random.below(3)}}, length);
    }
  }
  add_completions(bench, 200);
  run_and_check(bench, 3000000, 200);
}

// Several ranges, some empty, more room than output, nothing to write at all.
TEST_P(Writer, ScattersIntoRanges) {
  WriteBench bench(2);
  set_mode(bench);
  for (unsigned i = 0; i < 400; ++i) {
    const std::uint64_t room = bench.random.percent(20)  ? 0
                               : bench.random.percent(5) ? kUnit
                                                         : bench.random.between(1, 2000);
    std::vector<Range> ranges = bench.ranges(room, 1 + bench.random.below(8));
    const std::uint64_t length = bench.random.percent(15)   ? 0
                                 : bench.random.percent(40) ? room
                                                            : bench.random.below(room + 1);
    if (length > 0 && bench.random.percent(10)) {
      const Range& r = ranges[bench.random.below(ranges.size())];
      if (r.length > 0) bench.add_fault(r.address + bench.random.below(r.length));
    }
    bench.add(i % 2, std::move(ranges), length);
  }
  add_completions(bench, 100);
  run_and_check(bench, 3000000, 100);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, Writer,
    testing::Values(Mode{"Ideal", {0, 0, 0}, 0, 0}, Mode{"SlowBus", {0, 40, 70}, 0, 0},
                    Mode{"IdleInput", {0, 100, 10}, 90, 0}, Mode{"Both", {0, 300, 50}, 50, 50},
                    Mode{"LongLatency", {900, 1000, 0}, 0, 0},
                    Mode{"SlowResults", {0, 10, 0}, 0, 99},
                    Mode{"AddressWaitsForData", {0, 40, 30, true}, 30, 0},
                    Mode{"DataBeforeAddress",
                         {.latency_max = 40, .stall_percent = 30, .w_before_aw = true},
                         30,
                         0}),
    [](const auto& param) { return std::string(param.param.name); });

// What the engine gives a beat a cycle is written at that pace.
TEST(WriterSpeed, IsABeatACycle) {
  if (BURST_BEATS < 12 || MAX_BURSTS < 32) GTEST_SKIP() << "short bursts, few outstanding";
  for (const unsigned offset : {0U, 13U}) {
    WriteBench bench(3);
    constexpr unsigned kCount = 24;
    for (unsigned i = 0; i < kCount; ++i) {
      const std::uint64_t at = bench.place(kPage) + offset;
      bench.add(0, {{at, kPage}}, kPage);
    }
    while (bench.lanes[0].results.empty()) bench.cycle();
    const std::uint64_t start = bench.dut.cycle();
    while (bench.lanes[0].results.size() < kCount && bench.dut.cycle() < 100000) bench.cycle();
    const double cycles = static_cast<double>(bench.dut.cycle() - start) / (kCount - 1);
    RecordProperty(offset == 0 ? "aligned" : "odd", std::to_string(cycles));
    EXPECT_LE(cycles, offset == 0 ? 132 : 136);
    run_and_check(bench, 1000, 0);
  }
}

// An engine that gives its output slowly does not keep the W channel waiting.
TEST(WriterOutput, IsThereBeforeTheBurst) {
  WriteBench bench(4);
  bench.idle = 95;
  for (unsigned i = 0; i < 40; ++i) {
    const std::uint64_t length = bench.random.between(1, 3000);
    bench.add(i % 2, bench.ranges(length, 1 + bench.random.below(4)), length);
  }
  run_and_check(bench, 1000000, 0);
  EXPECT_EQ(bench.w_gaps, 0U);
}

// Two writers with output all the time get the bus in turns.
TEST(WriteClients, TakeTurns) {
  WriteBench bench(5);
  bench.axi.set_timing({0, 0, 75});     // both wait for the bus
  for (unsigned i = 0; i < 200; ++i) {  // with many short bursts each
    std::vector<Range> ranges;
    const std::uint64_t at = bench.place(kPage);
    for (unsigned k = 0; k < 8; ++k) ranges.push_back({at + k * 100, 20});
    bench.add(i % 2, std::move(ranges), 160);
  }
  while (bench.lanes[0].results.size() < 50 && bench.dut.cycle() < 100000) bench.cycle();
  EXPECT_GE(bench.lanes[1].results.size(), 45U);
  EXPECT_LE(bench.lanes[1].results.size(), 55U);
  run_and_check(bench, 100000, 0);
}

// The tracker of outstanding bursts fills up and holds further ones back.
TEST(WriterOutstanding, IsBounded) {
  WriteBench bench(6);
  bench.axi.hold_responses(true);
  for (unsigned i = 0; i < 80; ++i) {
    const std::uint64_t at = bench.place(kPage);
    bench.add(i % 2, {{at, kPage}}, kPage);
  }
  for (int i = 0; i < 20000; ++i) bench.cycle();
  EXPECT_LE(bench.axi.stats().write_bursts, std::uint64_t{2} * MAX_BURSTS);
  EXPECT_TRUE(bench.lanes[0].results.empty());
  bench.axi.hold_responses(false);
  run_and_check(bench, 60000, 0);
}

TEST(WriterQuiesce, FinishesWhatWasGrantedAndNoMore) {
  WriteBench bench(7);
  bench.axi.set_timing({20, 100, 30});
  for (unsigned i = 0; i < 24; ++i) {
    const std::uint64_t at = bench.place(3000) + 5;
    bench.add(i % 2, {{at, 3000}}, 3000);
  }
  for (int i = 0; i < 300; ++i) bench.cycle();
  bench.dut->quiesce_i = 1;
  for (int i = 0; i < 3000; ++i) bench.cycle();
  EXPECT_NE(bench.dut->idle_o, 0);
  EXPECT_EQ(bench.axi.outstanding(), 0U);
  EXPECT_LT(bench.lanes[0].results.size(), 12U);
  EXPECT_NE(bench.dut->busy_o, 0);
  bench.dut->quiesce_i = 0;
  run_and_check(bench, 60000, 0);
}

}  // namespace
}  // namespace pagepress::bench
