// SPDX-License-Identifier: Apache-2.0
// The whole engine against the reference codec: bytes, status, CRC, word; with idle
// input, a slow consumer, dropped blocks and limits of every kind.
#include <Vcompressor_16.h>
#include <Vcompressor_8.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "model/codec/lz4_engine.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/rtl/engine/bench.hpp"

namespace pagepress::test {
namespace {

const model::EngineConfig kW8{};
const model::EngineConfig kW16{16, 32, 1024, 512, 16};

struct Totals {
  std::uint64_t cycles = 0;         // from the first beat to the last result
  std::uint64_t engine_cycles = 0;  // as results say, summed
};

template <class Model>
class EngineBench : public Bench<Model> {
 public:
  EngineBench(const model::EngineConfig& config, const Traffic& traffic)
      : Bench<Model>(traffic), config_(config) {}

  void run(const std::vector<NamedPage>& pages, unsigned drop_percent, Totals* totals = nullptr) {
    auto& bench = *this;
    std::size_t in = 0;
    std::size_t out = 0;
    unsigned beat = 0;
    bool streaming = false;
    model::EngineResult expected;
    std::vector<std::uint8_t> block;
    std::vector<unsigned> limits;
    for (std::size_t n = 0; n < pages.size(); ++n) limits.push_back(limit_of(n));
    const std::uint64_t begin = bench.cycle();
    while (out < pages.size()) {
      bench->in_valid_i = in < pages.size() && bench.offers();
      if (bench->in_valid_i != 0) {
        std::memcpy(bench->in_data_i.data(), pages[in].bytes.data() + 32UL * beat, 32);
        // Only the first beat's limit counts.
        bench->in_limit_i =
            static_cast<std::uint16_t>(beat == 0 ? limits[in] : bench.random() % 8192);
      }
      bench->res_ready_i = bench.accepts();
      bench->res_drop_i = bench.random() % 100 < drop_percent;
      bench->out_ready_i = bench.accepts();
      bench.settle();
      const bool beat_taken = bench->in_valid_i != 0 && bench->in_ready_o != 0;
      if (bench->res_valid_o != 0 && bench->res_ready_i != 0) {
        ASSERT_FALSE(streaming) << "a result before the last block has left";
        expected = model::compress_unit(pages[out].bytes, limits[out], config_);
        ASSERT_EQ(bench->res_status_o, static_cast<unsigned>(expected.status)) << pages[out].name;
        ASSERT_EQ(bench->res_len_o, expected.out_len) << pages[out].name;
        ASSERT_EQ(bench->res_crc32c_o, expected.crc32c) << pages[out].name;
        ASSERT_EQ(bench->res_info_o, expected.word) << pages[out].name;
        ASSERT_GE(bench->res_cycles_o,
                  expected.status == model::EngineStatus::kSameFilled ? 128U : 4096U / config_.w);
        if (totals != nullptr) totals->engine_cycles += bench->res_cycles_o;
        streaming = expected.out_len != 0 && bench->res_drop_i == 0;
        block.clear();
        if (!streaming) ++out;
      } else if (bench->out_valid_o != 0 && bench->out_ready_i != 0) {
        ASSERT_TRUE(streaming) << "bytes of a unit that has none";
        const auto* data = reinterpret_cast<const std::uint8_t*>(bench->out_data_o.data());
        block.insert(block.end(), data, data + 32);
        ASSERT_EQ(bench->out_last_o != 0, block.size() >= expected.out_len) << pages[out].name;
        if (bench->out_last_o != 0) {
          block.resize(expected.out_len);
          ASSERT_EQ(block, expected.data) << pages[out].name;
          streaming = false;
          ++out;
        }
      }
      bench.tick();
      if (beat_taken && ++beat == 128) {
        beat = 0;
        ++in;
      }
    }
    if (totals != nullptr) totals->cycles = bench.cycle() - begin;
  }

  std::vector<unsigned> fixed_limits;  // empty: drawn at random

