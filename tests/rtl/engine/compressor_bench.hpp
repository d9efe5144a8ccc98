// SPDX-License-Identifier: Apache-2.0
// The bench of the whole engine: pp_lz4_compressor against the reference codec, in bytes, status,
// CRC and word; with idle input, a slow consumer, dropped outputs, limits of every kind,
// every kind of work, flipped bits and verification (liblz4 says what a flipped block decodes
// to). Where nothing outside makes the engine wait and nothing is verified, also in the cycle
// of each result.
//
// Limitation: a unit is 4 KiB, or as the hardware was built (PP_UNIT_LOG2) up to 64 KiB.
#pragma once

#include <gtest/gtest.h>
#include <lz4.h>

#include <algorithm>
#include <bit>
#include <iostream>
#include <string>
#include <type_traits>
#include <vector>

#include "model/codec/engine_cycles.hpp"
#include "tests/corpus/corpus.hpp"
#include "tests/rtl/engine/bench.hpp"

namespace pagepress::test {

enum Work : std::uint8_t { kCompress = 0, kCopy = 1, kCheck = 2 };  // pp_lz_pkg::WORK_*
constexpr unsigned kVerifyFailed = 4;                               // PP_STATUS_VERIFY_FAILED

struct Unit {
  std::string name;
  std::vector<std::uint8_t> bytes;  // a power of two of at least 4096
  Work work = kCompress;
  unsigned limit = 4096;  // bytes
  bool raw = false;
  bool verify = false;
  bool flip = false;
  unsigned flip_bit = 0;
};

struct Expected {
  unsigned status = 0;
  bool raw = false;
  std::uint32_t crc32c = 0;
  std::uint64_t word = 0;
  bool skips = false;              // the match finder has nothing to do
  std::vector<std::uint8_t> data;  // as it leaves
};

inline bool decodes_to(const std::vector<std::uint8_t>& block,
                       const std::vector<std::uint8_t>& unit) {
  std::vector<std::uint8_t> back(unit.size());
  const int n = LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()),
                                    reinterpret_cast<char*>(back.data()),
                                    static_cast<int>(block.size()), static_cast<int>(back.size()));
  return n == static_cast<int>(unit.size()) && back == unit;
}

inline Expected expect(const Unit& unit, const model::EngineConfig& config) {
  const model::EngineResult codec = model::compress_unit(unit.bytes, unit.limit, config);
  Expected out;
  out.crc32c = codec.crc32c;
  out.status = static_cast<unsigned>(codec.status);
  out.word = codec.word;
  const bool same = codec.status == model::EngineStatus::kSameFilled;
  out.skips = same || unit.work != kCompress;
  if (unit.work == kCopy) {
    out.status = 0;
    out.word = 0;
    out.data = unit.bytes;
  } else if (unit.work == kCheck) {
    if (!same) out.status = 0;
  } else if (codec.status == model::EngineStatus::kIncompressible && unit.raw) {
    out.raw = true;
    out.data = unit.bytes;
  } else {
    out.data = codec.data;
  }
  if (unit.flip && unit.flip_bit / 8 < out.data.size()) {
    out.data[unit.flip_bit / 8] ^= static_cast<std::uint8_t>(1U << (unit.flip_bit % 8));
  }
  if (unit.verify && unit.work == kCompress && codec.status == model::EngineStatus::kOk &&
      !decodes_to(out.data, unit.bytes)) {
    out.status = kVerifyFailed;
    out.data.clear();
  }
  return out;
}

inline std::vector<Unit> compress_all(const std::vector<NamedPage>& pages,
                                      const std::vector<unsigned>& limits) {
  std::vector<Unit> units;
  for (const NamedPage& page : pages) {
    Unit unit{page.name, {page.bytes.begin(), page.bytes.end()}};
    unit.limit = limits[units.size() % limits.size()];
    units.push_back(std::move(unit));
  }
  return units;
}

// Compression with limits of every kind.
inline std::vector<Unit> compress_all(const std::vector<NamedPage>& pages, std::uint64_t seed) {
  static constexpr std::array<unsigned, 6> kLimits = {3625, 4096, 4096, 2048, 1, 8191};
  std::mt19937_64 rng(seed);
  std::vector<unsigned> limits;
  for (std::size_t n = 0; n < pages.size(); ++n) limits.push_back(kLimits[rng() % kLimits.size()]);
  return compress_all(pages, limits);
}

