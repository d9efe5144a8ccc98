// SPDX-License-Identifier: Apache-2.0
// The reference codec against liblz4 and against its own geometry rules.
#include <gtest/gtest.h>
#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "model/codec/crc32c.hpp"
#include "model/codec/lz4_engine.hpp"
#include "tests/corpus/corpus.hpp"

namespace pagepress::model {
namespace {

using test::NamedPage;

void expect_liblz4_decodes(std::span<const std::uint8_t> unit,
                           const std::vector<std::uint8_t>& block) {
  std::vector<std::uint8_t> back(unit.size());
  const int n = LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()),
                                    reinterpret_cast<char*>(back.data()),
                                    static_cast<int>(block.size()), static_cast<int>(back.size()));
  ASSERT_EQ(n, static_cast<int>(unit.size()));
  ASSERT_EQ(std::memcmp(back.data(), unit.data(), unit.size()), 0);
}

const std::vector<NamedPage>& corpus() {
  static const std::vector<NamedPage> pages = test::all_pages(11);
  return pages;
}

// A unit of 2^log2 bytes: pages of several recipes, the last eighth as the first.
std::vector<std::uint8_t> large_unit(unsigned log2, std::uint64_t seed) {
  const std::vector<NamedPage>& pages = corpus();
  std::vector<std::uint8_t> unit;
  for (std::size_t n = 0; unit.size() < std::size_t{1} << log2; ++n) {
    const test::Page& page = pages[(seed * 31 + n * 7) % pages.size()].bytes;
    unit.insert(unit.end(), page.begin(), page.end());
  }
  const std::size_t part = unit.size() / 8;
  std::memmove(&unit[unit.size() - part], unit.data(), part);
  return unit;
}

class CodecGeometry : public testing::TestWithParam<EngineConfig> {};

TEST_P(CodecGeometry, Liblz4DecodesEveryBlockAndNoneIsBeyondItsBound) {
  for (const NamedPage& page : corpus()) {
    SCOPED_TRACE(page.name);
    const auto block = encode_sequences(page.bytes, find_sequences(page.bytes, GetParam()));
    EXPECT_LE(block.size(), static_cast<std::size_t>(LZ4_COMPRESSBOUND(4096)));
    expect_liblz4_decodes(page.bytes, block);
  }
}

TEST_P(CodecGeometry, SequencesCoverTheUnitAndKeepTheEndOfBlockRules) {
  for (const NamedPage& page : corpus()) {
    unsigned at = 0;
    const auto sequences = find_sequences(page.bytes, GetParam());
    for (std::size_t i = 0; i < sequences.size(); ++i) {
      const Sequence& seq = sequences[i];
      ASSERT_EQ(seq.lit_pos, at) << page.name;
      at += seq.lit_len;
      if (i + 1 == sequences.size()) {
        EXPECT_EQ(seq.match_len, 0) << page.name;
        EXPECT_GE(seq.lit_len, 5) << page.name;
        break;
      }
      ASSERT_GE(seq.match_len, 4) << page.name;
      ASSERT_GE(seq.offset, 1) << page.name;
      ASSERT_LE(seq.offset, at) << page.name;
      ASSERT_LE(at, 4084U) << page.name;
      at += seq.match_len;
      ASSERT_LE(at, 4091U) << page.name;
    }
    EXPECT_EQ(at, 4096U) << page.name;
  }
}

