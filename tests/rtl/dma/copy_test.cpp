// SPDX-License-Identifier: Apache-2.0
// Reader and writer back to back: memory to memory through lists on both sides, many
// units inside at once, some that cannot be read or written.
#include <Vdma_copy_bench.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "tests/rtl/common/axi_slave.hpp"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/memory.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kUnit = std::uint64_t{1} << UNIT_LOG2;
constexpr std::uint64_t kSource = 0x0000111100000000;
constexpr std::uint64_t kSourceBytes = 0x40000 + kUnit;
constexpr std::uint64_t kLists = 0x0000222200000000;
constexpr std::uint64_t kTargets = 0x0000333300000000;
constexpr std::uint8_t kUntouched = 0xa5;

struct Range {
  std::uint64_t address;
  std::uint64_t length;
};
struct Side {
  std::uint64_t address;
  unsigned entries;  // 0: no list
};
struct Job {
  Side src;
  Side dst;
  std::uint64_t length;
  bool is_bad;  // its list does not suffice
};

class CopyBench {
 public:
  explicit CopyBench(std::uint64_t seed) : random(seed), axi(pins(), memory, seed + 1) {
    for (Memory* m : {&memory, &expected}) {
      m->map(kSource, kSourceBytes);
      m->map(kLists, kListBytes);
    }
    std::vector<std::uint8_t> content(kSourceBytes);
    for (std::uint8_t& byte : content) byte = static_cast<std::uint8_t>(random.bits());
    for (Memory* m : {&memory, &expected}) m->write(kSource, content);
  }

  void add_random(unsigned bad_percent) {
    const std::uint64_t length = random.percent(40) ? kPage : random.between(1, kUnit);
    std::vector<Range> src =
        cut(length, [&](std::uint64_t) { return kSource + random.below(kSourceBytes - kUnit); });
    std::uint64_t at = next_ + random.below(kPage);
    std::vector<Range> dst = cut(length, [&](std::uint64_t bytes) {
      const std::uint64_t here = at;
      at += bytes + (random.percent(40) ? 0 : random.below(300));
      return here;
    });
    const std::uint64_t end = (at + kPage) & ~(kPage - 1);
    memory.map(next_, end - next_, kUntouched);
    expected.map(next_, end - next_, kUntouched);
    next_ = end;
    const bool is_bad = dst.size() > 1 && dst.back().length > 0 && random.percent(bad_percent);
    if (!is_bad) write_expected(src, dst);
    if (is_bad) --dst.back().length;
    const bool src_list = src.size() > 1 || random.percent(20);
    const bool dst_list = dst.size() > 1 || random.percent(20);
    jobs.push_back({src_list ? put_list(src) : Side{src[0].address, 0},
                    dst_list ? put_list(dst) : Side{dst[0].address, 0}, length, is_bad});
    bad.push_back(is_bad);
  }

  void cycle() {
    if (dut->job_valid_i == 0) dut->job_valid_i = !jobs.empty() && !random.percent(idle);
    if (dut->job_valid_i != 0) {
      const Job& job = jobs.front();
      dut->job_src_addr_i = job.src.address;
      dut->job_src_sgl_i = job.src.entries != 0;
      dut->job_src_count_i = static_cast<std::uint8_t>(job.src.entries);
      dut->job_dst_addr_i = job.dst.address;
      dut->job_dst_sgl_i = job.dst.entries != 0;
      dut->job_dst_count_i = static_cast<std::uint8_t>(job.dst.entries);
      dut->job_len_i = static_cast<std::uint32_t>(job.length);
    }
    dut.settle();
    axi.sample();
    const bool taken = dut->job_valid_i != 0 && dut->job_ready_o != 0;
    if (dut->done_valid_o != 0) {
      EXPECT_EQ(dut->done_good_o == 0, bad[done]) << "unit " << done;
      EXPECT_EQ(dut->done_fault_o, 0);
      ++done;
    }
    dut.edge();
    if (taken) {
      jobs.pop_front();
      dut->job_valid_i = 0;
    }
    axi.drive();
  }

  Clocked<Vdma_copy_bench> dut;
  Random random;
  Memory memory;
  Memory expected;
  AxiSlave axi;
  unsigned idle = 0;
  std::deque<Job> jobs;
  std::vector<bool> bad;
  std::size_t done = 0;

