// SPDX-License-Identifier: Apache-2.0
// The hashes of the match finder (rtl/lz/pp_lz_pkg.sv): of a 4-byte word for the short table,
// of an 8-byte word for the long one; `bits` wide. Both are products with a random matrix
// over GF(2).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace pagepress::model {

inline constexpr unsigned kShortHashBits = 12;  // the widest that the matrices give
inline constexpr unsigned kLongHashBits = 10;

[[nodiscard]] unsigned short_hash(std::uint32_t word, unsigned bits);
[[nodiscard]] unsigned long_hash(std::uint64_t word, unsigned bits);

// For each value of a byte what it adds to the hashes of the words that it is in: part k is that
// of the word whose last byte but k it is.
template <class Word>
using HashParts = std::array<std::array<std::uint16_t, sizeof(Word)>, 256>;
extern const HashParts<std::uint32_t> kShortHashParts;
extern const HashParts<std::uint64_t> kLongHashParts;

// The same matrices in blocks of 8 x 8, as GF2P8AFFINEQB takes them: block [h][k] gives what byte k
// of a word, the lowest first, adds to byte h of its hash.
template <class Word>
using HashBlocks = std::array<std::array<std::uint64_t, sizeof(Word)>, sizeof(std::uint16_t)>;
extern const HashBlocks<std::uint32_t> kShortHashBlocks;
extern const HashBlocks<std::uint64_t> kLongHashBlocks;

// Both hashes of every position of a unit, in order. A product with a matrix is linear: each byte
// adds its part to the hashes of all words that it is in, so that a position costs one
// look-up in each of two tables instead of twelve.
class RollingHash {
 public:
  RollingHash() = default;  // of nothing
  // The hashes of the positions from `text` on; 7 bytes behind the last one asked for are read.
  explicit RollingHash(const std::uint8_t* text) : text_(text) {
    for (unsigned n = 0; n + 1 < sizeof(std::uint32_t); ++n) short_ = with_short(short_, text[n]);
    for (unsigned n = 0; n + 1 < sizeof(std::uint64_t); ++n) long_ = with_long(long_, text[n]);
  }

  // Those of the next kCount positions, as wide as the matrices give.
  template <unsigned kCount>
  [[gnu::always_inline]] void next(std::array<std::uint16_t, kCount>& short_hashes,
                                   std::array<std::uint16_t, kCount>& long_hashes) {
    // In copies, so that what is stored does not stand between them and registers.
    const std::uint8_t* const text = text_;
    std::uint64_t short_parts = short_;
    Parts long_parts = long_;
#pragma GCC unroll 8
    for (unsigned n = 0; n < kCount; ++n) {
      short_parts = with_short(short_parts, text[n + sizeof(std::uint32_t) - 1]);
      long_parts = with_long(long_parts, text[n + sizeof(std::uint64_t) - 1]);
      short_hashes[n] = static_cast<std::uint16_t>(short_parts);
      long_hashes[n] = static_cast<std::uint16_t>(long_parts[0]);
    }
    text_ = text + kCount;
    short_ = short_parts;
    long_ = long_parts;
  }

 private:
  using Parts [[gnu::vector_size(16)]] = std::uint16_t;  // of eight positions, the oldest first

  static std::uint64_t with_short(std::uint64_t parts, unsigned byte) {
    return (parts >> 16) ^ std::bit_cast<std::uint64_t>(kShortHashParts[byte]);
  }
  static Parts with_long(const Parts& parts, unsigned byte) {
    return __builtin_shufflevector(parts, Parts{}, 1, 2, 3, 4, 5, 6, 7, 8) ^
           std::bit_cast<Parts>(kLongHashParts[byte]);
  }

  const std::uint8_t* text_ = nullptr;
  std::uint64_t short_ = 0;  // parts of four positions, the oldest lowest
  Parts long_{};
};

}  // namespace pagepress::model
