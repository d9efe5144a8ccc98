// SPDX-License-Identifier: Apache-2.0
#include "model/codec/hash_table.hpp"

#include <algorithm>
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

// A product with a matrix is linear: what each byte of a word adds to the hash.
template <class Word>
using ByteTables = std::array<std::array<std::uint16_t, 256>, sizeof(Word)>;

template <class Word, std::size_t kRows>
constexpr ByteTables<Word> make_tables(const std::array<Word, kRows>& mask) {
  ByteTables<Word> tables{};
  for (unsigned byte = 0; byte < sizeof(Word); ++byte) {
    for (unsigned value = 1; value < 256; ++value) {
      // One bit at a time: the value without its lowest one is there already.
      const auto lowest = static_cast<unsigned>(std::countr_zero(value));
      unsigned column = 0;
      for (unsigned row = 0; row < kRows; ++row) {
        column |= static_cast<unsigned>((mask[row] >> (8 * byte + lowest)) & 1U) << row;
      }
      tables[byte][value] = static_cast<std::uint16_t>(tables[byte][value & (value - 1)] ^ column);
    }
  }
  return tables;
}

constexpr auto kShortTables = make_tables(kShortMask);
constexpr auto kLongTables = make_tables(kLongMask);

template <class Word>
unsigned hash(Word word, unsigned bits, const ByteTables<Word>& tables) {
  unsigned index = 0;
  for (const auto& table : tables) {
    index ^= table[word & 0xffU];
    word >>= 8;
  }
  return index & ((1U << bits) - 1);
}

// Positions are served in bit-reversed order, so that losses spread over the window.
unsigned position_of_turn(unsigned turn, unsigned w) {
  unsigned position = 0;
  for (unsigned bit = 1; bit < w; bit <<= 1) position = (position << 1) | ((turn & bit) != 0);
  return position;
}

}  // namespace

unsigned short_hash(std::uint32_t word, unsigned bits) { return hash(word, bits, kShortTables); }
unsigned long_hash(std::uint64_t word, unsigned bits) { return hash(word, bits, kLongTables); }

void HashTable::access(unsigned base, unsigned w, const Lanes& index, Found& found) {
  ++window_;
  for (unsigned turn = 0; turn < w; ++turn) {
    const unsigned i = position_of_turn(turn, w);
    for (unsigned way = 0; way < ways_; ++way) found[way][i] = kNone;
    if (index[i] == kNone) continue;
    std::uint32_t& taken = taken_[index[i] & (banks_ - 1)];
    if (taken == window_) continue;
    taken = window_;
    std::uint32_t* row = &entries_[std::size_t{index[i]} * ways_];
    for (unsigned way = 0; way < ways_; ++way) found[way][i] = row[way];
    std::copy_backward(row, row + ways_ - 1, row + ways_);
    row[0] = base + i;
  }
}

}  // namespace pagepress::model