 private:
  static constexpr std::uint64_t kListBytes = 0x100000;

  template <class Place>
  std::vector<Range> cut(std::uint64_t length, Place place) {
    std::vector<Range> r(random.percent(40) ? 1 : random.between(2, 8));
    for (std::size_t i = 0; i < r.size(); ++i) {
      const std::uint64_t bytes = i + 1 == r.size() ? length : random.below(length + 1);
      length -= bytes;
      r[i] = {place(bytes), bytes};
    }
    return r;
  }
  Side put_list(const std::vector<Range>& ranges) {
    const std::uint64_t at = list_;
    list_ += 16 * (ranges.size() + random.below(4));
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      for (Memory* m : {&memory, &expected}) {
        m->store(at + 16 * i, ranges[i].address);
        m->store(at + 16 * i + 8, ranges[i].length);  // and reserved
      }
    }
    return {at, static_cast<unsigned>(ranges.size())};
  }
  void write_expected(const std::vector<Range>& src, const std::vector<Range>& dst) {
    std::vector<std::uint8_t> data;
    for (const Range& r : src) {
      std::vector<std::uint8_t> part(r.length);
      memory.read(r.address, part);
      data.insert(data.end(), part.begin(), part.end());
    }
    std::size_t from = 0;
    for (const Range& r : dst) {
      expected.write(r.address, {data.data() + from, r.length});
      from += r.length;
    }
  }
  AxiPins pins() {
    AxiPins p{};
    bind_axi_read(p, *dut);
    bind_axi_write(p, *dut);
    return p;
  }

  std::uint64_t next_ = kTargets;
  std::uint64_t list_ = kLists;
};

struct Mode {
  const char* name;
  AxiTiming timing;
  unsigned idle;
};

class Copy : public testing::TestWithParam<Mode> {};

TEST_P(Copy, MovesEveryByteAndNoOther) {
  CopyBench bench(1);
  bench.axi.set_timing(GetParam().timing);
  bench.idle = GetParam().idle;
  constexpr unsigned kCount = 500;
  for (unsigned i = 0; i < kCount; ++i) bench.add_random(10);
  while ((bench.done < kCount || bench.dut->idle_o == 0) && bench.dut.cycle() < 4000000) {
    bench.cycle();
  }
  EXPECT_EQ(bench.done, kCount);
  EXPECT_NE(bench.dut->idle_o, 0);
  EXPECT_EQ(bench.memory.first_difference(bench.expected), Memory::kEqual);
  EXPECT_TRUE(bench.axi.violations().empty()) << bench.axi.violations().front();
}

INSTANTIATE_TEST_SUITE_P(
    Modes, Copy,
    testing::Values(Mode{"Ideal", {0, 0, 0}, 0}, Mode{"SlowBus", {0, 40, 60}, 0},
                    Mode{"LongLatency", {900, 1000, 0}, 0}, Mode{"Idle", {0, 100, 10}, 97},
                    Mode{"AddressWaitsForData", {0, 40, 30, true}, 30},
                    Mode{"DataBeforeAddress",
                         {.latency_max = 200, .stall_percent = 30, .w_before_aw = true},
                         0}),
    [](const auto& param) { return std::string(param.param.name); });

// Plain aligned pages go through at the pace of the 32-byte stream, both ways at once.
TEST(CopySpeed, IsABeatACycle) {
  CopyBench bench(2);
  constexpr unsigned kCount = 32;
  bench.memory.map(kTargets, kCount * kPage);
  for (unsigned i = 0; i < kCount; ++i) {
    bench.jobs.push_back({{kSource + i * kPage, 0}, {kTargets + i * kPage, 0}, kPage, false});
    bench.bad.push_back(false);
  }
  while (bench.done == 0) bench.cycle();
  const std::uint64_t start = bench.dut.cycle();
  while (bench.done < kCount && bench.dut.cycle() < 100000) bench.cycle();
  const double cycles = static_cast<double>(bench.dut.cycle() - start) / (kCount - 1);
  RecordProperty("cycles", std::to_string(cycles));
  EXPECT_LE(cycles, 132);
}

}  // namespace
}  // namespace pagepress::bench
