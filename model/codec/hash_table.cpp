// SPDX-License-Identifier: Apache-2.0
#include "model/codec/hash_table.hpp"

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
unsigned hash(Word word, unsigned bits, const std::array<Word, kRows>& mask) {
  unsigned index = 0;
  for (unsigned bit = 0; bit < bits; ++bit) {
    index |= (static_cast<unsigned>(std::popcount(word & mask[bit])) & 1U) << bit;
  }
  return index;
}

// Positions are served in bit-reversed order, so that losses spread over the window.
unsigned bit_reversed(unsigned value, unsigned bits) {
  unsigned reversed = 0;
  for (unsigned bit = 0; bit < bits; ++bit) reversed |= ((value >> bit) & 1U) << (bits - 1 - bit);
  return reversed;
}

}  // namespace

unsigned short_hash(std::uint32_t word, unsigned bits) { return hash(word, bits, kShortMask); }
unsigned long_hash(std::uint64_t word, unsigned bits) { return hash(word, bits, kLongMask); }

std::vector<std::optional<unsigned>> HashTable::access(
    unsigned base, std::span<const std::optional<unsigned>> index) {
  const auto w = static_cast<unsigned>(index.size());
  const auto log2_w = static_cast<unsigned>(std::bit_width(w)) - 1;
  std::vector<std::optional<unsigned>> winner(banks_);  // the position that has the bank
  std::vector<std::optional<unsigned>> found(w);
  for (unsigned turn = 0; turn < w; ++turn) {
    const unsigned i = bit_reversed(turn, log2_w);
    if (!index[i]) continue;
    auto& holder = winner[*index[i] & (banks_ - 1)];
    if (!holder) holder = i;
    // A position that wants another row of a taken bank is dropped.
    if (index[*holder] == index[i]) found[i] = entries_[*index[i]];
  }
  for (const auto& i : winner) {
    if (i) entries_[*index[*i]] = base + *i;
  }
  return found;
}

}  // namespace pagepress::model
