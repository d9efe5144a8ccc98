// SPDX-License-Identifier: Apache-2.0
// The decompressor's bench: runs blocks through it back to back and compares verdict, bytes and
// CRC with the reference decoder and, where its surroundings never let it wait, each result's
// cycle with DecoderTimeline. Limitation: Verilator models of pp_lz4_decompressor only.
#pragma once

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "model/codec/decoder_cycles.hpp"
#include "model/codec/lz4_decoder.hpp"
#include "tests/codec/block_maker.hpp"
#include "tests/rtl/engine/bench.hpp"

namespace pagepress::test {
constexpr std::size_t kBeat = 32;

struct Job {
  Block block;
  model::DecodeOptions options;
};

struct Totals {
  std::uint64_t units = 0;
  std::uint64_t ok = 0;
  std::uint64_t bytes = 0;
  std::uint64_t cycles = 0;                // from the first beat to the last byte
  std::uint64_t engine_cycles = 0;         // as results say, summed
  std::vector<std::uint32_t> unit_cycles;  // likewise
  std::uint64_t first_offered = 0;         // from the first beat to the first result
};

// Ports of any width.
template <class Port, class Value>
void set(Port& port, Value value) {
  port = static_cast<Port>(value);
}

template <class Model>
class DecoderBench : public Bench<Model> {
 public:
  DecoderBench(const Traffic& traffic, unsigned drop_percent)
      : Bench<Model>(traffic),
        drop_percent_(drop_percent),
        in_step_(traffic.offered == 100 && traffic.accepted == 100 && drop_percent == 0) {}

