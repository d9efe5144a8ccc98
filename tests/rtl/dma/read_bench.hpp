// SPDX-License-Identifier: Apache-2.0
// The unit reader and what surrounds it: jobs in memory, what each must give by the
// contract alone, and what came out.
#pragma once

#include <Vdma_read_bench.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <optional>
#include <vector>

#include "tests/rtl/common/axi_slave.hpp"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/memory.hpp"

namespace pagepress::bench {

inline constexpr std::uint64_t kPage = 4096;
inline constexpr std::uint64_t kUnit = std::uint64_t{1} << UNIT_LOG2;
inline constexpr std::uint64_t kBlockMax = kUnit + kUnit / 255 + 16;
inline constexpr unsigned kOutBytes = 32;  // of a beat to the engine, whatever the bus
inline constexpr std::uint64_t kBase = 0xfedc000000000000;
inline constexpr std::uint64_t kBytes = 0x80000;
inline constexpr std::uint64_t kLists = 0x0000123400000000;

struct Range {
  std::uint64_t address = 0;
  std::uint64_t length = 0;
  bool operator==(const Range&) const = default;
};

// One side of a job: a plain range (one entry, no list) or a list.
struct Side {
  bool is_list = false;
  std::uint64_t list = 0;  // its address
  std::vector<Range> entries;
  bool bad_reserved = false;  // in one of them
  std::uint64_t need = 0;     // bytes

  [[nodiscard]] std::uint64_t address() const { return is_list ? list : entries.front().address; }
};

struct Job {
  Side src;
  Side dst;
};

struct Result {
  bool fault = false;
  bool list_fault = false;
  bool bad_list = false;
  std::uint64_t address = 0;
  bool operator==(const Result&) const = default;
};

using OutBeat = std::array<std::uint8_t, kOutBytes>;

class ReadBench {
 public:
  explicit ReadBench(std::uint64_t seed) : random(seed), axi(pins(), memory, seed + 1) {
    map_random(kBase, kBytes);
    map_random(~std::uint64_t{0} - 2 * kPage + 1, 2 * kPage);  // up to the top
    map_random(0, 2 * kPage);                                  // where it goes on
    beat = axi_pins.beat_bytes;
  }

  // ---- Making jobs

  static Side plain(std::uint64_t address, std::uint64_t need) {
    return {false, 0, {{address, need}}, false, need};
  }
  // Puts the entries into memory at a place of its own.
  Side list(std::vector<Range> entries, std::uint64_t need, bool bad_reserved = false) {
    Side side{true, 0, std::move(entries), bad_reserved, need};
    // Often just ahead of a page's end, so that it crosses it.
    const std::uint64_t offset =
        random.percent(50) ? 16 * random.below(240) : kPage - 16 * random.between(1, 8);
    side.list = kLists + lists_++ * 2 * kPage + offset;
    memory.map(side.list, 128);
    const std::size_t odd = random.below(side.entries.size());
    for (std::size_t i = 0; i < side.entries.size(); ++i) {
      const Range& e = side.entries[i];
      const std::uint64_t at = side.list + 16 * i;
      memory.store(at, e.address);
      memory.store(at + 8, static_cast<std::uint32_t>(e.length));
      const bool is_bad = bad_reserved && i == odd;
      memory.store(at + 12, is_bad ? std::uint32_t{1} << random.below(32) : std::uint32_t{0});
    }
    return side;
  }
  // Entries at random places whose lengths add up to `total` or, now and then, more.
  std::vector<Range> ranges(std::uint64_t total, std::size_t count) {
    std::vector<Range> r(count);
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t length = i + 1 == count       ? total
                                   : random.percent(20) ? 0
                                                        : random.below(total + 1);
      total -= length;
      r[i] = {kBase + random.below(kBytes - 2 * kBlockMax), length};
      if (random.percent(30)) r[i].address &= ~std::uint64_t{63};
    }
    if (random.percent(20)) r[random.below(count)].length += random.below(5000);
    if (random.percent(5)) r.back().length = 0xffffffff;
    return r;
  }
  Side random_side(std::uint64_t need, unsigned bad_percent) {
    if (random.percent(50)) return plain(kBase + random.below(kBytes - kBlockMax), need);
    std::vector<Range> entries = ranges(need, 1 + random.below(8));
    bool reserved = false;
    if (random.percent(bad_percent)) {
      reserved = random.percent(50);
      std::uint64_t sum = 0;
      for (const Range& e : entries) sum += e.length;
      if (!reserved && sum < 2 * kBlockMax && need > 0) {  // too short by some bytes
        for (Range& e : entries) {
          const std::uint64_t cut = std::min(e.length, sum - need + 1);
          e.length -= cut;
          sum -= cut;
          if (sum < need) break;
        }
      }
    }
    return list(std::move(entries), need, reserved);
  }