// Every kind of work, in any order.
inline void draw_works(std::vector<Unit>& units, std::uint64_t seed, bool verify) {
  std::mt19937_64 rng(seed);
  for (Unit& unit : units) {
    const auto size = static_cast<unsigned>(unit.bytes.size());
    unit.work = static_cast<Work>(std::max<int>(static_cast<int>(rng() % 6) - 3, 0));
    const std::array<unsigned, 5> limits = {size, 2 * size - 1, size - size / 8, size / 3,
                                            static_cast<unsigned>(rng() % size)};
    unit.limit = limits[rng() % limits.size()];
    unit.raw = rng() % 2 == 0;
    unit.verify = verify && rng() % 2 == 0;
    unit.flip = rng() % 3 == 0;
    unit.flip_bit = static_cast<unsigned>(rng() % (rng() % 2 == 0 ? 2000U : 8 * size));
  }
}

// Units of every size up to 64 KiB whose matches reach far back, as far as two bytes of
// offset can, and pages of every other kind one behind the other.
inline std::vector<Unit> large_units(std::uint64_t seed, unsigned most_log2) {
  std::mt19937_64 rng(seed);
  std::vector<NamedPage> pages = adversarial_pages(seed);
  for (NamedPage& page : text_pages(seed, 24)) pages.push_back(std::move(page));
  for (NamedPage& page : pointer_pages(seed, 16)) pages.push_back(std::move(page));
  for (NamedPage& page : random_pages(seed, 8)) pages.push_back(std::move(page));
  for (NamedPage& page : same_filled_pages()) pages.push_back(std::move(page));
  std::vector<Unit> units;
  for (unsigned log2 = 12; log2 <= most_log2; ++log2) {
    for (unsigned n = 0; n < 16; ++n) {
      const unsigned kind = n % 8;
      Unit unit;
      unit.name = "2^" + std::to_string(log2) + " bytes, kind " + std::to_string(kind);
      unit.bytes.resize(std::size_t{1} << log2);
      const NamedPage* page = &pages[rng() % pages.size()];
      for (std::size_t at = 0; at < unit.bytes.size(); at += page->bytes.size()) {
        if (kind < 5) page = &pages[rng() % pages.size()];  // else the same again and again
        std::copy(page->bytes.begin(), page->bytes.end(), &unit.bytes[at]);
      }
      if (kind == 5) {  // noise, one byte again and again, and at the end the noise's start
        std::fill(unit.bytes.begin(), unit.bytes.end(), std::uint8_t{9});
        for (std::size_t at = 0; at < 500; ++at) unit.bytes[at] = static_cast<std::uint8_t>(rng());
        std::copy_n(unit.bytes.begin(), 300, unit.bytes.end() - 313);
      }
      if (kind == 6) {  // one word almost everywhere: one match of nearly the whole unit
        std::fill(unit.bytes.begin(), unit.bytes.end(), std::uint8_t{7});
        unit.bytes[rng() % unit.bytes.size()] = 1;
      }
      if (kind == 7) std::fill(unit.bytes.begin(), unit.bytes.end(), std::uint8_t{7});
      unit.limit = static_cast<unsigned>(unit.bytes.size());
      units.push_back(std::move(unit));
    }
  }
  std::shuffle(units.begin(), units.end(), rng);
  return units;
}

struct Totals {
  std::uint64_t cycles = 0;         // from the first beat to the last result
  std::uint64_t engine_cycles = 0;  // as results say, summed
  unsigned failed = 0;              // results VERIFY_FAILED
  std::uint64_t latest = 0;         // cycle of the last result
  unsigned result_cycles = 0;       // its res_cycles_o
};

template <class Model>
class EngineBench : public Bench<Model> {
 public:
  EngineBench(const model::EngineConfig& config, const Traffic& traffic)
      : Bench<Model>(traffic),
        config_(config),
        never_waits_(traffic.offered == 100 && traffic.accepted == 100) {}

