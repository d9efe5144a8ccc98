// SPDX-License-Identifier: Apache-2.0
// One hash table of the match finder (rtl/lz/pp_hash_table.sv): banks, arbitration,
// sharing, read before write.
//
// Limitation: a table lives for one unit; the RTL clears its valid bits instead.
#pragma once

#include <array>
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
  static constexpr unsigned kMaxW = 16;  // positions of the widest window
  static constexpr std::uint32_t kNone = UINT32_MAX;
  using Lanes = std::array<std::uint32_t, kMaxW>;

  HashTable(unsigned banks, unsigned entries)
      : banks_(banks), entries_(entries, kNone), taken_(banks, 0) {}

  // One window of w positions, a power of two: index[i] is the row of the window's
  // position i, or kNone if it may not look up. found[i], i < w: where its entry's text
  // stands, or kNone if it was not granted or there is none. Then inserts the winners.
  void access(unsigned base, unsigned w, const Lanes& index, Lanes& found);

 private:
  unsigned banks_;
  std::vector<std::uint32_t> entries_;  // position
  // Of each bank: the last window that wanted it, counted from 1, and the position of that
  // window that has it.
  std::vector<std::uint32_t> taken_;
  std::uint32_t window_ = 0;
};

}  // namespace pagepress::model
