// SPDX-License-Identifier: Apache-2.0
// Two unit writers on one bus and what surrounds them: units with their ranges and data,
// the memory that must come of them by the contract alone, and what came out.
#pragma once

#include <Vdma_write_bench.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <utility>
#include <vector>

#include "tests/rtl/common/axi_slave.hpp"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/memory.hpp"

namespace pagepress::bench {

inline constexpr std::uint64_t kPage = 4096;
inline constexpr std::uint64_t kUnit = std::uint64_t{1} << UNIT_LOG2;
inline constexpr unsigned kInBytes = 32;  // of a beat from the engine, whatever the bus
inline constexpr std::uint64_t kTargets = 0x0000432100000000;
inline constexpr std::uint64_t kCompletions = 0x0000987600000000;
inline constexpr std::uint8_t kUntouched = 0x5a;

struct Range {
  std::uint64_t address = 0;
  std::uint64_t length = 0;
};
struct Unit {
  std::vector<Range> ranges;  // at least one
  std::vector<std::uint8_t> data;
};
struct Result {
  bool fault = false;
  std::uint64_t address = 0;
  bool operator==(const Result&) const = default;
};
using Entry = std::array<std::uint8_t, kBeatBytes>;

// One writer's side: what it still has to be told, and what it said.
struct Lane {
  std::deque<std::size_t> jobs;                // lengths
  std::deque<std::pair<Range, bool>> ranges;   // last of their unit
  std::deque<Unit> waiting;                    // not yet a job
  std::deque<std::vector<std::uint8_t>> data;  // of jobs that were taken
  std::size_t at = 0;                          // in the first of them
  std::vector<Result> expected;
  std::vector<Result> results;
};

class WriteBench {
 public:
  explicit WriteBench(std::uint64_t seed) : random(seed), axi(pins(), memory, seed + 1) {
    beat = axi_pins.beat_bytes;
  }

  // Room for a unit and its gaps, mapped; its first address.
  std::uint64_t place(std::uint64_t bytes) {
    const std::uint64_t at = next_;
    next_ += (bytes + 3 * kPage) & ~(kPage - 1);
    memory.map(at, next_ - at, kUntouched);
    expected.map(at, next_ - at, kUntouched);
    return at;
  }

  // Adds a unit: faults must have been added before. Counts what the bus should see.
  void add(unsigned lane, std::vector<Range> ranges, std::size_t length) {
    Unit unit{std::move(ranges), std::vector<std::uint8_t>(length)};
    for (std::uint8_t& byte : unit.data) byte = static_cast<std::uint8_t>(random.bits());
    Result result;
    std::uint64_t at = 0;
    for (const Range& r : unit.ranges) {
      const std::uint64_t end = r.address + std::min(r.length, length - at);
      for (std::uint64_t start = r.address; start != end;) {
        const std::uint64_t first = start & ~std::uint64_t{beat - 1};
        const std::uint64_t limit = std::min({end - start, (start | (kPage - 1)) + 1 - start,
                                              first + std::uint64_t{BURST_BEATS} * beat - start});
        ++bursts;
        bool failed = false;
        // Beat by beat: one that fails is not written.
        for (std::uint64_t from = start; from != start + limit;) {
          const std::uint64_t to = std::min(start + limit, (from | (beat - 1)) + 1);
          const bool is_bad = refused(from & ~std::uint64_t{beat - 1});
          if (!is_bad) expected.write(from, {&unit.data[at + (from - r.address)], to - from});
          failed = failed || is_bad;
          from = to;
          ++beats;
        }
        if (failed && !result.fault) result = {true, start};
        start += limit;
      }
      at += end - r.address;
    }
    lanes[lane].expected.push_back(result);
    lanes[lane].waiting.push_back(std::move(unit));
  }
  void add_fault(std::uint64_t at) {
    faults.push_back(at);
    axi.add_fault({at, at + 1, true, random.percent(50) ? kSlverr : kDecerr});
  }

  // Ranges that hold `total` bytes or more, with gaps of any size (or none) between.
  std::vector<Range> ranges(std::uint64_t total, std::size_t count) {
    std::uint64_t at = place(total + 8 * 200) + random.below(kPage);
    std::vector<Range> r(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t length = i + 1 == count       ? total
                                   : random.percent(20) ? 0
                                                        : random.below(total + 1);
      total -= length;
      r[i] = {at, length};
      at += length + (random.percent(40) ? 0 : random.below(200));
    }
    return r;
  }

  void cycle() {
    for (unsigned i = 0; i < 2; ++i) drive_lane(i);
    drive_completions();
    dut.settle();
    axi.sample();
    const unsigned jobs_taken = dut->job_valid_i & dut->job_ready_o;
    const unsigned ranges_taken = dut->rng_valid_i & dut->rng_ready_o;
    const unsigned data_taken = dut->in_valid_i & dut->in_ready_o;
    const bool cq_taken = dut->cq_req_valid_i != 0 && dut->cq_req_ready_o != 0;
    for (unsigned i = 0; i < 2; ++i) {
      if ((dut->result_valid_o & dut->result_ready_i) >> i & 1U) {
        std::uint64_t address = 0;
        std::memcpy(&address, &dut->result_addr_o[2 * i], 8);
        const bool fault = (dut->result_fault_o >> i & 1U) != 0;
        lanes[i].results.push_back({fault, fault ? address : 0});
      }
    }
    if (dut->cq_resp_valid_o != 0) ++completions_written;
    if (in_burst && dut->m_axi_wvalid_o == 0) ++w_gaps;
    if (dut->m_axi_wvalid_o != 0 && dut->m_axi_wready_i != 0) in_burst = dut->m_axi_wlast_o == 0;
    dut.edge();
    for (unsigned i = 0; i < 2; ++i) {
      if (jobs_taken >> i & 1U) take_job(i);
      if (ranges_taken >> i & 1U) {
        lanes[i].ranges.pop_front();
        clear(dut->rng_valid_i, i);
      }
      if (data_taken >> i & 1U) take_data(i);
    }
    if (cq_taken) {
      completions.pop_front();
      dut->cq_req_valid_i = 0;
    }
    axi.drive();
  }
  [[nodiscard]] bool done() const {
    return lanes[0].results.size() == lanes[0].expected.size() &&
           lanes[1].results.size() == lanes[1].expected.size() && completions.empty() &&
           axi.outstanding() == 0 && lanes[0].ranges.empty() && lanes[1].ranges.empty();
  }

