// SPDX-License-Identifier: Apache-2.0
// The reference decoder against liblz4's LZ4_decompress_safe: the same verdict and the same
// bytes, for good blocks, made-up ones and broken ones, at every capacity around the limits.
#include <gtest/gtest.h>
#include <lz4.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <random>
#include <span>
#include <vector>

#include "model/codec/crc32c.hpp"
#include "model/codec/decoder_cycles.hpp"
#include "model/codec/lz4_decoder.hpp"
#include "model/codec/lz4_engine.hpp"
#include "tests/codec/block_maker.hpp"
#include "tests/codec/sequence_writer.hpp"
#include "tests/corpus/corpus.hpp"

namespace pagepress::model {
namespace {

using test::Block;
using test::BlockMaker;
using test::SequenceWriter;

std::optional<std::vector<std::uint8_t>> liblz4(std::span<const std::uint8_t> block,
                                                std::size_t capacity) {
  std::vector<std::uint8_t> out(capacity + 1, 0xa5);  // data() must not be null
  const int n = LZ4_decompress_safe(reinterpret_cast<const char*>(block.data()),
                                    reinterpret_cast<char*>(out.data()),
                                    static_cast<int>(block.size()), static_cast<int>(capacity));
  if (n < 0) return std::nullopt;
  out.resize(static_cast<std::size_t>(n));
  return out;
}

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

struct Verdicts {
  unsigned accepted = 0;
  unsigned rejected = 0;
};

void compare(const Block& block, Verdicts& verdicts) {
  const auto expected = liblz4(block.bytes, block.capacity);
  const auto got = decode_block(block.bytes, block.capacity);
  ++(expected ? verdicts.accepted : verdicts.rejected);
  ASSERT_EQ(got.has_value(), expected.has_value())
      << block.name << " capacity " << block.capacity << " " << hex(block.bytes);
  ASSERT_EQ(got, expected) << block.name << " " << hex(block.bytes);
}

void fuzz(std::uint64_t seed, std::size_t unit, unsigned rounds) {
  BlockMaker maker(seed, unit, unit + unit / 255 + 16);
  Verdicts verdicts;
  for (unsigned n = 0; n < rounds; ++n) ASSERT_NO_FATAL_FAILURE(compare(maker.next(), verdicts));
  EXPECT_GT(verdicts.accepted, rounds / 5);
  EXPECT_GT(verdicts.rejected, rounds / 5);
}

TEST(Decoder, AgreesWithLiblz4OnSmallUnits) { fuzz(1, 200, 400'000); }
TEST(Decoder, AgreesWithLiblz4OnPages) { fuzz(2, 4096, 100'000); }
TEST(Decoder, AgreesWithLiblz4OnLargeUnits) { fuzz(3, 65536, 6'000); }

// The cycle model reads a block on its own, looking at the input only: another way to the same
// verdict. Its streams' times do not depend on what follows.
TEST(DecoderTimeline, JudgesAsTheDecoderDoes) {
  BlockMaker maker(7, 4096, 4096 + 32);
  DecoderTimeline timeline;
  std::uint64_t offered = 0;
  for (unsigned n = 0; n < 20'000; ++n) {
    const Block block = maker.next();
    const auto data = decode_block(block.bytes, block.capacity);
    const DecodeTimes times = timeline.push(block.bytes, block.capacity);
    ASSERT_EQ(times.malformed, !data.has_value()) << block.name << " " << hex(block.bytes);
    ASSERT_EQ(times.out_len, data ? data->size() : 0) << block.name;
    ASSERT_GT(times.offered, offered);
    offered = times.offered;
  }
}

TEST(DecoderTimeline, JudgesMiddleSequencesInEverySlot) {
  BlockMaker maker(8, 4096, 4096 + 32);
  DecoderTimeline timeline;
  Verdicts verdicts;
  for (unsigned n = 0; n < 100'000; ++n) {
    const Block block = maker.middle();
    ASSERT_NO_FATAL_FAILURE(compare(block, verdicts));
    const auto data = decode_block(block.bytes, block.capacity);
    const DecodeTimes times = timeline.push(block.bytes, block.capacity);
    ASSERT_EQ(times.malformed, !data.has_value()) << hex(block.bytes);
    ASSERT_EQ(times.out_len, data ? data->size() : 0) << hex(block.bytes);
  }
  EXPECT_GT(verdicts.accepted, 20'000U);
  EXPECT_GT(verdicts.rejected, 20'000U);
}

TEST(DecoderTimeline, ABlockAloneTakesWhatANewStreamsFirstOneTakes) {
  BlockMaker maker(8, 4096, 4096 + 32);
  for (unsigned n = 0; n < 3'000; ++n) {
    const Block block = maker.next();
    const bool drained = n % 3 != 0;
    const DecodeTimes alone = DecoderTimeline::alone(block.bytes, block.capacity, drained);
    const DecodeTimes first = DecoderTimeline().push(block.bytes, block.capacity, drained);
    ASSERT_EQ(alone, first) << block.name << " " << hex(block.bytes);
  }
}

// No row of output but one a cycle; and the worst that a block can do (docs/decoder.md).
// A unit given a beat at a time: its beats are offered from these cycles on.
struct Given {
  Block block;
  std::uint64_t buffer_free = 0;
  std::vector<std::uint64_t> from;

  [[nodiscard]] std::span<const std::uint8_t> beat(std::size_t n) const {
    const std::span<const std::uint8_t> bytes(block.bytes);
    return bytes.subspan(32 * n, std::min<std::size_t>(32, bytes.size() - 32 * n));
  }
  [[nodiscard]] std::size_t beats() const { return (block.bytes.size() + 31) / 32; }
};

// Units back to back, shortly behind each other and far apart; asked for times after each one.
std::vector<Given> give(BlockMaker& blocks, std::mt19937_64& random,
                        std::vector<DecodeTimes>& times) {
  DecoderTimeline timeline;
  std::vector<Given> units;
  std::uint64_t taken = 0;
  for (std::size_t n = 0; n < 12; ++n) {
    Given& unit = units.emplace_back(Given{blocks.next(), 0, {}});
    if (n >= 2) unit.buffer_free = times[n - 2].offered + random() % 100;
    timeline.begin(unit.block.bytes.size(), unit.block.capacity, unit.buffer_free);
    taken += std::array<std::uint64_t, 3>{0, random() % 40, random() % 400}[random() % 3];
    for (std::size_t beat = 0; beat < unit.beats(); ++beat) {
      unit.from.push_back(taken + 1 + (random() % 4 == 0 ? random() % 9 : 0));
      taken = timeline.take(unit.beat(beat), unit.from.back());
    }
    times.push_back(timeline.end());
  }
  return units;
}

TEST(DecoderTimeline, ToAskForTimesChangesNothing) {
  BlockMaker blocks(7, 4096, 600);
  std::mt19937_64 random(7);
  for (unsigned round = 0; round < 300; ++round) {
    std::vector<DecodeTimes> times;
    const std::vector<Given> units = give(blocks, random, times);
    for (std::size_t last = 0; last < units.size(); ++last) {
      DecoderTimeline timeline;  // not asked before
      for (std::size_t n = 0; n <= last; ++n) {
        const Given& unit = units[n];
        timeline.begin(unit.block.bytes.size(), unit.block.capacity, unit.buffer_free);
        for (std::size_t beat = 0; beat < unit.beats(); ++beat) {
          timeline.take(unit.beat(beat), unit.from[beat]);
        }
      }
      ASSERT_EQ(timeline.end(), times[last]) << "round " << round << ", unit " << last;
    }
  }
}

TEST(DecoderTimeline, KeepsItsLimits) {
  const auto repeated = [](std::size_t lit, std::size_t match, std::size_t bytes) {
    SequenceWriter writer;
    while (writer.out_len() + lit + match + 12 <= bytes) {
      writer.literals(lit, SequenceWriter::nibble(match), [](std::size_t) { return 'x'; });
      writer.match(match, writer.out_len() == 0 ? 0 : 1);
    }
    writer.literals(bytes - writer.out_len(), 0, [](std::size_t) { return 'y'; });
    return writer.bytes();
  };
  double worst = 32;
  for (const std::size_t lit : {0U, 1U, 2U, 5U, 14U, 15U, 22U, 23U, 40U, 100U, 200U}) {
    for (const std::size_t match : {4U, 5U, 8U, 18U}) {
      const DecodeResult result = decompress_block(repeated(lit, match, 65536), 65536);
      ASSERT_EQ(result.status, DecodeStatus::kOk) << lit << " " << match;
      const double speed = 65536.0 / result.cycles;
      EXPECT_LE(speed, 32.0) << lit << " " << match;
      worst = std::min(worst, speed);
    }
  }
  EXPECT_GT(worst, 15.0);
}

TEST(Decoder, AgreesWithLiblz4AtEveryCapacity) {
  BlockMaker maker(4, 300, 400);
  Verdicts verdicts;
  for (unsigned n = 0; n < 600; ++n) {
    Block block = maker.next();
    for (block.capacity = 0; block.capacity <= 330; ++block.capacity) {
      ASSERT_NO_FATAL_FAILURE(compare(block, verdicts));
    }
  }
  EXPECT_GT(verdicts.accepted, 10'000U);
  EXPECT_GT(verdicts.rejected, 10'000U);
}

TEST(Decoder, AgreesWithLiblz4OnEveryBlockOfOneAndTwoBytes) {
  Verdicts verdicts;
  for (unsigned word = 0; word < 0x10000; ++word) {
    for (const std::size_t capacity : {0U, 1U, 2U, 64U}) {
      const auto low = static_cast<std::uint8_t>(word);
      const auto high = static_cast<std::uint8_t>(word >> 8);
      ASSERT_NO_FATAL_FAILURE(compare({"two bytes", {low, high}, capacity}, verdicts));
      if (high == 0) ASSERT_NO_FATAL_FAILURE(compare({"one byte", {low}, capacity}, verdicts));
    }
  }
}

TEST(Decoder, AgreesWithLiblz4OnEveryTruncation) {
  BlockMaker maker(5, 700, 800);
  Verdicts verdicts;
  for (unsigned n = 0; n < 500; ++n) {
    Block block = maker.next();
    while (block.bytes.size() > 1) {
      block.bytes.pop_back();
      ASSERT_NO_FATAL_FAILURE(compare(block, verdicts));
    }
  }
}

TEST(Decoder, GivesBackWhatTheEngineCompressed) {
  for (const test::NamedPage& page : test::all_pages(6)) {
    const auto block = encode_sequences(page.bytes, find_sequences(page.bytes));
    const auto got = decode_block(block, page.bytes.size());
    ASSERT_TRUE(got.has_value()) << page.name;
    ASSERT_EQ(std::memcmp(got->data(), page.bytes.data(), page.bytes.size()), 0) << page.name;
    ASSERT_FALSE(decode_block(block, page.bytes.size() - 1).has_value()) << page.name;
  }
}

TEST(Decoder, ComparesAndFlipsOnlyWhatItGivesOut) {
  const std::vector<std::uint8_t> block{0x50, 'h', 'e', 'l', 'l', 'o'};
  const std::vector<std::uint8_t> hello{'h', 'e', 'l', 'l', 'o'};
  const std::uint32_t crc = crc32c(hello);
  EXPECT_EQ(decompress_block(block, 5, {crc, {}}).data, hello);
  EXPECT_EQ(decompress_block(block, 5).crc32c, crc);
  EXPECT_EQ(decompress_block(block, 5, {crc, 40}).data, hello);  // beyond the end
  const DecodeResult flipped = decompress_block(block, 5, {{}, 8});
  EXPECT_EQ(flipped.data, (std::vector<std::uint8_t>{'h', 'd', 'l', 'l', 'o'}));
  const DecodeResult caught = decompress_block(block, 5, {crc, 8});
  EXPECT_EQ(caught.status, DecodeStatus::kVerifyFailed);
  EXPECT_EQ(caught.out_len, 0U);
  EXPECT_EQ(caught.crc32c, flipped.crc32c);
  const DecodeResult bad = decompress_block(block, 4, {crc, {}});
  EXPECT_EQ(bad.status, DecodeStatus::kMalformed);
  EXPECT_EQ(bad.crc32c, 0U);
}

}  // namespace
}  // namespace pagepress::model
