// SPDX-License-Identifier: Apache-2.0
// Unit reader and AXI read channels: ranges of any length at any byte, lists good and
// bad, faults, room put aside, latency, clients' turns.
#include "tests/rtl/dma/read_bench.hpp"

#include <string>

namespace pagepress::bench {
namespace {

// Everything that went in has come out as it must.
void check_all(ReadBench& bench) {
  const std::size_t count = bench.all.size();
  ASSERT_EQ(bench.units.size(), count + 1);
  EXPECT_TRUE(bench.units.back().empty());
  ASSERT_EQ(bench.results.size(), count);
  ASSERT_EQ(bench.ranges_out.size(), count + 1);
  EXPECT_TRUE(bench.ranges_out.back().empty());
  for (std::size_t i = 0; i < count; ++i) {
    const Job& job = bench.all[i];
    Result want = bench.expected(job);
    Result got = bench.results[i];
    if (!want.fault && !want.list_fault) got.address = 0;  // tells nothing then
    EXPECT_EQ(got.fault, want.fault) << "unit " << i;
    EXPECT_EQ(got.list_fault, want.list_fault) << "unit " << i;
    EXPECT_EQ(got.bad_list, want.bad_list) << "unit " << i;
    EXPECT_EQ(got.address, want.address) << "unit " << i;

    const std::uint64_t length = job.src.need;
    ASSERT_EQ(bench.units[i].size(), (length + kOutBytes - 1) / kOutBytes) << "unit " << i;
    std::vector<std::uint8_t> bytes(length);  // zeros for a unit with bad lists
    if (!want.list_fault && !want.bad_list) {
      std::uint64_t at = 0;
      for (const Range& r : ReadBench::trimmed(job.src)) {
        bench.memory.read(r.address, {bytes.data() + at, r.length});
        at += r.length;
      }
    }
    const auto* out = reinterpret_cast<const std::uint8_t*>(bench.units[i].data());
    ASSERT_EQ(std::memcmp(out, bytes.data(), length), 0) << "unit " << i;

    std::vector<Range> dst = ReadBench::trimmed(job.dst);
    if (job.dst.need == 0) dst.push_back({0, 0});
    std::vector<Range> dst_got = bench.ranges_out[i];
    if (job.dst.need == 0) dst_got.front().address = 0;
    if (!want.list_fault && !want.bad_list) {
      EXPECT_EQ(dst_got, dst) << "unit " << i;
    } else {
      std::uint64_t sum = 0;
      for (const Range& r : dst_got) sum += r.length;
      EXPECT_LE(sum, job.dst.need);
    }
  }
  // Not a beat more than needed, lists that were bad included.
  std::uint64_t open = 0;
  for (const auto& data : bench.open_data) open += data.size() / bench.beat;
  EXPECT_EQ(bench.axi.stats().read_beats - open, bench.bus_beats);
  EXPECT_TRUE(bench.axi.violations().empty()) << bench.axi.violations().front();
  EXPECT_NE(bench.dut->idle_o, 0);
  EXPECT_EQ(bench.dut->busy_o, 0);
}

void run_all(ReadBench& bench, std::uint64_t limit) {
  const std::uint64_t end = bench.dut.cycle() + limit;
  while ((bench.units.size() <= bench.all.size() || bench.results.size() < bench.all.size() ||
          bench.ranges_out.size() <= bench.all.size() || bench.axi.outstanding() != 0 ||
          !bench.requests[0].empty() || !bench.requests[1].empty()) &&
         bench.dut.cycle() < end) {
    bench.cycle();
  }
  for (int i = 0; i < 50; ++i) bench.cycle();
}

struct Mode {
  const char* name;
  AxiTiming timing;
  unsigned job_wait;
  unsigned out_stall;
  unsigned side_stall;
};

class Reader : public testing::TestWithParam<Mode> {
 protected:
  static void set_mode(ReadBench& bench) {
    bench.axi.set_timing(GetParam().timing);
    bench.job_wait = GetParam().job_wait;
    bench.out_stall = GetParam().out_stall;
    bench.side_stall = GetParam().side_stall;
  }
};

// Short units at every offset of a beat, then every offset of a page's last beats.
TEST_P(Reader, TakesEveryOffset) {
  ReadBench bench(1);
  set_mode(bench);
  for (std::uint64_t offset = 0; offset < 64; ++offset) {
    for (int i = 0; i < 12; ++i) {
      const std::uint64_t length =
          i % 4 == 0 ? bench.random.between(1, 3) : bench.random.between(1, i % 4 == 1 ? 70 : 300);
      const std::uint64_t page = kBase + bench.random.below(100) * kPage;
      const std::uint64_t end = bench.random.percent(30) ? kPage - 64 : 0;
      bench.add({ReadBench::plain(page + end + offset, length),
                 ReadBench::plain(bench.random.bits(), bench.random.below(kUnit + 1))});
    }
  }
  run_all(bench, 4000000);
  check_all(bench);
}

TEST_P(Reader, GathersListsAndTellsWhatIsBad) {
  ReadBench bench(2);
  set_mode(bench);
  for (int i = 0; i < 1000; ++i) {
    const std::uint64_t src = bench.random.percent(40)   ? std::uint64_t{4096}
                              : bench.random.percent(10) ? bench.random.between(1, kBlockMax)
                                                         : bench.random.between(1, 1500);
    const std::uint64_t dst = bench.random.percent(15)   ? 0
                              : bench.random.percent(50) ? kUnit
                                                         : bench.random.below(kUnit + 1);
    Side src_side = bench.random_side(src, 10);
    Side dst_side = bench.random_side(dst, 10);
    bench.add({std::move(src_side), std::move(dst_side)});
  }
  // Ranges over the top of the address space go on at 0.
  bench.add({ReadBench::plain(~std::uint64_t{0} - 1000, 3000), ReadBench::plain(0, 4096)});
  bench.add({bench.list({{~std::uint64_t{0} - 10, 4000}, {3, 96}}, 4096),
             ReadBench::plain(~std::uint64_t{0}, 4096)});
  // Faults in lists of either side and in sources, often in a range's first beat.
  for (int i = 0; i < 40; ++i) {
    const Job& job = bench.all[bench.random.below(bench.all.size())];
    const Side& side = bench.random.percent(70) ? job.src : job.dst;
    if (side.is_list && bench.random.percent(50)) {
      bench.add_fault(side.list + bench.random.below(16 * side.entries.size()));
    } else if (&side == &job.src) {
      const std::vector<Range> ranges = ReadBench::trimmed(side);
      if (ranges.empty()) continue;
      const Range& range = ranges[bench.random.below(ranges.size())];
      const bool is_first = bench.random.percent(60);
      bench.add_fault(range.address + (is_first ? 0 : bench.random.below(range.length)));
    }
  }
  for (unsigned c = 0; c < 2; ++c) {
    for (int i = 0; i < 300; ++i) {
      const std::uint64_t beats = 1 + bench.random.below(16);
      const std::uint64_t at = bench.random.below(kPage / bench.beat - beats + 1) * bench.beat;
      bench.requests[c].push_back({kBase + bench.random.below(100) * kPage + at, beats});
    }
  }
  const auto requests = bench.requests;
  run_all(bench, 20000000);
  check_all(bench);
  for (unsigned c = 0; c < 2; ++c) {
    std::vector<std::uint8_t> want;
    for (const Range& r : requests[c]) {
      std::vector<std::uint8_t> data(r.length * bench.beat);
      bench.memory.read(r.address, data);
      want.insert(want.end(), data.begin(), data.end());
    }
    EXPECT_EQ(bench.open_data[c], want) << "client " << 2 * c;
  }
  // The test is worth something only if all kinds of outcome were among them.
  unsigned faults = 0;
  unsigned list_faults = 0;
  unsigned bad_lists = 0;
  for (const Result& r : bench.results) {
    faults += r.fault ? 1 : 0;
    list_faults += r.list_fault ? 1 : 0;
    bad_lists += r.bad_list ? 1 : 0;
  }
  EXPECT_GT(faults, 0U);
  EXPECT_GT(list_faults, 0U);
  EXPECT_GT(bad_lists, 0U);
  EXPECT_LT(faults + list_faults + bad_lists, bench.all.size() / 2);
}

INSTANTIATE_TEST_SUITE_P(Modes, Reader,
                         testing::Values(Mode{"Ideal", {0, 0, 0}, 0, 0, 0},
                                         Mode{"SlowBus", {0, 40, 60}, 0, 0, 0},
                                         Mode{"SlowEngine", {0, 40, 0}, 0, 75, 50},
                                         Mode{"IdleInput", {0, 200, 10}, 97, 20, 20},
                                         Mode{"SlowSides", {0, 100, 10}, 0, 0, 98},
                                         Mode{"LongLatency", {900, 1000, 0}, 0, 30, 10}),
                         [](const auto& param) { return std::string(param.param.name); });

// Aligned units come at a beat of 32 bytes a cycle; one at an odd byte costs a few more.
TEST(ReaderSpeed, IsABeatACycle) {
  for (const bool is_aligned : {true, false}) {
    ReadBench bench(3);
    constexpr unsigned kCount = 24;
    for (unsigned i = 0; i < kCount; ++i) {
      bench.add({ReadBench::plain(kBase + i * kPage + (is_aligned ? 0 : 13), 4096),
                 ReadBench::plain(0, 4096)});
    }
    while (bench.units.size() < 2) bench.cycle();
    const std::uint64_t start = bench.dut.cycle();
    while (bench.units.size() <= kCount && bench.dut.cycle() < 100000) bench.cycle();
    const double cycles = static_cast<double>(bench.dut.cycle() - start) / (kCount - 1);
    RecordProperty(is_aligned ? "aligned" : "odd", std::to_string(cycles));
    EXPECT_LE(cycles, is_aligned ? 129 : 134);
    check_all(bench);
  }
}

// Nothing is asked for without room: an engine that takes nothing stops the reader
// after exactly the buffer (a few beats are on their way to the engine).
TEST(ReaderRoom, IsPutAsideBeforeTheBurst) {
  ReadBench bench(4);
  bench.out_stall = 100;
  constexpr std::uint64_t kInPacker = 2 * kOutBytes;
  for (int i = 0; i < 20; ++i) {
    bench.add({ReadBench::plain(kBase + 64, 4096), ReadBench::plain(0, 4096)});
  }
  for (int i = 0; i < 5000; ++i) bench.cycle();
  const std::uint64_t bytes = bench.axi.stats().read_beats * bench.beat;
  EXPECT_LE(bytes, BUFFER_BYTES + kInPacker);
  // What is left of it is shorter than a burst.
  EXPECT_GT(bytes + std::uint64_t{BURST_BEATS} * bench.beat, BUFFER_BYTES);
  EXPECT_NE(bench.dut->idle_o, 0);
  bench.out_stall = 0;
  run_all(bench, 10000);
  check_all(bench);
}

// A latency of half the buffer costs nothing at the engine's pace of 8 bytes a cycle, lists
// included.
TEST(ReaderRoom, HidesLatency) {
  if (BUFFER_BYTES < 16384) GTEST_SKIP() << "the buffer is small";
  for (const bool is_list : {false, true}) {
    ReadBench bench(5);
    const unsigned latency = BUFFER_BYTES / 8 / 2;
    bench.axi.set_timing({latency, latency, 0});
    constexpr unsigned kCount = 24;
    for (unsigned i = 0; i < kCount; ++i) {
      const std::uint64_t at = kBase + i * 2 * kPage;
      if (is_list) {
        Side src = bench.list({{at + 5, 2000}, {at + 3000, 2096}}, 4096);
        Side dst = bench.list({{0, 1000}, {5000, 3096}}, 4096);
        bench.add({std::move(src), std::move(dst)});
      } else {
        bench.add({ReadBench::plain(at, 4096), ReadBench::plain(0, 4096)});
      }
    }
    std::uint64_t starved = 0;
    for (std::uint64_t i = 0; bench.units.size() <= kCount && i < 200000; ++i) {
      bench.out_stall = i % 4 == 0 ? 0 : 100;
      const std::size_t before = bench.units.size() + bench.units.back().size();
      bench.cycle();
      if (i % 4 != 0 || before == 1) continue;
      if (bench.units.size() + bench.units.back().size() == before) ++starved;
    }
    EXPECT_EQ(starved, 0U) << (is_list ? "lists" : "plain");
    bench.out_stall = 0;
    run_all(bench, 10000);
    check_all(bench);
  }
}

// While an engine stands still, the lists of the next jobs are fetched.
TEST(ReaderLists, AreFetchedAhead) {
  ReadBench bench(6);
  bench.out_stall = 100;
  bench.add({ReadBench::plain(kBase, kBlockMax), ReadBench::plain(0, 0)});
  for (int i = 0; i < 4; ++i) {
    Side src = bench.list({{kBase + 100, 50}, {kBase + 7000, 50}}, 100);
    bench.add({std::move(src), ReadBench::plain(0, 0)});
  }
  for (int i = 0; i < 4000; ++i) bench.cycle();
  EXPECT_TRUE(bench.jobs.empty());
  const std::uint64_t beats = bench.axi.stats().read_beats;
  EXPECT_LE(beats * bench.beat, BUFFER_BYTES + 4 * 2 * bench.beat + 2 * kOutBytes);
  bench.out_stall = 0;
  run_all(bench, 10000);
  check_all(bench);
}

// Clients that always ask get a burst in turns; client 0 goes first.
TEST(ReadClients, TakeTurns) {
  ReadBench bench(7);
  bench.axi.set_timing({20, 60, 75});  // everybody waits for AR
  bench.hog = true;
  bench.requests[1].push_back({kBase, 1});
  // Small ranges, so that this client asks all the time.
  for (int i = 0; i < 3000; ++i) {
    bench.add({ReadBench::plain(kBase + 32, 32), ReadBench::plain(0, 0)});
  }
  for (int i = 0; i < 3000; ++i) bench.cycle();
  const std::uint64_t other = bench.open_granted[1];
  const std::uint64_t reader = bench.axi.stats().read_bursts - other;
  EXPECT_GT(reader, 300U);
  EXPECT_GT(other, reader - reader / 8);
  // With client 0 asking in every cycle, nobody else gets a burst.
  bench.requests[0].push_back({kBase, 1});
  for (int i = 0; i < 50; ++i) bench.cycle();
  const unsigned before = bench.open_granted[1];
  const unsigned first = bench.open_granted[0];
  for (int i = 0; i < 300; ++i) bench.cycle();
  EXPECT_GT(bench.open_granted[0], first + 30);
  EXPECT_EQ(bench.open_granted[1], before);
}

TEST(ReaderQuiesce, FinishesWhatWasGrantedAndNoMore) {
  ReadBench bench(8);
  bench.axi.set_timing({50, 300, 20});
  for (unsigned i = 0; i < 8; ++i) {
    bench.add({ReadBench::plain(kBase + i * kPage, 4096), ReadBench::plain(0, 0)});
  }
  for (int i = 0; i < 60; ++i) bench.cycle();
  bench.dut->quiesce_i = 1;
  bench.cycle();
  EXPECT_GT(bench.axi.outstanding(), 0U);
  EXPECT_EQ(bench.dut->idle_o, 0);
  EXPECT_NE(bench.dut->busy_o, 0);
  for (int i = 0; i < 4000; ++i) bench.cycle();
  EXPECT_NE(bench.dut->idle_o, 0);
  const std::uint64_t bursts = bench.axi.stats().read_bursts;
  for (int i = 0; i < 1000; ++i) bench.cycle();
  EXPECT_EQ(bench.axi.stats().read_bursts, bursts);
  bench.dut->quiesce_i = 0;
  run_all(bench, 200000);
  check_all(bench);
}

}  // namespace
}  // namespace pagepress::bench