  // ---- What must come of a job

  // First address of [address, address + length) in a beat that the bus refuses.
  [[nodiscard]] std::optional<std::uint64_t> refused(std::uint64_t address,
                                                     std::uint64_t length) const {
    const std::uint64_t first = address & ~std::uint64_t{beat - 1};
    for (std::uint64_t at = first; at - first < address - first + length; at += beat) {
      const bool is_bad = std::any_of(faults.begin(), faults.end(),
                                      [&](std::uint64_t f) { return f >= at && f - at < beat; });
      if (is_bad) return at == first ? address : at;
    }
    return std::nullopt;
  }
  [[nodiscard]] static std::vector<Range> trimmed(const Side& side) {
    std::vector<Range> r;
    std::uint64_t left = side.need;
    for (const Range& e : side.entries) {
      const std::uint64_t length = std::min(e.length, left);
      if (length != 0) r.push_back({e.address, length});
      left -= length;
    }
    return r;
  }
  static bool suffices(const Side& side) {
    std::uint64_t sum = 0;
    for (const Range& e : side.entries) sum += e.length;
    return sum >= side.need;
  }
  [[nodiscard]] std::uint64_t beats_of(std::uint64_t address, std::uint64_t length) const {
    return (address % beat + length + beat - 1) / beat;
  }

  Result expected(const Job& job) {
    Result result;
    for (const Side* side : {&job.src, &job.dst}) {
      if (!side->is_list) continue;
      bus_beats += beats_of(side->list, 16 * side->entries.size());
      const auto bad = refused(side->list, 16 * side->entries.size());
      if (bad && !result.list_fault) {
        result.list_fault = true;
        result.address = *bad;
      }
    }
    if (result.list_fault) return result;
    for (const Side* side : {&job.src, &job.dst}) {
      result.bad_list = result.bad_list || side->bad_reserved || !suffices(*side);
    }
    if (result.bad_list) return result;
    for (const Range& r : trimmed(job.src)) {
      bus_beats += beats_of(r.address, r.length);
      const auto bad = refused(r.address, r.length);
      if (bad && !result.fault) {
        result.fault = true;
        result.address = *bad;
      }
    }
    return result;
  }

  void add(Job job) {
    jobs.push_back(job);
    all.push_back(std::move(job));
  }
  void add_fault(std::uint64_t at) {
    faults.push_back(at);
    axi.add_fault({at, at + 1, false, random.percent(50) ? kSlverr : kDecerr});
  }

  // ---- Running

  void cycle() {
    drive_inputs();
    dut.settle();
    axi.sample();
    const bool job_taken = dut->job_valid_i != 0 && dut->job_ready_o != 0;
    const unsigned open_taken = dut->open_valid_i & dut->open_ready_o;
    take_outputs();
    dut.edge();
    if (job_taken) {
      jobs.pop_front();
      dut->job_valid_i = 0;
    }
    for (unsigned c = 0; c < 2; ++c) {
      if ((open_taken >> c & 1U) == 0) continue;
      if (!hog) requests[c].pop_front();
      ++open_granted[c];
      dut->open_valid_i &= static_cast<std::uint8_t>(~(1U << c));
    }
    axi.drive();
  }

  Clocked<Vdma_read_bench> dut;
  Random random;
  Memory memory;
  AxiPins axi_pins{};
  AxiSlave axi;
  unsigned beat = 0;  // bytes of the bus's
  unsigned job_wait = 0;
  unsigned out_stall = 0;
  unsigned side_stall = 0;  // results and ranges
  std::deque<Job> jobs;
  std::vector<Job> all;
  std::vector<std::uint64_t> faults;
  std::uint64_t bus_beats = 0;  // that expected() counted

