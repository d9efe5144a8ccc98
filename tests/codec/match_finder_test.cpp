// SPDX-License-Identifier: Apache-2.0
// The match finder, which works on whole windows, against the plain one that goes position by
// position: the same rows for every unit and geometry. And the parts that it is made of against a
// loop over bytes.
//
//   PP_CODEC_PAGES=FILE:FILE... test_match_finder    compares the pages of these files too
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "model/codec/byte_lanes.hpp"
#include "model/codec/crc32c.hpp"
#include "model/codec/lz4_engine.hpp"
#include "model/codec/lz_hash.hpp"
#include "model/codec/plain_match_finder.hpp"
#include "tests/corpus/corpus.hpp"

namespace pagepress::model {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Random = std::mt19937_64;

const std::vector<Bytes>& pages() {
  static const std::vector<Bytes> all = [] {
    std::vector<Bytes> bytes;
    for (const test::NamedPage& page : test::all_pages(31)) {
      bytes.emplace_back(page.bytes.begin(), page.bytes.end());
    }
    return bytes;
  }();
  return all;
}

// What makes matches end and begin elsewhere: bytes changed, pieces copied, few symbols.
void mutate(Bytes& unit, Random& random) {
  const auto below = [&random](std::size_t n) { return random() % n; };
  const auto copy_pieces = [&](std::size_t pieces, std::size_t longest) {
    for (; pieces != 0; --pieces) {
      const std::size_t n = 1 + below(longest);
      std::memmove(&unit[below(unit.size() - n)], &unit[below(unit.size() - n)], n);
    }
  };
  switch (below(4)) {
    case 0:
      for (std::size_t n = 1 + below(40); n != 0; --n) {
        unit[below(unit.size())] = static_cast<std::uint8_t>(random());
      }
      break;
    case 1:
      copy_pieces(1 + below(10), 400);
      break;
    case 2: {
      const std::size_t symbols = 1 + below(4);
      for (std::uint8_t& byte : unit) byte = static_cast<std::uint8_t>(below(symbols));
      copy_pieces(below(60), 100);
      break;
    }
    default:
      for (std::uint8_t& byte : unit) byte = static_cast<std::uint8_t>(random());
      copy_pieces(below(200), 60);
  }
}

void expect_plain_rows(Lz4Engine& engine, const Bytes& unit) {
  const std::vector<SequenceRow> expected = plain_find_rows(unit, engine.config());
  const std::vector<SequenceRow>& rows = engine.find_rows(unit);
  ASSERT_EQ(rows.size(), expected.size());
  for (std::size_t n = 0; n < rows.size(); ++n) {
    ASSERT_EQ(rows[n].cycle, expected[n].cycle) << "row " << n;
    ASSERT_EQ(rows[n].sequences, expected[n].sequences) << "row " << n << ", " << rows[n].cycle;
  }
}

class MatchFinderGeometry : public testing::TestWithParam<EngineConfig> {
 protected:
  Lz4Engine engine_{GetParam()};
};

TEST_P(MatchFinderGeometry, GivesThePlainOnesRowsOfEveryPage) {
  for (std::size_t n = 0; n < pages().size(); ++n) {
    SCOPED_TRACE(n);
    ASSERT_NO_FATAL_FAILURE(expect_plain_rows(engine_, pages()[n]));
  }
}

TEST_P(MatchFinderGeometry, GivesThePlainOnesRowsOfMutatedUnits) {
  Random random(GetParam().w + GetParam().banks);
  for (unsigned round = 0; round < 400; ++round) {
    SCOPED_TRACE(round);
    Bytes unit;
    const std::size_t size = round % 50 == 0 ? kUnit << random() % 5 : kUnit;
    while (unit.size() < size) {
      const Bytes& page = pages()[random() % pages().size()];
      unit.insert(unit.end(), page.begin(), page.end());
    }
    mutate(unit, random);
    ASSERT_NO_FATAL_FAILURE(expect_plain_rows(engine_, unit));
  }
}

TEST_P(MatchFinderGeometry, GivesThePlainOnesRowsOfPageFiles) {
  const char* const files = std::getenv("PP_CODEC_PAGES");
  if (files == nullptr) GTEST_SKIP() << "PP_CODEC_PAGES names no page files";
  std::istringstream names(files);
  for (std::string name; std::getline(names, name, ':');) {
    std::ifstream file(name, std::ios::binary);
    ASSERT_TRUE(file.is_open()) << name;
    Bytes page(kUnit);
    for (std::size_t n = 0; file.read(reinterpret_cast<char*>(page.data()), kUnit); ++n) {
      SCOPED_TRACE(name + ", page " + std::to_string(n));
      ASSERT_NO_FATAL_FAILURE(expect_plain_rows(engine_, page));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Geometries, MatchFinderGeometry,
                         testing::Values(EngineConfig::of(8), EngineConfig::of(16),
                                         EngineConfig::of(32),
                                         EngineConfig{8, 8, 1, 512, 256, 4, 2, 2},
                                         EngineConfig{8, 1, 1, 2, 2, 8, 4, 4},
                                         EngineConfig{8, 32, 2, 4096, 1024, 1, 4, 4},
                                         EngineConfig{16, 16, 1, 1024, 0, 16, 8, 4},
                                         EngineConfig{16, 512, 2, 1024, 1024, 16, 8, 2},
                                         EngineConfig{16, 64, 2, 128, 128, 3, 2, 4},
                                         EngineConfig{32, 2, 2, 4096, 0, 32, 8, 4},
                                         EngineConfig{32, 32, 1, 2048, 64, 8, 2, 2}));

TEST(Lz4Engine, AnswersAsForASingleUnitWhateverCameBefore) {
  Lz4Engine engine;
  EngineResult result;
  Random random(3);
  for (const Bytes& page : pages()) {
    const auto limit = static_cast<std::uint32_t>(random() % 2 == 0 ? kUnit : random() % kUnit);
    engine.compress(page, limit, result);
    const EngineResult expected = compress_unit(page, limit);
    ASSERT_EQ(result.status, expected.status);
    ASSERT_EQ(result.out_len, expected.out_len);
    ASSERT_EQ(result.crc32c, expected.crc32c);
    ASSERT_EQ(result.word, expected.word);
    ASSERT_EQ(result.cycles, expected.cycles);
    ASSERT_EQ(result.latency, expected.latency);
    ASSERT_EQ(result.data, expected.data);
  }
}

// RollingHash against the hash of each word by itself, the text's end included.
TEST(LzHash, RollsAsItHashesWords) {
  Random random(4);
  Bytes text(kUnit + 8);
  for (std::uint8_t& byte : text) byte = static_cast<std::uint8_t>(random());
  RollingHash rolling(text.data());
  for (std::size_t at = 0; at < kUnit; at += 16) {
    std::array<std::uint16_t, 16> short_hashes;
    std::array<std::uint16_t, 16> long_hashes;
    rolling.next<16>(short_hashes, long_hashes);
    for (std::size_t n = 0; n < 16; ++n) {
      std::uint64_t word = 0;
      std::memcpy(&word, &text[at + n], sizeof word);
      ASSERT_EQ(short_hashes[n], short_hash(static_cast<std::uint32_t>(word), kShortHashBits));
      ASSERT_EQ(long_hashes[n], long_hash(word, kLongHashBits));
    }
  }
}

template <class Lanes>
class ByteLanesTest : public testing::Test {};
using BothWidths = testing::Types<ByteLanes<16>, ByteLanes<32>>;

struct WidthName {
  template <class Lanes>
  static std::string GetName(int /*index*/) {
    return std::to_string(sizeof(Lanes));
  }
};
TYPED_TEST_SUITE(ByteLanesTest, BothWidths, WidthName);

TYPED_TEST(ByteLanesTest, DoesInEveryLaneWhatItDoesInOne) {
  constexpr unsigned kCount = sizeof(TypeParam);
  using Array = std::array<std::uint8_t, kCount>;
  Random random(5);
  for (unsigned round = 0; round < 2000; ++round) {
    Array a;
    Array b;
    const bool near = round % 2 == 0;  // so that some are equal
    for (std::uint8_t& lane : a) lane = static_cast<std::uint8_t>(random());
    for (unsigned n = 0; n < kCount; ++n) {
      b[n] = static_cast<std::uint8_t>(near ? a[n] + random() % 3 - 1 : random());
    }
    const TypeParam left = TypeParam::load(a.data());
    const TypeParam right = TypeParam::load(b.data());
    const auto expect = [&](const TypeParam& lanes, auto of_lane) {
      Array got;
      lanes.store(got.data());
      for (unsigned n = 0; n < kCount; ++n) {
        ASSERT_EQ(got[n], static_cast<std::uint8_t>(of_lane(n))) << n;
      }
    };
    const auto mask = [](bool holds) { return holds ? 255 : 0; };
    expect(left + right, [&](unsigned n) { return a[n] + b[n]; });
    expect(left - right, [&](unsigned n) { return a[n] - b[n]; });
    expect(left & right, [&](unsigned n) { return a[n] & b[n]; });
    expect(left | right, [&](unsigned n) { return a[n] | b[n]; });
    expect(~left, [&](unsigned n) { return ~a[n]; });
    expect(min(left, right), [&](unsigned n) { return std::min(a[n], b[n]); });
    expect(max(left, right), [&](unsigned n) { return std::max(a[n], b[n]); });
    expect(equal(left, right), [&](unsigned n) { return mask(a[n] == b[n]); });
    expect(less(left, right), [&](unsigned n) { return mask(a[n] < b[n]); });
    expect(select(less(left, right), left, right),
           [&](unsigned n) { return std::min(a[n], b[n]); });
    expect(left.template down<1>(7), [&](unsigned n) { return n + 1 < kCount ? a[n + 1] : 7; });
    expect(left.template down<8>(255), [&](unsigned n) { return n + 8 < kCount ? a[n + 8] : 255; });
    expect(TypeParam::all(a[0]), [&](unsigned) { return a[0]; });
    expect(TypeParam::numbers(), [](unsigned n) { return n; });
    std::uint32_t bits = 0;
    for (unsigned n = 0; n < kCount; ++n) bits |= static_cast<std::uint32_t>(a[n] >> 7) << n;
    ASSERT_EQ(left.bits(), bits);
    ASSERT_EQ(left.portable_bits(), bits);
    expect(TypeParam::of_bits(bits), [&](unsigned n) { return mask(a[n] >= 128); });
    ASSERT_EQ(left[round % kCount], a[round % kCount]);
  }
}

// Eight bytes at once against the definition, bit by bit.
TEST(Crc32c, OfEveryLengthAndAtEveryAddress) {
  Bytes data(96);
  Random random(6);
  for (std::uint8_t& byte : data) byte = static_cast<std::uint8_t>(random());
  for (std::size_t from = 0; from < 8; ++from) {
    for (std::size_t size = 0; size <= 80; ++size) {
      const auto part = std::span(data).subspan(from, size);
      std::uint32_t crc = ~0U;
      for (const std::uint8_t byte : part) {
        crc ^= byte;
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0x82f63b78U : 0U);
      }
      ASSERT_EQ(crc32c(part), ~crc) << from << ", " << size;
    }
  }
}

}  // namespace
}  // namespace pagepress::model
