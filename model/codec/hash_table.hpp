// SPDX-License-Identifier: Apache-2.0
// One hash table of the match finder (rtl/lz/pp_hash_table.sv): banks, arbitration,
// sharing, read before write.
//
// Limitation: a table lives for one unit; the RTL clears its valid bits instead.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
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
  HashTable(unsigned banks, unsigned entries) : banks_(banks), entries_(entries) {}

  // One window: index[i] is the row of the window's position i, or nothing if it
  // may not look up. Returns for each position where its entry's text stands, if
  // it was granted and there is one; then inserts the winners.
  [[nodiscard]] std::vector<std::optional<unsigned>> access(
      unsigned base, std::span<const std::optional<unsigned>> index);

 private:
  unsigned banks_;
  std::vector<std::optional<unsigned>> entries_;  // position
};

}  // namespace pagepress::model
