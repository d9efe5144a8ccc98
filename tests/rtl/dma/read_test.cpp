// SPDX-License-Identifier: Apache-2.0
// Page reader and AXI read channels: data in order, room put aside, faults, latency.
#include <Vdma_read_bench.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <string>
#include <vector>

#include "tests/rtl/common/axi_slave.hpp"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/memory.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kUnit = 4096;
constexpr unsigned kUnitBeats = 128;
constexpr std::uint64_t kBase = 0xfedc000000000000;
constexpr std::uint64_t kBytes = 0x40000;

using Beat = std::array<std::uint8_t, kBeatBytes>;

struct Request {
  std::uint64_t address;
  unsigned beats;
};
struct Fault {
  bool fault;
  std::uint64_t address;
};

// The module and its surroundings: what goes in, and what came out.
class ReadBench {
 public:
  explicit ReadBench(std::uint64_t seed) : random(seed), axi(pins(), memory, seed + 1) {
    memory.map(kBase, kBytes);
    std::vector<std::uint8_t> content(kBytes);
    for (std::uint8_t& byte : content) byte = static_cast<std::uint8_t>(random.bits());
    memory.write(kBase, content);
  }

  void cycle() {
    // A valid that was not answered stays.
    if (dut->job_valid_i == 0) dut->job_valid_i = !jobs.empty() && !random.percent(job_wait);
    if (dut->job_valid_i != 0) dut->job_addr_i = jobs.front();
    if (dut->sq_req_valid_i == 0) {
      dut->sq_req_valid_i = !requests.empty() && !random.percent(job_wait);
    }
    if (dut->sq_req_valid_i != 0) {
      dut->sq_req_addr_i = requests.front().address;
      dut->sq_req_len_i = static_cast<std::uint8_t>(requests.front().beats - 1);
    }
    dut->out_ready_i = !random.percent(out_stall);
    dut.settle();
    axi.sample();
    const bool job_taken = dut->job_valid_i != 0 && dut->job_ready_o != 0;
    const bool request_taken = dut->sq_req_valid_i != 0 && dut->sq_req_ready_o != 0;
    if (dut->out_valid_o != 0 && dut->out_ready_i != 0) {
      units.push_back(beat(&dut->out_data_o[0]));
      EXPECT_EQ(dut->out_last_o != 0, units.size() % kUnitBeats == 0);
    }
    if (dut->sq_beat_valid_o != 0) descriptors.push_back(beat(&dut->beat_data_o[0]));
    if (dut->result_valid_o != 0) {
      results.push_back({dut->result_fault_o != 0, dut->result_addr_o});
    }
    dut.edge();
    if (job_taken) {
      jobs.pop_front();
      dut->job_valid_i = 0;
    }
    if (request_taken) {
      requests.pop_front();
      dut->sq_req_valid_i = 0;
    }
    axi.drive();
  }

  [[nodiscard]] Beat expected(std::uint64_t address) const { return memory.load<Beat>(address); }

  Clocked<Vdma_read_bench> dut;
  Random random;
  Memory memory;
  AxiSlave axi;
  unsigned job_wait = 0;
  unsigned out_stall = 0;
  std::deque<std::uint64_t> jobs;
  std::deque<Request> requests;
  std::vector<Beat> units;  // beats
  std::vector<Beat> descriptors;
  std::vector<Fault> results;

 private:
  static Beat beat(const std::uint32_t* words) {
    Beat b;
    std::memcpy(b.data(), words, b.size());
    return b;
  }
  AxiPins pins() {
    AxiPins p{};
    bind_axi_read(p, *dut);
    return p;
  }
};

struct Mode {
  const char* name;
  AxiTiming timing;
  unsigned job_wait;
  unsigned out_stall;
};

class Reader : public testing::TestWithParam<Mode> {};