// Rows leave in the cycle of the window whose matches ended what they hold: the match behind
// each of a row's starts there, or up to 7 bytes before, as it is extended backward.
TEST_P(CodecGeometry, RowsAreThoseOfTheirWindows) {
  const EngineConfig& config = GetParam();
  std::size_t longest = 0;
  std::uint32_t farthest_back = 0;
  for (const NamedPage& page : corpus()) {
    SCOPED_TRACE(page.name);
    const auto rows = find_rows(page.bytes, config);
    std::vector<Sequence> all;
    std::vector<std::uint32_t> cycles;  // of each of them
    for (std::size_t r = 0; r < rows.size(); ++r) {
      if (r != 0) ASSERT_GT(rows[r].cycle, rows[r - 1].cycle);
      ASSERT_FALSE(rows[r].sequences.empty());
      ASSERT_LE(rows[r].sequences.size(), config.starts);
      longest = std::max(longest, rows[r].sequences.size());
      all.insert(all.end(), rows[r].sequences.begin(), rows[r].sequences.end());
      cycles.resize(all.size(), rows[r].cycle);
    }
    ASSERT_EQ(rows.back().cycle, 4096 / config.w);
    ASSERT_LE(rows.back().sequences.size(), 2U);  // the open match and the end
    if (&page - corpus().data() < 50) ASSERT_EQ(all, find_sequences(page.bytes, config));
    for (std::size_t i = 0; cycles[i] < 4096 / config.w; ++i) {
      const std::uint32_t next_start = all[i + 1].lit_pos + all[i + 1].lit_len;
      ASSERT_LT(next_start, (cycles[i] + 1) * config.w);
      const std::uint32_t window = cycles[i] * config.w;
      if (next_start < window) farthest_back = std::max(farthest_back, window - next_start);
    }
  }
  // Of short windows the one before mostly finds such a match itself.
  if (config.w > 8) EXPECT_EQ(farthest_back, 7U);
  // A match has 4 bytes or more: in 8 bytes no third one starts.
  EXPECT_EQ(longest, std::min(config.starts, config.w / 4));
}

TEST_P(CodecGeometry, UnitsOfEverySize) {
  for (unsigned log2 = 12; log2 <= 16; ++log2) {
    const std::vector<std::uint8_t> unit = large_unit(log2, log2);
    const auto rows = find_rows(unit, GetParam());
    EXPECT_EQ(rows.back().cycle, unit.size() / GetParam().w);
    const auto block = encode_sequences(unit, find_sequences(unit, GetParam()));
    EXPECT_LE(block.size(),
              static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(unit.size()))));
    expect_liblz4_decodes(unit, block);
  }
}

std::string geometry_name(const testing::TestParamInfo<EngineConfig>& info) {
  const EngineConfig& c = info.param;
  return "W" + std::to_string(c.w) + "_" + std::to_string(c.banks) + "banks_" +
         std::to_string(c.ways) + "x" + std::to_string(c.rows) + "_" + std::to_string(c.long_rows) +
         "_near" + std::to_string(c.near) + "_" + std::to_string(c.units) + "units_" +
         std::to_string(c.starts) + "starts";
}

INSTANTIATE_TEST_SUITE_P(Geometries, CodecGeometry,
                         testing::Values(EngineConfig::of(8), EngineConfig::of(16),
                                         EngineConfig::of(32),
                                         EngineConfig{8, 8, 1, 512, 256, 4, 2, 2},
                                         EngineConfig{8, 32, 2, 4096, 1024, 1, 4, 4},
                                         EngineConfig{16, 16, 1, 1024, 0, 16, 8, 4},
                                         EngineConfig{16, 64, 2, 128, 128, 3, 2, 4},
                                         EngineConfig{32, 32, 1, 2048, 64, 8, 2, 2}),
                         geometry_name);

TEST(Codec, DefaultsAreThoseOfSixteenBytesACycle) {
  EXPECT_EQ(EngineConfig::of(16), EngineConfig{});
  for (const unsigned w : {8U, 16U, 32U}) {
    EXPECT_EQ(EngineConfig::of(w).w, w);
    EXPECT_EQ(EngineConfig::of(w).banks, 2 * w);  // as pp_match_finder's own defaults
    EXPECT_EQ(EngineConfig::of(w).near, w);
  }
  for (const unsigned w : {0U, 4U, 12U, 64U}) {
    EXPECT_THROW((void)EngineConfig::of(w), std::invalid_argument) << w;
  }
}