 private:
  unsigned limit_of(std::size_t n) {
    if (!fixed_limits.empty()) return fixed_limits[n % fixed_limits.size()];
    static constexpr std::array<unsigned, 6> kLimits = {3625, 4096, 4096, 2048, 1, 8191};
    return kLimits[this->random() % kLimits.size()];
  }
  model::EngineConfig config_;
};

TEST(Compressor, EqualsTheReferenceAtFullSpeedW8) {
  EngineBench<Vcompressor_8> bench(kW8, {100, 100, 1});
  bench.run(all_pages(41), 0);
}
TEST(Compressor, EqualsTheReferenceWithIdleInputW8) {
  EngineBench<Vcompressor_8> bench(kW8, {12, 100, 2});
  bench.run(all_pages(42), 10);
}
TEST(Compressor, EqualsTheReferenceUnderBackPressureW8) {
  EngineBench<Vcompressor_8> bench(kW8, {100, 6, 3});
  bench.run(all_pages(43), 10);
}
TEST(Compressor, EqualsTheReferenceW16) {
  EngineBench<Vcompressor_16> bench(kW16, {100, 100, 4});
  bench.run(all_pages(44), 0);
}
TEST(Compressor, EqualsTheReferenceUnderBackPressureW16) {
  EngineBench<Vcompressor_16> bench(kW16, {40, 15, 5});
  bench.run(adversarial_pages(45), 10);
}

TEST(Compressor, ALimitOfTheBlocksLengthFitsAndOneLessDoesNot) {
  const std::vector<NamedPage> pages = text_pages(6, 12);
  EngineBench<Vcompressor_8> bench(kW8, {100, 100, 6});
  for (const int delta : {0, -1}) {
    bench.fixed_limits.clear();
    for (const NamedPage& page : pages) {
      bench.fixed_limits.push_back(model::compress_unit(page.bytes, 4096).out_len +
                                   static_cast<unsigned>(delta));
    }
    bench.run(pages, 0);
  }
}

TEST(Compressor, WhatCameBeforeDoesNotMatter) {
  // The same pages in two orders: the reference knows of no earlier page.
  std::vector<NamedPage> pages = all_pages(47);
  std::mt19937_64 rng(47);
  for (int round = 0; round < 2; ++round) {
    std::shuffle(pages.begin(), pages.end(), rng);
    EngineBench<Vcompressor_8> bench(kW8, {100, 100, 7});
    bench.run(pages, 0);
  }
}

TEST(Compressor, SteadyStateTakesAWindowACycle) {
  std::vector<NamedPage> pages = text_pages(8, 100);
  for (NamedPage& page : pointer_pages(9, 100)) pages.push_back(page);
  EngineBench<Vcompressor_8> bench(kW8, {100, 100, 8});
  bench.fixed_limits = {4096};
  Totals totals;
  bench.run(pages, 0, &totals);
  const auto units = static_cast<double>(pages.size());
  EXPECT_LT(static_cast<double>(totals.engine_cycles), 530 * units);
  EXPECT_LT(static_cast<double>(totals.cycles), 530 * units + 1000);
}

TEST(Compressor, ShortMatchesOnlyNeverHalveTheRate) {
  // One sequence a cycle leaves, two could be found: the worst that pages can do.
  std::vector<NamedPage> pages;
  for (const NamedPage& page : adversarial_pages(10)) {
    if (page.name.starts_with("short matches")) pages.insert(pages.end(), 4, page);
  }
  ASSERT_FALSE(pages.empty());
  EngineBench<Vcompressor_8> bench(kW8, {100, 100, 9});
  bench.fixed_limits = {4096};
  Totals totals;
  bench.run(pages, 0, &totals);
  EXPECT_LT(static_cast<double>(totals.cycles), 2 * 514.0 * static_cast<double>(pages.size()));
}

TEST(Compressor, IncompressibleUnitsDoNotHoldUpOthers) {
  std::vector<NamedPage> pages;
  const std::vector<NamedPage> noise = random_pages(12, 8);  // the last one: 256 symbols
  for (const NamedPage& page : text_pages(13, 40)) {
    pages.push_back(page);
    pages.push_back(noise.back());
  }
  EngineBench<Vcompressor_8> bench(kW8, {100, 100, 12});
  bench.fixed_limits = {3625};
  Totals totals;
  bench.run(pages, 0, &totals);
  EXPECT_LT(static_cast<double>(totals.cycles), 530 * static_cast<double>(pages.size()) + 1000);
}

TEST(Compressor, SameFilledUnitsCostTheirArrival) {
  std::vector<NamedPage> pages(64, same_filled_pages().front());
  EngineBench<Vcompressor_8> bench(kW8, {100, 100, 11});
  Totals totals;
  bench.run(pages, 0, &totals);
  EXPECT_LT(totals.cycles, 140 * pages.size());
}

}  // namespace
}  // namespace pagepress::test