TEST_P(Reader, DeliversEveryBeatInOrder) {
  ReadBench bench(1);
  bench.axi.set_timing(GetParam().timing);
  bench.job_wait = GetParam().job_wait;
  bench.out_stall = GetParam().out_stall;
  std::vector<std::uint64_t> addresses;
  std::vector<Beat> descriptors;
  std::vector<Fault> faults;
  // Every offset of a beat inside the page, then random ones.
  for (unsigned i = 0; i < 170; ++i) {
    const std::uint64_t offset = i < kUnitBeats ? i : bench.random.below(kUnitBeats);
    const std::uint64_t page = bench.random.below(kBytes / kUnit - 1);
    addresses.push_back(kBase + page * kUnit + offset * kBeatBytes);
    bench.jobs.push_back(addresses.back());
  }
  for (unsigned i = 0; i < 100; ++i) {
    const unsigned beats = 1 + static_cast<unsigned>(bench.random.below(16));
    const std::uint64_t beat = bench.random.below(kUnitBeats - beats + 1);
    const std::uint64_t address =
        kBase + bench.random.below(kBytes / kUnit) * kUnit + beat * kBeatBytes;
    bench.requests.push_back({address, beats});
    for (unsigned k = 0; k < beats; ++k) {
      descriptors.push_back(bench.expected(address + k * kBeatBytes));
    }
  }
  // One bad beat in some pages of memory.
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t bad = kBase + bench.random.below(kBytes);
    bench.axi.add_fault({bad, bad + 1, false, i % 2 == 0 ? kSlverr : kDecerr});
    faults.push_back({true, bad & ~std::uint64_t{kBeatBytes - 1}});
  }

  const std::size_t beats = addresses.size() * kUnitBeats;
  while (bench.units.size() < beats && bench.dut.cycle() < 400000) bench.cycle();
  for (int i = 0; i < 3000; ++i) bench.cycle();

  ASSERT_EQ(bench.units.size(), beats);
  for (std::size_t i = 0; i < beats; ++i) {
    ASSERT_EQ(bench.units[i],
              bench.expected(addresses[i / kUnitBeats] + i % kUnitBeats * kBeatBytes))
        << "unit " << i / kUnitBeats << " beat " << i % kUnitBeats;
  }
  EXPECT_EQ(bench.descriptors, descriptors);
  ASSERT_EQ(bench.results.size(), addresses.size());
  unsigned failed = 0;
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    std::uint64_t first = ~std::uint64_t{0};
    for (const Fault& f : faults) {
      if (f.address >= addresses[i] && f.address < addresses[i] + kUnit) {
        first = std::min(first, f.address);
      }
    }
    EXPECT_EQ(bench.results[i].fault, first != ~std::uint64_t{0}) << "unit " << i;
    if (!bench.results[i].fault) continue;
    EXPECT_EQ(bench.results[i].address, first);
    ++failed;
  }
  EXPECT_GT(failed, 0U);
  EXPECT_LT(failed, addresses.size());
  EXPECT_TRUE(bench.axi.violations().empty()) << bench.axi.violations().front();
  EXPECT_NE(bench.dut->idle_o, 0);
}

INSTANTIATE_TEST_SUITE_P(Modes, Reader,
                         testing::Values(Mode{"Ideal", {0, 0, 0}, 0, 0},
                                         Mode{"SlowBus", {0, 40, 60}, 0, 0},
                                         Mode{"SlowEngine", {0, 40, 0}, 0, 75},
                                         Mode{"IdleInput", {0, 200, 10}, 95, 20},
                                         Mode{"LongLatency", {900, 1000, 0}, 0, 30}),
                         [](const auto& param) { return std::string(param.param.name); });

// Nothing is asked for without room: an engine that takes nothing stops the reader
// after exactly the buffer.
TEST(ReaderRoom, IsPutAsideBeforeTheBurst) {
  ReadBench bench(2);
  bench.out_stall = 100;
  for (int i = 0; i < 20; ++i) bench.jobs.push_back(kBase + 64);
  for (int i = 0; i < 5000; ++i) bench.cycle();
  EXPECT_LE(bench.axi.stats().read_beats, BUFFER_PAGES * kUnitBeats);
  // What is left of it is shorter than a burst.
  EXPECT_GT(bench.axi.stats().read_beats + BURST_BEATS, BUFFER_PAGES * kUnitBeats);
  EXPECT_NE(bench.dut->idle_o, 0);
  bench.out_stall = 0;
  for (int i = 0; i < 5000; ++i) bench.cycle();
  EXPECT_EQ(bench.units.size(), 20 * kUnitBeats);
}

// A latency of half the buffer costs nothing at the engine's pace of a beat in four cycles.
TEST(ReaderRoom, HidesLatency) {
  ReadBench bench(3);
  const unsigned latency = 4 * BUFFER_PAGES * kUnitBeats / 2;
  bench.axi.set_timing({latency, latency, 0});
  constexpr unsigned kUnits = 24;
  for (unsigned i = 0; i < kUnits; ++i) bench.jobs.push_back(kBase + i * kUnit);
  std::uint64_t starved = 0;
  bench.out_stall = 100;
  for (std::uint64_t i = 0; bench.units.size() < kUnits * kUnitBeats && i < 200000; ++i) {
    bench.out_stall = i % 4 == 0 ? 0 : 100;
    const std::size_t before = bench.units.size();
    bench.cycle();
    if (i % 4 == 0 && before != 0 && bench.units.size() == before) ++starved;
  }
  EXPECT_EQ(bench.units.size(), kUnits * kUnitBeats);
  EXPECT_EQ(starved, 0U);
}

TEST(ReaderQuiesce, FinishesWhatWasGrantedAndNoMore) {
  ReadBench bench(4);
  bench.axi.set_timing({50, 300, 20});
  for (int i = 0; i < 8; ++i) bench.jobs.push_back(kBase + static_cast<unsigned>(i) * kUnit);
  for (int i = 0; i < 120; ++i) bench.cycle();
  bench.dut->quiesce_i = 1;
  bench.cycle();
  const std::uint64_t beats_in_flight = bench.axi.outstanding();
  EXPECT_GT(beats_in_flight, 0U);
  EXPECT_EQ(bench.dut->idle_o, 0);
  for (int i = 0; i < 4000; ++i) bench.cycle();
  EXPECT_NE(bench.dut->idle_o, 0);
  const std::uint64_t bursts = bench.axi.stats().read_bursts;
  for (int i = 0; i < 1000; ++i) bench.cycle();
  EXPECT_EQ(bench.axi.stats().read_bursts, bursts);
  bench.dut->quiesce_i = 0;
  for (int i = 0; i < 8000; ++i) bench.cycle();
  EXPECT_EQ(bench.units.size(), 8 * kUnitBeats);
}

}  // namespace
}  // namespace pagepress::bench
