// SPDX-License-Identifier: Apache-2.0
// Errors between two runs of the same units, by examples worked out by hand; the matrix; pages.
#include "bench/fidelity/fidelity.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "bench/fidelity/load.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::bench {
namespace {

// Units submitted at 0, completed every 100 ns.
SessionResult even_run(std::size_t units) {
  SessionResult run;
  for (std::size_t n = 0; n < units; ++n) {
    Outcome outcome;
    outcome.order = static_cast<std::uint32_t>(n);
    outcome.arrive_ps = 100'000 * (n + 1);
    run.units.push_back(outcome);
  }
  run.host_s = 2;
  return run;
}

TEST(Fidelity, SameRunsHaveNoError) {
  const Fidelity f = compare(Point{}, even_run(200), even_run(200));
  EXPECT_EQ(f.throughput_error, 0);
  EXPECT_EQ(f.p99_latency_error, 0);
  EXPECT_EQ(f.completion_error, 0);
  EXPECT_EQ(f.speedup(), 1);
  EXPECT_EQ(f.difference, "");
  EXPECT_DOUBLE_EQ(f.rtl.units_per_us, 10);
  EXPECT_DOUBLE_EQ(f.rtl.p50_ns, 100 * 100);
  EXPECT_DOUBLE_EQ(f.rtl.p99_ns, 198 * 100);
}

TEST(Fidelity, ErrorsAreRelativeToTheRtl) {
  SessionResult fast = even_run(200);
  fast.units[199].arrive_ps += 1'000'000;  // the last of 20 us becomes 21
  fast.units[197].arrive_ps += 198'000;    // and p99 one hundredth more: 19,998 ns, but for
  fast.units[198].arrive_ps += 500'000;    // the next one, which stays behind it
  fast.host_s = 0.5;
  const Fidelity f = compare(Point{}, even_run(200), fast);
  EXPECT_NEAR(f.throughput_error, 1 - 20.0 / 21.0, 1e-9);
  EXPECT_NEAR(f.p99_latency_error, 0.01, 1e-9);
  EXPECT_NEAR(f.completion_error, 1000.0 / 19800.0, 1e-9);
  EXPECT_EQ(f.speedup(), 4);
}

TEST(Fidelity, EveryAnswerCounts) {
  const auto differs = [](auto change) {
    SessionResult fast = even_run(3);
    change(fast.units[1]);
    return compare(Point{}, even_run(3), fast).difference;
  };
  EXPECT_EQ(differs([](Outcome& o) { o.status = 2; }), "unit 1: status: RTL 0x0, fast 0x2");
  EXPECT_NE(differs([](Outcome& o) { o.flags = 2; }), "");
  EXPECT_NE(differs([](Outcome& o) { o.out_len = 2; }), "");
  EXPECT_NE(differs([](Outcome& o) { o.crc32c = 2; }), "");
  EXPECT_NE(differs([](Outcome& o) { o.info = 2; }), "");
  EXPECT_NE(differs([](Outcome& o) { o.out_crc32c = 2; }), "");
  EXPECT_NE(differs([](Outcome& o) { o.order = 2; }), "");
}

TEST(Fidelity, TheWorstPointCounts) {
  SessionResult late = even_run(100);
  for (Outcome& outcome : late.units) outcome.arrive_ps = outcome.arrive_ps * 11 / 10;
  late.host_s = 0.1;
  SessionResult wrong = even_run(100);
  wrong.units[3].status = 1;
  wrong.host_s = 0.01;
  const std::vector<Fidelity> points = {compare(Point{}, even_run(100), late),
                                        compare(Point{}, even_run(100), wrong)};
  Summary all = summarize(points);
  EXPECT_NEAR(all.max_throughput_error, 1 - 1 / 1.1, 1e-9);
  EXPECT_NEAR(all.max_p99_latency_error, 0.1, 1e-9);
  EXPECT_NEAR(all.speedup_min, 20, 1e-9);
  EXPECT_EQ(all.different, 1U);
  EXPECT_EQ(misses(all, false).size(), 3U);
  EXPECT_EQ(misses(all, true).size(), 4U);
  all.fast_pages_per_s = 9'999;
  EXPECT_EQ(misses(all, false).size(), 3U);
  EXPECT_EQ(misses(all, true).size(), 5U);
  EXPECT_TRUE(misses({.speedup_min = 50, .fast_pages_per_s = 10'000}, true).empty());
}

TEST(Matrix, CoversWhatItSays) {
  std::set<std::string> names, links;
  std::set<unsigned> engines, depths, clocks;
  for (const Point& point : matrix()) {
    EXPECT_TRUE(names.insert(point.name()).second) << point.name();
    EXPECT_LE(point.batch, point.depth);
    EXPECT_GE(point.units(), 48U);
    links.insert(point.link);
    engines.insert(point.engines);
    depths.insert(point.depth);
    clocks.insert(point.clock_mhz);
  }
  EXPECT_EQ(links, (std::set<std::string>{"soc", "pcie4x8", "pcie5x16", "cxl"}));
  EXPECT_EQ(engines, (std::set<unsigned>{1, 2}));
  EXPECT_EQ(depths, (std::set<unsigned>{1, 8, 32, 64, 256}));
  EXPECT_EQ(clocks, (std::set<unsigned>{500, 1000, 1400}));
}

TEST(Load, UnitsAreThoseOfTheWork) {
  const std::vector<Page> pages = make_pages(Mix::kShort, {}, 6);
  for (const Unit& unit : make_units(Work::kVerify, pages)) {
    EXPECT_EQ(unit.opcode, PP_OP_COMPRESS_VERIFY);
    EXPECT_EQ(unit.source.size(), sim::kPageBytes);
  }
  unsigned decompressions = 0;
  for (const Unit& unit : make_units(Work::kBoth, pages)) {
    EXPECT_EQ(unit.queue, unit.opcode == PP_OP_DECOMPRESS ? 1 : 0);
    decompressions += unit.queue;
  }
  EXPECT_EQ(decompressions, 3U);
  // Random bytes have no shorter block: liblz4's is longer than the page.
  for (const Unit& unit : make_units(Work::kDecompress, make_pages(Mix::kRandom, {}, 2))) {
    EXPECT_GT(unit.source.size(), sim::kPageBytes);
  }
  // The same pages every time.
  EXPECT_EQ(pages, make_pages(Mix::kShort, {}, 6));
}

}  // namespace
}  // namespace pagepress::bench
