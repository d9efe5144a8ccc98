// SPDX-License-Identifier: Apache-2.0
// Page writer and AXI write channels: every length at every offset, no byte beyond,
// responses gathered by unit, completions between.
#include <Vdma_write_bench.h>
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

constexpr std::uint64_t kUnits = 0x0000432100000000;
constexpr std::uint64_t kUnitStride = 0x3000;
constexpr std::uint64_t kCompletions = 0x0000987600000000;
constexpr std::uint8_t kUntouched = 0x5a;
constexpr unsigned kMaxUnits = 16;  // of pp_page_writer

struct Job {
  std::uint64_t address;
  std::vector<std::uint8_t> data;
};
struct Result {
  bool fault;
  std::uint64_t address;
  bool operator==(const Result&) const = default;
};
using Beat = std::array<std::uint8_t, kBeatBytes>;

class WriteBench {
 public:
  explicit WriteBench(std::uint64_t seed) : random(seed), axi(pins(), memory, seed + 1) {}

  void add(std::uint64_t address, std::size_t length) {
    Job job{address, std::vector<std::uint8_t>(length)};
    for (std::uint8_t& byte : job.data) byte = static_cast<std::uint8_t>(random.bits());
    memory.map(address & ~std::uint64_t{0xfff}, kUnitStride, kUntouched);
    expected.map(address & ~std::uint64_t{0xfff}, kUnitStride, kUntouched);
    expected.write(address, job.data);
    jobs.push_back(std::move(job));
  }

  void cycle() {
    drive_inputs();
    dut.settle();
    axi.sample();
    const bool job_taken = dut->job_valid_i != 0 && dut->job_ready_o != 0;
    const bool beat_taken = dut->in_valid_i != 0 && dut->in_ready_o != 0;
    const bool cq_taken = dut->cq_req_valid_i != 0 && dut->cq_req_ready_o != 0;
    if (dut->result_valid_o != 0 && dut->result_ready_i != 0) {
      results.push_back({dut->result_fault_o != 0, dut->result_addr_o});
      --in_flight;
    }
    if (dut->cq_resp_valid_o != 0) ++completions_written;
    dut.edge();
    if (job_taken) {
      streams.push_back(std::move(jobs.front()));
      jobs.pop_front();
      dut->job_valid_i = 0;
      ++in_flight;
    }
    if (beat_taken) {
      dut->in_valid_i = 0;
      at += kBeatBytes;
      if (at >= streams.front().data.size()) {
        streams.pop_front();
        at = 0;
      }
    }
    if (cq_taken) {
      completions.pop_front();
      dut->cq_req_valid_i = 0;
    }
    axi.drive();
  }

  Clocked<Vdma_write_bench> dut;
  Random random;
  Memory memory;
  Memory expected;
  AxiSlave axi;
  unsigned idle = 0;  // percent of cycles in which the bench offers nothing new
  std::deque<Job> jobs;
  std::deque<Job> streams;  // jobs whose data is due
  std::size_t at = 0;       // in the first of them
  unsigned in_flight = 0;
  std::deque<std::pair<std::uint64_t, Beat>> completions;
  unsigned completions_written = 0;
  std::vector<Result> results;

 private:
  void drive_inputs() {
    if (dut->job_valid_i == 0 && !jobs.empty() && in_flight < kMaxUnits && !random.percent(idle)) {
      dut->job_valid_i = 1;
      dut->job_addr_i = jobs.front().address;
      dut->job_len_i = static_cast<std::uint16_t>(jobs.front().data.size());
    }
    if (dut->in_valid_i == 0 && !streams.empty() && !random.percent(idle)) {
      const std::vector<std::uint8_t>& data = streams.front().data;
      const std::size_t count = std::min<std::size_t>(kBeatBytes, data.size() - at);
      Beat beat;
      beat.fill(0xff);  // what is beyond the length must not be written
      std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(at), count, beat.begin());
      std::memcpy(&dut->in_data_i[0], beat.data(), beat.size());
      dut->in_last_i = at + kBeatBytes >= data.size();
      dut->in_valid_i = 1;
    }
    if (dut->cq_req_valid_i == 0 && !completions.empty() && random.percent(5)) {
      dut->cq_req_valid_i = 1;
      dut->cq_req_addr_i = completions.front().first;
      std::memcpy(&dut->cq_req_data_i[0], completions.front().second.data(), kBeatBytes);
    }
    dut->result_ready_i = !random.percent(idle);
  }
  AxiPins pins() {
    AxiPins p{};
    bind_axi_write(p, *dut);
    return p;
  }
};

struct Mode {
  const char* name;
  AxiTiming timing;
  unsigned idle;
};

class Writer : public testing::TestWithParam<Mode> {};