  // Jobs back to back. Where nothing lets it wait, every result comes when DecoderTimeline says.
  void run(const std::vector<Job>& jobs, Totals& totals) {
    auto& bench = *this;
    std::size_t in = 0;
    std::size_t at = 0;  // byte of the block
    std::size_t out = 0;
    bool streaming = false;
    model::DecodeResult expected;
    std::vector<std::uint8_t> got;
    const std::uint64_t begin = bench.cycle();
    std::uint64_t progress = begin;
    model::DecoderTimeline timeline;
    bool offered = false;
    while (out < jobs.size()) {
      ASSERT_LT(bench.cycle() - progress, 200'000U) << "hangs at " << name(jobs[out]);
      bench->in_valid_i = in < jobs.size() && bench.offers();
      drive(bench->in_valid_i != 0 ? &jobs[in] : nullptr, at);
      bench->res_ready_i = bench.accepts();
      bench->res_drop_i = bench.random() % 100 < drop_percent_;
      bench->out_ready_i = bench.accepts();
      bench.settle();
      const bool beat_taken = bench->in_valid_i != 0 && bench->in_ready_o != 0;
      ASSERT_TRUE(bench->busy_o != 0 || (bench->res_valid_o == 0 && bench->out_valid_o == 0));
      if (bench->res_valid_o != 0 && !offered) {
        offered = true;
        progress = bench.cycle();
        const Job& job = jobs[out];
        expected = model::decompress_block(job.block.bytes, job.block.capacity, job.options);
        if (out == 0) totals.first_offered = bench.cycle() - begin;
        if (in_step_) {
          const auto times =
              timeline.push(job.block.bytes, job.block.capacity, expected.out_len != 0);
          ASSERT_EQ(bench.cycle() - begin, times.offered) << out << " " << name(job);
          ASSERT_EQ(bench->res_cycles_o, times.cycles) << out << " " << name(job);
          ASSERT_EQ(times.malformed, expected.status == model::DecodeStatus::kMalformed)
              << name(job);
        }
      }
      if (bench->res_valid_o != 0 && bench->res_ready_i != 0) {
        offered = false;
        ASSERT_FALSE(streaming) << "a result before the last output has left";
        const Job& job = jobs[out];
        ASSERT_EQ(bench->res_status_o, static_cast<unsigned>(expected.status)) << name(job);
        ASSERT_EQ(bench->res_len_o, expected.out_len) << name(job);
        ASSERT_EQ(bench->res_crc32c_o, expected.crc32c) << name(job);
        ASSERT_GE(bench->res_cycles_o, 1U) << name(job);
        totals.engine_cycles += bench->res_cycles_o;
        totals.unit_cycles.push_back(bench->res_cycles_o);
        totals.ok += expected.status == model::DecodeStatus::kOk ? 1 : 0;
        streaming = expected.out_len != 0 && bench->res_drop_i == 0;
        got.clear();
        if (!streaming) ++out;
      } else if (bench->out_valid_o != 0 && bench->out_ready_i != 0) {
        ASSERT_TRUE(streaming) << "bytes of a unit that has none";
        const auto* data = reinterpret_cast<const std::uint8_t*>(bench->out_data_o.data());
        got.insert(got.end(), data, data + kBeat);
        ASSERT_EQ(bench->out_last_o != 0, got.size() >= expected.out_len) << name(jobs[out]);
        if (bench->out_last_o != 0) {
          got.resize(expected.out_len);
          ASSERT_EQ(got, expected.data) << name(jobs[out]);
          totals.bytes += got.size();
          streaming = false;
          ++out;
        }
      }
      bench.tick();
      if (beat_taken) {
        at += kBeat;
        if (at >= jobs[in].block.bytes.size()) {
          at = 0;
          ++in;
        }
      }
    }
    ASSERT_EQ(in, jobs.size());
    for (unsigned n = 0; n < 20; ++n) {
      bench->in_valid_i = 0;
      bench.settle();
      ASSERT_EQ(bench->out_valid_o, 0);
      ASSERT_EQ(bench->res_valid_o, 0);
      ASSERT_EQ(bench->busy_o, 0);
      bench.tick();
    }
    totals.units += jobs.size();
    totals.cycles += bench.cycle() - begin;
  }

 private:
  static std::string name(const Job& job) {
    return fmt::format("{}: {} bytes, capacity {}", job.block.name, job.block.bytes.size(),
                       job.block.capacity);
  }

  // Only what comes with the first beat counts; behind the block's end comes noise.
  void drive(const Job* job, std::size_t at) {
    auto& bench = *this;
    std::uint64_t noise[4];
    for (auto& word : noise) word = bench.random();
    std::memcpy(bench->in_data_i.data(), noise, kBeat);
    const bool first = job != nullptr && at == 0;
    if (job != nullptr) {
      const auto& bytes = job->block.bytes;
      std::memcpy(bench->in_data_i.data(), bytes.data() + at, std::min(kBeat, bytes.size() - at));
    }
    set(bench->in_len_i, first ? job->block.bytes.size() : noise[0] % 4096);
    set(bench->in_capacity_i, first ? job->block.capacity : noise[1] % 4096);
    set(bench->in_expect_i, first ? job->options.expected_crc32c.has_value() : noise[2] % 2 != 0);
    set(bench->in_expected_i, first ? job->options.expected_crc32c.value_or(0) : noise[3]);
    set(bench->in_flip_i, first ? job->options.flip_bit.has_value() : noise[3] % 2 != 0);
    set(bench->in_flip_bit_i, first ? job->options.flip_bit.value_or(0) : noise[2] % 32768);
  }

  unsigned drop_percent_;
  bool in_step_;  // nothing lets it wait: its cycles are known
};

// Blocks of every kind, some with a CRC to compare, some with a fault to inject.
inline std::vector<Job> fuzzed(std::uint64_t seed, std::size_t unit, std::size_t most_output,
                               unsigned count) {
  BlockMaker maker(seed, most_output, unit + unit / 255 + 16);
  std::mt19937_64 rng(seed);
  std::vector<Job> jobs;
  for (unsigned n = 0; n < count; ++n) {
    Job job{maker.next(), {}};
    const auto result = model::decompress_block(job.block.bytes, job.block.capacity);
    if (rng() % 3 == 0) job.options.expected_crc32c = result.crc32c;
    if (rng() % 12 == 0) job.options.expected_crc32c = result.crc32c ^ (1U << (rng() % 32));
    if (rng() % 4 == 0) {
      const std::size_t bits = 8 * std::max<std::size_t>(result.out_len, 4);
      job.options.flip_bit = static_cast<std::uint32_t>(rng() % (bits + bits / 8));
    }
    jobs.push_back(std::move(job));
  }
  return jobs;
}

}  // namespace pagepress::test
