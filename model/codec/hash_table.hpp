// SPDX-License-Identifier: Apache-2.0
// One hash table of the match finder (rtl/lz/pp_hash_table.sv): banks, arbitration, entries.
//
// Limitation: a table is cleared for each unit; the RTL tells units apart by epochs instead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pagepress::model {

class HashTable {
 public:
  static constexpr unsigned kMaxW = 32;     // positions of the widest window
  static constexpr unsigned kNone = 65535;  // no entry: no match starts in a unit's last bytes

  HashTable(unsigned banks, unsigned rows) : rows_(rows), taken_(banks) { clear(); }

  void clear();

  // One window of kW positions, of which the first `starts` may look up; index[i] is the row of
  // position i. The first position that wants a bank gets it, in bit-reversed order of positions;
  // the others are neither looked up nor inserted. found(i, latest, older) is called for those that
  // get one: where their row's text stood last, and where the time before, or kNone. Then the
  // position is its row's latest entry, and the older one is gone.
  template <unsigned kW, class Found>
  void access(unsigned base, unsigned starts, const std::uint16_t* index, Found found);

 private:
  template <unsigned kW>
  unsigned serve(unsigned starts, const std::uint16_t* index, std::uint8_t* served);

  std::vector<std::uint32_t> rows_;   // two positions each, the latest in the lower half
  std::vector<std::uint16_t> taken_;  // of each bank: the last window that had it, from 1
  std::uint16_t window_ = 0;
};

// Positions are served in bit-reversed order, so that losses spread over the window.
template <unsigned kW>
constexpr std::array<std::uint8_t, kW> positions_in_turn() {
  std::array<std::uint8_t, kW> positions{};
  for (unsigned turn = 0; turn < kW; ++turn) {
    for (unsigned bit = 1; bit < kW; bit <<= 1) {
      positions[turn] = static_cast<std::uint8_t>((positions[turn] << 1) | ((turn & bit) != 0));
    }
  }
  return positions;
}

// The positions that get a bank, and how many.
template <unsigned kW>
[[gnu::always_inline]] inline unsigned HashTable::serve(unsigned starts, const std::uint16_t* index,
                                                        std::uint8_t* served) {
  constexpr auto kPositions = positions_in_turn<kW>();
  const std::size_t last_bank = taken_.size() - 1;
  std::uint16_t* const taken = taken_.data();
  const std::uint16_t window = ++window_;
  // Who gets a bank is anybody's guess: counting without a branch is faster than guessing.
  unsigned count = 0;
  for (unsigned turn = 0; turn < kW; ++turn) {
    const std::uint8_t i = kPositions[turn];
    if (i >= starts) continue;
    std::uint16_t& last = taken[index[i] & last_bank];
    served[count] = i;
    count += last == window ? 0 : 1;
    last = window;
  }
  return count;
}

template <unsigned kW, class Found>
[[gnu::always_inline]] inline void HashTable::access(unsigned base, unsigned starts,
                                                     const std::uint16_t* index, Found found) {
  std::array<std::uint8_t, kW> served;
  const unsigned count =
      starts == kW ? serve<kW>(kW, index, served.data()) : serve<kW>(starts, index, served.data());
  std::uint32_t* const rows = rows_.data();
  for (unsigned n = 0; n < count; ++n) {
    const unsigned i = served[n];
    std::uint32_t& row = rows[index[i]];
    const std::uint32_t entries = row;
    row = (entries << 16) | (base + i);
    found(i, entries & 0xffffU, entries >> 16);
  }
}

}  // namespace pagepress::model