TEST(Codec, RefusesGeometriesThatTheRtlDoesNotHave) {
  const test::Page page{};
  for (const EngineConfig& bad : {EngineConfig{.w = 4, .near = 4},
                                  EngineConfig{.w = 24},
                                  EngineConfig{.w = 64},
                                  EngineConfig{.banks = 0},
                                  EngineConfig{.banks = 24},
                                  EngineConfig{.banks = 1024},
                                  EngineConfig{.ways = 0},
                                  EngineConfig{.ways = 3},
                                  EngineConfig{.rows = 0},
                                  EngineConfig{.rows = 1000},
                                  EngineConfig{.rows = 32},
                                  EngineConfig{.rows = 8192},
                                  EngineConfig{.long_rows = 1000},
                                  EngineConfig{.long_rows = 32},
                                  EngineConfig{.long_rows = 2048},
                                  EngineConfig{.near = 0},
                                  EngineConfig{.near = 17},
                                  EngineConfig{.units = 0},
                                  EngineConfig{.units = 1},
                                  EngineConfig{.units = 3},
                                  EngineConfig{.units = 16},
                                  EngineConfig{.w = 8, .near = 8, .units = 8},
                                  EngineConfig{.w = 32, .units = 16},
                                  EngineConfig{.starts = 1},
                                  EngineConfig{.starts = 5}}) {
    EXPECT_THROW((void)find_rows(page, bad), std::invalid_argument) << testing::PrintToString(bad);
    EXPECT_THROW((void)find_sequences(page, bad), std::invalid_argument);
  }
}

TEST(Codec, OffsetsReachAcrossTheLargestUnit) {
  for (const unsigned w : {8U, 16U, 32U}) {
    unsigned farthest = 0;
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      const std::vector<std::uint8_t> unit = large_unit(16, seed);
      for (const Sequence& seq : find_sequences(unit, EngineConfig::of(w))) {
        farthest = std::max(farthest, seq.offset);
      }
    }
    EXPECT_GT(farthest, 0x8000U) << w;
  }
}

// Noise is what grows most; matches of four bytes among it cost as much as they save.
TEST(Codec, NoUnitGrowsBeyondLz4sBound) {
  std::vector<std::uint8_t> noise;
  const std::vector<NamedPage> pages = test::random_pages(3, 16 * 8);
  for (std::size_t n = 7; n < pages.size(); n += 8) {  // of 256 symbols
    noise.insert(noise.end(), pages[n].bytes.begin(), pages[n].bytes.end());
  }
  ASSERT_EQ(noise.size(), kMaxUnit);
  for (const unsigned w : {8U, 16U, 32U}) {
    for (std::size_t size = kUnit; size <= kMaxUnit; size *= 2) {
      const auto unit = std::span(noise).first(size);
      const auto block = encode_sequences(unit, find_sequences(unit, EngineConfig::of(w)));
      EXPECT_GT(block.size(), size);
      EXPECT_LE(block.size(), static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(size))));
      expect_liblz4_decodes(unit, block);
    }
  }
}

TEST(Codec, RefusesUnitsOfOtherSizes) {
  const std::vector<std::uint8_t> bytes(131072);
  for (const std::size_t size : {0U, 2048U, 4095U, 6144U, 131072U}) {
    const auto unit = std::span(bytes).first(size);
    EXPECT_THROW((void)compress_unit(unit, 4096), std::invalid_argument);
    EXPECT_THROW((void)find_sequences(unit), std::invalid_argument);
  }
}

TEST(Codec, AUnitsBlockDependsOnNothingElse) {
  const std::vector<NamedPage> pages = test::text_pages(5, 20);
  for (const unsigned w : {8U, 16U, 32U}) {
    const EngineConfig config = EngineConfig::of(w);
    std::vector<EngineResult> first;
    for (const NamedPage& page : pages) first.push_back(compress_unit(page.bytes, 4096, config));
    for (std::size_t n = pages.size(); n-- > 0;) {  // others come before, and in a copy
      const std::vector<std::uint8_t> copy(pages[n].bytes.begin(), pages[n].bytes.end());
      const EngineResult again = compress_unit(copy, 4096, config);
      EXPECT_EQ(again.data, first[n].data) << pages[n].name;
      EXPECT_EQ(again.crc32c, first[n].crc32c) << pages[n].name;
    }
  }
}