  void run(const std::vector<Unit>& units, unsigned drop_percent, Totals* totals = nullptr) {
    auto& bench = *this;
    std::size_t in = 0;
    std::size_t out = 0;
    unsigned beat = 0;
    bool streaming = false;
    Expected expected;
    std::vector<std::uint8_t> block;
    const std::uint64_t begin = bench.cycle();
    // Predicted from the first unit on.
    model::EngineTimeline timeline(config_);
    const bool timed = begin == 0 && never_waits_ && std::ranges::none_of(units, &Unit::verify);
    while (out < units.size()) {
      bench->in_valid_i = in < units.size() && bench.offers();
      if (bench->in_valid_i != 0) {
        std::memcpy(bench->in_data_i.data(), units[in].bytes.data() + 32UL * beat, 32);
        set_inputs(units[in], beat == 0);
      }
      bench->res_ready_i = bench.accepts();
      bench->res_drop_i = bench.random() % 100 < drop_percent;
      bench->out_ready_i = bench.accepts();
      bench.settle();
      ASSERT_EQ(bench->busy_o != 0, in > out || beat != 0);
      const bool beat_taken = bench->in_valid_i != 0 && bench->in_ready_o != 0;
      if (bench->res_valid_o != 0 && bench->res_ready_i != 0) {
        ASSERT_FALSE(streaming) << "a result before the last output has left";
        ASSERT_LT(out, in) << "a result without a unit";
        const Unit& unit = units[out];
        expected = expect(unit, config_);
        ASSERT_EQ(bench->res_status_o, expected.status) << unit.name;
        ASSERT_EQ(bench->res_raw_o != 0, expected.raw) << unit.name;
        ASSERT_EQ(bench->res_len_o, expected.data.size()) << unit.name;
        ASSERT_EQ(bench->res_crc32c_o, expected.crc32c) << unit.name;
        ASSERT_EQ(bench->res_info_o, expected.word) << unit.name;
        ASSERT_GE(bench->res_cycles_o, unit.bytes.size() / (expected.skips ? 32 : config_.w));
        if (timed) {
          const model::UnitTimes times = predict(timeline, unit, expected, bench->res_drop_i != 0);
          ASSERT_EQ(bench.cycle(), times.offered) << unit.name << ", unit " << out;
          ASSERT_EQ(bench->res_cycles_o, times.cycles) << unit.name << ", unit " << out;
        }
        if (totals != nullptr) {
          totals->latest = bench.cycle() - begin;
          totals->engine_cycles += bench->res_cycles_o;
          totals->result_cycles = bench->res_cycles_o;
          totals->failed += expected.status == kVerifyFailed ? 1 : 0;
        }
        streaming = !expected.data.empty() && bench->res_drop_i == 0;
        block.clear();
        if (!streaming) ++out;
      } else if (bench->out_valid_o != 0 && bench->out_ready_i != 0) {
        ASSERT_TRUE(streaming) << "bytes of a unit that has none";
        const auto* data = reinterpret_cast<const std::uint8_t*>(bench->out_data_o.data());
        block.insert(block.end(), data, data + 32);
        ASSERT_EQ(bench->out_last_o != 0, block.size() >= expected.data.size()) << units[out].name;
        if (bench->out_last_o != 0) {
          block.resize(expected.data.size());
          const auto differ = std::ranges::mismatch(block, expected.data).in1 - block.begin();
          ASSERT_EQ(differ, static_cast<std::ptrdiff_t>(expected.data.size()))
              << units[out].name << ": the first byte that differs, of " << block.size()
              << (decodes_to(block, units[out].bytes) ? "; decodes" : "; does not decode");
          streaming = false;
          ++out;
        }
      }
      bench.tick();
      if (beat_taken && ++beat == units[in].bytes.size() / 32) {
        beat = 0;
        ++in;
      }
    }
    if (totals != nullptr) totals->cycles = bench.cycle() - begin;
  }

 private:
  model::UnitTimes predict(model::EngineTimeline& timeline, const Unit& unit,
                           const Expected& expected, bool drop) const {
    model::UnitFacts facts;
    facts.size = static_cast<std::uint32_t>(unit.bytes.size());
    facts.skipped = expected.skips;
    facts.limit = unit.limit;
    facts.out_len = drop ? 0 : static_cast<std::uint32_t>(expected.data.size());
    facts.block_leaves = !expected.skips && expected.status == 0;
    std::vector<model::SequenceRow> rows;
    if (!expected.skips) rows = model::find_rows(unit.bytes, config_);
    return timeline.push(rows, facts);
  }

  // Only what stands beside the first beat counts.
  void set_inputs(const Unit& unit, bool first) {
    auto& bench = *this;
    const std::uint64_t noise = first ? 0 : bench.random();
    auto drive = [](auto& port, std::uint64_t value) {
      port = static_cast<std::remove_reference_t<decltype(port)>>(value);
    };
    drive(bench->in_work_i, (unit.work ^ noise) & 3U);
    drive(bench->in_size_i, first ? std::bit_width(unit.bytes.size() / 4096) - 1U : 0U);
    drive(bench->in_limit_i, first ? unit.limit : (noise >> 8U) % 8192);
    drive(bench->in_raw_i, (unit.raw ? 1U : 0U) ^ ((noise >> 4U) & 1U));
    drive(bench->in_verify_i, (unit.verify ? 1U : 0U) ^ ((noise >> 5U) & 1U));
    drive(bench->in_flip_i, (unit.flip ? 1U : 0U) ^ ((noise >> 6U) & 1U));
    drive(bench->in_flip_bit_i, first ? unit.flip_bit : (noise >> 32U) % 32768);
  }
  model::EngineConfig config_;
  bool never_waits_;
};

}  // namespace pagepress::test
