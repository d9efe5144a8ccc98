// SPDX-License-Identifier: Apache-2.0
// One hash table of the match finder (rtl/lz/pp_hash_table.sv): banks, arbitration, ways.
//
// Limitation: a table lives for one unit; the RTL tells units apart by epochs instead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pagepress::model {

// The hash of a 4-byte word for the short table, of an 8-byte word for the long one;
// `bits` wide. Both are products with a random matrix over GF(2).
[[nodiscard]] unsigned short_hash(std::uint32_t word, unsigned bits);
[[nodiscard]] unsigned long_hash(std::uint64_t word, unsigned bits);
inline constexpr unsigned kShortHashBits = 12;  // the widest that the matrices give
inline constexpr unsigned kLongHashBits = 10;

class HashTable {
 public:
  static constexpr unsigned kMaxW = 32;    // positions of the widest window
  static constexpr unsigned kMaxWays = 2;  // entries of a row
  static constexpr std::uint32_t kNone = UINT32_MAX;
  using Lanes = std::array<std::uint32_t, kMaxW>;
  using Found = std::array<Lanes, kMaxWays>;

  HashTable(unsigned banks, unsigned rows, unsigned ways)
      : banks_(banks), ways_(ways), entries_(std::size_t{rows} * ways, kNone), taken_(banks, 0) {}

  // One window of w positions, a power of two: index[i] is the row of the window's
  // position i, or kNone if it may not look up. The first position that wants a bank gets it, in
  // bit-reversed order of positions; the others are neither looked up nor inserted.
  // found[y][i], i < w: where the text of its row's y-th latest entry stands, or kNone. Then
  // the position becomes its row's latest entry; the oldest one goes.
  void access(unsigned base, unsigned w, const Lanes& index, Found& found);

 private:
  unsigned banks_;
  unsigned ways_;
  std::vector<std::uint32_t> entries_;  // positions, the latest of a row first
  std::vector<std::uint32_t> taken_;    // of each bank: the last window that had it, from 1
  std::uint32_t window_ = 0;
};

}  // namespace pagepress::model
