// SPDX-License-Identifier: Apache-2.0
#include "model/codec/lz_hash.hpp"

#include <bit>

namespace pagepress::model {
namespace {

// Rows of the hash matrices over GF(2); bit b of the hash is the parity of
// word & mask[b]. Drawn at random once, 11 to 14 ones of 32 and 24 to 30 of 64:
// see rtl/lz/pp_lz_pkg.sv, which holds the same numbers.
constexpr std::array<std::uint32_t, kShortHashBits> kShortMask = {
    0x0225bc4d, 0x661416d2, 0xa80a902b, 0xa08940e7, 0xce656824, 0xb7ab0a40,
    0x708c8c8f, 0x211ac277, 0xca735822, 0x2bc10973, 0x06df9805, 0xcb8330e2};
constexpr std::array<std::uint64_t, kLongHashBits> kLongMask = {
    0xcf6892b2b3012252, 0x380d1c3a6a4c0117, 0x880d199a064d06ab, 0xc4d0fd206219bd03,
    0xed9c95c04c7c4206, 0x9c07c6c2019cafb1, 0x6099adc86031d62b, 0xe93dab1503981a41,
    0xb0064745bc43592d, 0x5a038a66c4e44941};

template <class Word, std::size_t kRows>
constexpr unsigned product(const std::array<Word, kRows>& mask, Word word) {
  unsigned hash = 0;
  for (unsigned row = 0; row < kRows; ++row) {
    hash |= (static_cast<unsigned>(std::popcount(mask[row] & word)) & 1U) << row;
  }
  return hash;
}

template <class Word, std::size_t kRows>
constexpr HashParts<Word> make_parts(const std::array<Word, kRows>& mask) {
  HashParts<Word> parts{};
  for (unsigned part = 0; part < sizeof(Word); ++part) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      const Word word = Word{1} << (8 * (sizeof(Word) - 1 - part) + bit);
      parts[1U << bit][part] = static_cast<std::uint16_t>(product(mask, word));
    }
    for (unsigned value = 1; value < 256; ++value) {
      const unsigned rest = value & (value - 1);
      parts[value][part] =
          static_cast<std::uint16_t>(parts[rest][part] ^ parts[value ^ rest][part]);
    }
  }
  return parts;
}

// Row r of a block, which gives bit r, is its byte 7 - r.
template <class Word, std::size_t kRows>
constexpr HashBlocks<Word> make_blocks(const std::array<Word, kRows>& mask) {
  HashBlocks<Word> blocks{};
  for (unsigned row = 0; row < kRows; ++row) {
    for (unsigned byte = 0; byte < sizeof(Word); ++byte) {
      const std::uint64_t ones = (mask[row] >> (8 * byte)) & 0xffU;
      blocks[row / 8][byte] |= ones << (8 * (7 - row % 8));
    }
  }
  return blocks;
}

template <class Word>
unsigned hash(Word word, unsigned bits, const HashParts<Word>& parts) {
  unsigned index = 0;
  for (unsigned byte = 0; byte < sizeof(Word); ++byte) {
    index ^= parts[(word >> (8 * byte)) & 0xffU][sizeof(Word) - 1 - byte];
  }
  return index & ((1U << bits) - 1);
}

}  // namespace

alignas(64) constinit const HashParts<std::uint32_t> kShortHashParts = make_parts(kShortMask);
alignas(64) constinit const HashParts<std::uint64_t> kLongHashParts = make_parts(kLongMask);
constinit const HashBlocks<std::uint32_t> kShortHashBlocks = make_blocks(kShortMask);
constinit const HashBlocks<std::uint64_t> kLongHashBlocks = make_blocks(kLongMask);

unsigned short_hash(std::uint32_t word, unsigned bits) { return hash(word, bits, kShortHashParts); }
unsigned long_hash(std::uint64_t word, unsigned bits) { return hash(word, bits, kLongHashParts); }

}  // namespace pagepress::model