TEST(Codec, SameFilledUnitsGiveTheirWord) {
  test::Page page{};
  EXPECT_EQ(compress_unit(page, 3625).status, EngineStatus::kSameFilled);
  EXPECT_EQ(compress_unit(page, 3625).word, 0U);
  for (unsigned i = 0; i < page.size(); ++i) page[i] = static_cast<std::uint8_t>(i % 8);
  const EngineResult result = compress_unit(page, 3625);
  EXPECT_EQ(result.status, EngineStatus::kSameFilled);
  EXPECT_EQ(result.word, 0x0706050403020100ULL);
  EXPECT_EQ(result.out_len, 0U);
}

TEST(Codec, TheLimitIsExact) {
  for (const NamedPage& page : test::text_pages(6, 10)) {
    const auto len = compress_unit(page.bytes, 4096).out_len;
    ASSERT_GT(len, 0U);
    EXPECT_EQ(compress_unit(page.bytes, len).status, EngineStatus::kOk);
    const EngineResult under = compress_unit(page.bytes, len - 1);
    EXPECT_EQ(under.status, EngineStatus::kIncompressible);
    EXPECT_EQ(under.out_len, 0U);
    EXPECT_TRUE(under.data.empty());
  }
}

TEST(Codec, NoLimitLiftsTheOutputAboveAUnit) {
  const NamedPage page = test::random_pages(3, 8).back();  // 256 symbols: noise
  EXPECT_EQ(compress_unit(page.bytes, 100000).status, EngineStatus::kIncompressible);
}

// Blocks of so many pages over those of LZ4_compress_fast at acceleration 1.
double size_against_liblz4(const std::vector<NamedPage>& pages, unsigned w) {
  double engine = 0;
  double software = 0;
  std::vector<char> out(LZ4_COMPRESSBOUND(4096));
  for (const NamedPage& page : pages) {
    const auto sequences = find_sequences(page.bytes, EngineConfig::of(w));
    engine += static_cast<double>(encode_sequences(page.bytes, sequences).size());
    software += LZ4_compress_fast(reinterpret_cast<const char*>(page.bytes.data()), out.data(),
                                  4096, static_cast<int>(out.size()), 1);
  }
  return engine / software;
}

// Each bound is what was measured (0.949, 0.956, 0.965 and 0.845, 0.836, 0.842; seeds move
// it by 0.001) and a point: what costs more than that is a change of the match finder.
TEST(Codec, BlocksAreSmallerThanLiblz4s) {
  const std::vector<NamedPage> text = test::text_pages(8, 200);
  const std::vector<NamedPage> pointers = test::pointer_pages(9, 200);
  EXPECT_LT(size_against_liblz4(text, 8), 0.959);
  EXPECT_LT(size_against_liblz4(text, 16), 0.966);
  EXPECT_LT(size_against_liblz4(text, 32), 0.975);
  EXPECT_LT(size_against_liblz4(pointers, 8), 0.855);
  EXPECT_LT(size_against_liblz4(pointers, 16), 0.846);
  EXPECT_LT(size_against_liblz4(pointers, 32), 0.852);
}

TEST(Codec, NoKindOfPageLosesAgainstLiblz4) {
  for (const unsigned w : {8U, 16U, 32U}) {
    EXPECT_LT(size_against_liblz4(test::random_pages(4, 80), w), 1.0) << w;
    EXPECT_LT(size_against_liblz4(test::periodic_pages(), w), 1.0) << w;
    EXPECT_LT(size_against_liblz4(test::adversarial_pages(4), w), 1.0) << w;
  }
}

TEST(Crc32c, Rfc3720Examples) {
  std::array<std::uint8_t, 32> data{};
  EXPECT_EQ(crc32c(data), 0x8a9136aaU);
  data.fill(0xff);
  EXPECT_EQ(crc32c(data), 0x62a8ab43U);
  for (unsigned i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(crc32c(data), 0x46dd794eU);
}

}  // namespace
}  // namespace pagepress::model
