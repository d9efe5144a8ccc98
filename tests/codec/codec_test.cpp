// SPDX-License-Identifier: Apache-2.0
// The reference codec against liblz4 and against its own geometry rules.
#include <gtest/gtest.h>
#include <lz4.h>

#include <algorithm>
#include <cstring>
#include <span>
#include <stdexcept>

#include "model/codec/crc32c.hpp"
#include "model/codec/lz4_engine.hpp"
#include "tests/corpus/corpus.hpp"

namespace pagepress::model {
namespace {

using test::NamedPage;

void expect_liblz4_decodes(const NamedPage& page, const std::vector<std::uint8_t>& block) {
  test::Page back{};
  const int n = LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()),
                                    reinterpret_cast<char*>(back.data()),
                                    static_cast<int>(block.size()), static_cast<int>(back.size()));
  ASSERT_EQ(n, 4096) << page.name;
  ASSERT_EQ(std::memcmp(back.data(), page.bytes.data(), back.size()), 0) << page.name;
}

class CodecGeometry : public testing::TestWithParam<EngineConfig> {};

TEST_P(CodecGeometry, Liblz4DecodesEveryBlock) {
  for (const NamedPage& page : test::all_pages(11)) {
    const auto sequences = find_sequences(page.bytes, GetParam());
    expect_liblz4_decodes(page, encode_sequences(page.bytes, sequences));
  }
}

TEST_P(CodecGeometry, BlocksStayWithinLz4sBound) {
  for (const NamedPage& page : test::all_pages(12)) {
    const auto block = encode_sequences(page.bytes, find_sequences(page.bytes, GetParam()));
    EXPECT_LE(block.size(), static_cast<std::size_t>(LZ4_COMPRESSBOUND(4096))) << page.name;
  }
}

TEST_P(CodecGeometry, SequencesCoverTheUnitAndKeepTheEndOfBlockRules) {
  for (const NamedPage& page : test::all_pages(13)) {
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

INSTANTIATE_TEST_SUITE_P(Geometries, CodecGeometry,
                         testing::Values(EngineConfig{}, EngineConfig{8, 8, 512, 256, 4},
                                         EngineConfig{8, 32, 2048, 1024, 8},
                                         EngineConfig{16, 32, 1024, 512, 16}),
                         [](const auto& param) {
                           return "W" + std::to_string(param.param.w) + "_" +
                                  std::to_string(param.param.entries) + "entries";
                         });

TEST(Codec, RefusesGeometriesThatTheRtlDoesNotHave) {
  const test::Page page{};
  for (const EngineConfig& bad :
       {EngineConfig{4, 16, 1024, 512, 4}, EngineConfig{8, 12, 1024, 512, 8},
        EngineConfig{8, 16, 1000, 512, 8}, EngineConfig{8, 16, 16, 512, 8},
        EngineConfig{8, 16, 8192, 512, 8}, EngineConfig{8, 16, 1024, 512, 9},
        EngineConfig{8, 16, 1024, 512, 0}, EngineConfig{8, 16, 1024, 2048, 8},
        EngineConfig{8, 16, 1024, 16, 8}}) {
    EXPECT_THROW((void)find_sequences(page, bad), std::invalid_argument);
  }
}

// A unit of 2^log2 bytes: pages of several recipes, the last quarter as the first.
std::vector<std::uint8_t> large_unit(unsigned log2, std::uint64_t seed) {
  const std::vector<NamedPage> pages = test::all_pages(seed);
  std::vector<std::uint8_t> unit;
  for (std::size_t n = 0; unit.size() < std::size_t{1} << log2; ++n) {
    const test::Page& page = pages[(seed * 31 + n * 7) % pages.size()].bytes;
    unit.insert(unit.end(), page.begin(), page.end());
  }
  const std::size_t part = unit.size() / 8;
  std::memmove(&unit[unit.size() - part], unit.data(), part);
  return unit;
}

TEST(Codec, Liblz4DecodesUnitsOfEverySize) {
  unsigned farthest = 0;
  for (unsigned log2 = 12; log2 <= 16; ++log2) {
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      const std::vector<std::uint8_t> unit = large_unit(log2, seed);
      const auto sequences = find_sequences(unit);
      for (const Sequence& seq : sequences) farthest = std::max(farthest, seq.offset);
      const auto block = encode_sequences(unit, sequences);
      std::vector<std::uint8_t> back(unit.size());
      ASSERT_EQ(LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()),
                                    reinterpret_cast<char*>(back.data()),
                                    static_cast<int>(block.size()), static_cast<int>(back.size())),
                static_cast<int>(unit.size()));
      ASSERT_EQ(back, unit);
    }
  }
  EXPECT_GT(farthest, 0x8000U);
}

TEST(Codec, RefusesUnitsOfOtherSizes) {
  const std::vector<std::uint8_t> bytes(131072);
  for (const std::size_t size : {0U, 2048U, 4095U, 6144U, 131072U}) {
    const auto unit = std::span(bytes).first(size);
    EXPECT_THROW((void)compress_unit(unit, 4096), std::invalid_argument);
    EXPECT_THROW((void)find_sequences(unit), std::invalid_argument);
  }
}

TEST(Codec, TheSamePageGivesTheSameBlock) {
  for (const NamedPage& page : test::text_pages(5, 20)) {
    EXPECT_EQ(compress_unit(page.bytes, 4096).data, compress_unit(page.bytes, 4096).data);
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

TEST(Codec, LosesLittleAgainstLiblz4) {
  double engine = 0;
  double software = 0;
  std::vector<NamedPage> pages = test::text_pages(8, 200);
  for (NamedPage& page : test::pointer_pages(9, 200)) pages.push_back(page);
  std::vector<char> out(LZ4_COMPRESSBOUND(4096));
  for (const NamedPage& page : pages) {
    engine += static_cast<double>(encode_sequences(page.bytes, find_sequences(page.bytes)).size());
    software += LZ4_compress_fast(reinterpret_cast<const char*>(page.bytes.data()), out.data(),
                                  4096, static_cast<int>(out.size()), 1);
  }
  EXPECT_LT(engine, 1.03 * software);
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