  std::vector<std::vector<OutBeat>> units{{}};  // the last one is being filled
  std::vector<Result> results;
  std::vector<std::vector<Range>> ranges_out{{}};
  // Clients 0 and 2: bursts to ask for, and what they got.
  std::array<std::deque<Range>, 2> requests;  // address, beats
  std::array<std::vector<std::uint8_t>, 2> open_data;
  std::array<unsigned, 2> open_granted{};
  bool hog = false;  // requests are asked for again and again

 private:
  void map_random(std::uint64_t address, std::uint64_t length) {
    memory.map(address, length);
    std::vector<std::uint8_t> content(length);
    for (std::uint8_t& byte : content) byte = static_cast<std::uint8_t>(random.bits());
    memory.write(address, content);
  }
  void drive_inputs() {
    // A valid that was not answered stays.
    if (dut->job_valid_i == 0) dut->job_valid_i = !jobs.empty() && !random.percent(job_wait);
    if (dut->job_valid_i != 0) {
      const Job& job = jobs.front();
      dut->job_src_addr_i = job.src.address();
      dut->job_src_len_i = static_cast<std::uint32_t>(job.src.need);
      dut->job_src_sgl_i = job.src.is_list;
      dut->job_src_count_i =
          static_cast<std::uint8_t>(job.src.is_list ? job.src.entries.size() : 0);
      dut->job_dst_addr_i = job.dst.address();
      dut->job_dst_cap_i = static_cast<std::uint32_t>(job.dst.need);
      dut->job_dst_sgl_i = job.dst.is_list;
      dut->job_dst_count_i =
          static_cast<std::uint8_t>(job.dst.is_list ? job.dst.entries.size() : 0);
    }
    for (unsigned c = 0; c < 2; ++c) {
      if ((dut->open_valid_i >> c & 1U) != 0 || requests[c].empty()) continue;
      if (!hog && random.percent(80)) continue;
      dut->open_valid_i |= static_cast<std::uint8_t>(1U << c);
      std::memcpy(&dut->open_addr_i[2 * c], &requests[c].front().address, 8);
      const unsigned len = static_cast<unsigned>(requests[c].front().length - 1);
      dut->open_len_i =
          static_cast<std::uint16_t>((dut->open_len_i & ~(0xffU << 8 * c)) | len << 8 * c);
    }
    dut->out_ready_i = !random.percent(out_stall);
    dut->result_ready_i = !random.percent(side_stall);
    dut->dst_ready_i = !random.percent(side_stall);
  }
  void take_outputs() {
    // The unit's result is there when its last beat is offered.
    if (dut->out_valid_o != 0 && dut->out_last_o != 0 && results.size() + 1 == units.size()) {
      EXPECT_NE(dut->result_valid_o, 0) << "unit " << results.size();
    }
    if (dut->result_valid_o != 0 && dut->result_ready_i != 0) {
      results.push_back({dut->result_fault_o != 0, dut->result_list_fault_o != 0,
                         dut->result_bad_list_o != 0, dut->result_addr_o});
    }
    if (dut->out_valid_o != 0 && dut->out_ready_i != 0) {
      OutBeat b;
      std::memcpy(b.data(), &dut->out_data_o[0], b.size());
      units.back().push_back(b);
      if (dut->out_last_o != 0) units.emplace_back();
    }
    if (dut->dst_valid_o != 0 && dut->dst_ready_i != 0) {
      ranges_out.back().push_back({dut->dst_addr_o, dut->dst_len_o});
      if (dut->dst_last_o != 0) ranges_out.emplace_back();
    }
    for (unsigned c = 0; c < 2; ++c) {
      if ((dut->open_beat_valid_o >> c & 1U) == 0) continue;
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(&dut->beat_data_o[0]);
      open_data[c].insert(open_data[c].end(), bytes, bytes + beat);
    }
  }
  AxiPins pins() {
    axi_pins = {};
    bind_axi_read(axi_pins, *dut);
    return axi_pins;
  }

  std::uint64_t lists_ = 0;  // in memory so far
};

}  // namespace pagepress::bench