TEST_P(Writer, WritesEveryByteAndNoneBeyond) {
  WriteBench bench(1);
  bench.axi.set_timing(GetParam().timing);
  bench.idle = GetParam().idle;
  // Length by offset: short lengths one by one, then around beats and pages.
  std::vector<std::size_t> lengths;
  for (std::size_t i = 1; i <= 70; ++i) lengths.push_back(i);
  for (int i = 0; i < 80; ++i) lengths.push_back(bench.random.between(1, 4096));
  lengths.insert(lengths.end(), {511, 512, 513, 4064, 4065, 4095, 4096});
  std::vector<Result> results;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const std::uint64_t address = kUnits + i * kUnitStride + bench.random.below(128) * kBeatBytes;
    bench.add(address, lengths[i]);
    results.push_back({false, 0});
    if (bench.random.percent(10)) {  // one burst of it fails
      const std::uint64_t bad = address + bench.random.below(lengths[i]);
      bench.axi.add_fault({bad, bad + 1, true, kSlverr});
      std::uint64_t burst = address;
      for (std::uint64_t next = burst; next <= bad;) {
        burst = next;
        next = std::min(burst + std::uint64_t{BURST_BEATS} * kBeatBytes, (burst | 4095) + 1);
      }
      results.back() = {true, burst};
      // The beat that failed is not written.
      const std::uint64_t beat = bad & ~std::uint64_t{kBeatBytes - 1};
      Beat untouched;
      untouched.fill(kUntouched);
      bench.expected.write(beat, untouched);
    }
  }
  for (unsigned i = 0; i < 200; ++i) {
    Beat entry;
    for (std::uint8_t& byte : entry) byte = static_cast<std::uint8_t>(bench.random.bits());
    const std::uint64_t address = kCompletions + std::uint64_t{i} * kBeatBytes;
    bench.memory.map(address, kBeatBytes, kUntouched);
    bench.expected.map(address, kBeatBytes, kUntouched);
    bench.expected.write(address, entry);
    bench.completions.emplace_back(address, entry);
  }
  while ((bench.results.size() < results.size() || bench.completions_written < 200) &&
         bench.dut.cycle() < 3000000) {
    bench.cycle();
  }
  for (Result& r : bench.results) {
    if (!r.fault) r.address = 0;  // tells nothing then
  }
  EXPECT_EQ(bench.results, results);
  EXPECT_EQ(bench.completions_written, 200U);
  EXPECT_EQ(bench.memory.first_difference(bench.expected), Memory::kEqual);
  EXPECT_TRUE(bench.axi.violations().empty()) << bench.axi.violations().front();
  bench.cycle();
  EXPECT_NE(bench.dut->idle_o, 0);
}

INSTANTIATE_TEST_SUITE_P(Modes, Writer,
                         testing::Values(Mode{"Ideal", {0, 0, 0}, 0},
                                         Mode{"SlowBus", {0, 40, 70}, 0},
                                         Mode{"IdleInput", {0, 100, 10}, 90},
                                         Mode{"Both", {0, 300, 50}, 50},
                                         Mode{"LongLatency", {900, 1000, 0}, 0},
                                         Mode{"AddressWaitsForData", {0, 40, 30, true}, 30}),
                         [](const auto& param) { return std::string(param.param.name); });

// The tracker of outstanding bursts fills up and holds further ones back.
TEST(WriterOutstanding, IsBounded) {
  WriteBench bench(2);
  bench.axi.hold_responses(true);
  for (unsigned i = 0; i < 40; ++i) bench.add(kUnits + i * kUnitStride, 4096);
  for (int i = 0; i < 20000; ++i) bench.cycle();
  EXPECT_LE(bench.axi.stats().write_bursts, std::uint64_t{MAX_BURSTS});
  EXPECT_TRUE(bench.results.empty());
  bench.axi.hold_responses(false);
  for (int i = 0; i < 20000; ++i) bench.cycle();
  EXPECT_EQ(bench.results.size(), 40U);
  EXPECT_EQ(bench.memory.first_difference(bench.expected), Memory::kEqual);
}

TEST(WriterQuiesce, FinishesWhatWasGrantedAndNoMore) {
  WriteBench bench(3);
  bench.axi.set_timing({20, 100, 30});
  for (unsigned i = 0; i < 12; ++i) bench.add(kUnits + i * kUnitStride, 3000);
  for (int i = 0; i < 300; ++i) bench.cycle();
  bench.dut->quiesce_i = 1;
  for (int i = 0; i < 3000; ++i) bench.cycle();
  EXPECT_NE(bench.dut->idle_o, 0);
  EXPECT_EQ(bench.axi.outstanding(), 0U);
  EXPECT_LT(bench.results.size(), 12U);
  bench.dut->quiesce_i = 0;
  for (int i = 0; i < 30000; ++i) bench.cycle();
  EXPECT_EQ(bench.results.size(), 12U);
  EXPECT_EQ(bench.memory.first_difference(bench.expected), Memory::kEqual);
}

}  // namespace
}  // namespace pagepress::bench