  Clocked<Vdma_write_bench> dut;
  Random random;
  Memory memory;
  Memory expected;
  AxiPins axi_pins{};
  AxiSlave axi;
  unsigned beat = 0;          // bytes of the bus's
  unsigned idle = 0;          // percent of cycles in which the bench offers nothing new
  unsigned result_stall = 0;  // and takes no result
  std::array<Lane, 2> lanes;
  std::vector<std::uint64_t> faults;
  std::uint64_t bursts = 0;  // that add() counted
  std::uint64_t beats = 0;
  std::deque<std::pair<std::uint64_t, Entry>> completions;
  unsigned completions_written = 0;
  std::uint64_t w_gaps = 0;  // cycles inside a burst without WVALID
  bool in_burst = false;

 private:
  [[nodiscard]] bool refused(std::uint64_t at) const {
    return std::any_of(faults.begin(), faults.end(),
                       [&](std::uint64_t f) { return f >= at && f - at < beat; });
  }
  static void set(std::uint8_t& bits, unsigned i, bool value) {
    bits = static_cast<std::uint8_t>((bits & ~(1U << i)) | (value ? 1U : 0U) << i);
  }
  static void clear(std::uint8_t& bits, unsigned i) { set(bits, i, false); }
  static void set_half(std::uint64_t& words, unsigned i, std::uint64_t value) {
    words = (words & ~(0xffffffffULL << 32 * i)) | value << 32 * i;
  }

  // A valid that was not answered stays. Jobs and ranges come apart: either may be first.
  void drive_lane(unsigned i) {
    Lane& lane = lanes[i];
    if (lane.jobs.empty() && !lane.waiting.empty()) {
      const Unit& unit = lane.waiting.front();
      for (std::size_t k = 0; k < unit.ranges.size(); ++k) {
        lane.ranges.emplace_back(unit.ranges[k], k + 1 == unit.ranges.size());
      }
      lane.jobs.push_back(unit.data.size());
    }
    if ((dut->job_valid_i >> i & 1U) == 0 && !lane.jobs.empty() && !random.percent(idle)) {
      set(dut->job_valid_i, i, true);
      set_half(dut->job_len_i, i, lane.jobs.front());
    }
    if ((dut->rng_valid_i >> i & 1U) == 0 && !lane.ranges.empty() && !random.percent(idle)) {
      const auto& [range, is_last] = lane.ranges.front();
      set(dut->rng_valid_i, i, true);
      std::memcpy(&dut->rng_addr_i[2 * i], &range.address, 8);
      set_half(dut->rng_len_i, i, range.length);
      set(dut->rng_last_i, i, is_last);
    }
    if ((dut->in_valid_i >> i & 1U) == 0 && !lane.data.empty() && !random.percent(idle)) {
      const std::vector<std::uint8_t>& data = lane.data.front();
      const std::size_t count = std::min<std::size_t>(kInBytes, data.size() - lane.at);
      std::array<std::uint8_t, kInBytes> b;
      b.fill(0xff);  // what is beyond the length must not be written
      std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(lane.at), count, b.begin());
      std::memcpy(&dut->in_data_i[8 * i], b.data(), b.size());
      set(dut->in_last_i, i, lane.at + kInBytes >= data.size());
      set(dut->in_valid_i, i, true);
    }
    set(dut->result_ready_i, i, !random.percent(result_stall));
  }
  void drive_completions() {
    if (dut->cq_req_valid_i != 0 || completions.empty() || !random.percent(5)) return;
    dut->cq_req_valid_i = 1;
    dut->cq_req_addr_i = completions.front().first;
    std::memcpy(&dut->cq_req_data_i[0], completions.front().second.data(), kBeatBytes);
  }
  void take_job(unsigned i) {
    Lane& lane = lanes[i];
    lane.jobs.pop_front();
    if (!lane.waiting.front().data.empty()) lane.data.push_back(lane.waiting.front().data);
    lane.waiting.pop_front();
    clear(dut->job_valid_i, i);
  }
  void take_data(unsigned i) {
    Lane& lane = lanes[i];
    clear(dut->in_valid_i, i);
    lane.at += kInBytes;
    if (lane.at < lane.data.front().size()) return;
    lane.data.pop_front();
    lane.at = 0;
  }
  AxiPins pins() {
    axi_pins = {};
    bind_axi_write(axi_pins, *dut);
    return axi_pins;
  }

  std::uint64_t next_ = kTargets;
};

}  // namespace pagepress::bench
