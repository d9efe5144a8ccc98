// SPDX-License-Identifier: Apache-2.0
// The first half of the match finder, stages H to C: what each position of a window has as
// candidate, of at most 8 bytes.
//
// Limitation: windows are asked for in order, each once.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <type_traits>

#include "model/codec/byte_lanes.hpp"
#include "model/codec/hash_table.hpp"
#include "model/codec/lz4_engine.hpp"
#include "model/codec/lz_hash.hpp"
#include "model/codec/unit_text.hpp"

namespace pagepress::model {

inline constexpr unsigned kMinMatch = 4;         // LZ4 block format
inline constexpr unsigned kLastMatchStart = 12;  // LZ4: a match starts so far before the end
inline constexpr unsigned kMatchEnd = 5;         // LZ4: the last 5 bytes are literals
inline constexpr unsigned kFirstCompare = 8;     // bytes compared at every position

// A window's positions side by side; of the narrowest window half of the lanes are not used.
template <unsigned kW>
using WindowLanes = ByteLanes<std::max(kW, 16U)>;

// The candidates of a window.
template <unsigned kW>
struct FirstMatches {
  WindowLanes<kW> len;                // 0: none
  std::array<std::uint32_t, kW> key;  // where len is not 0: the lower half is the distance
  bool any;                           // len is not 0 somewhere

  [[nodiscard]] unsigned dist(unsigned i) const { return key[i] & 0xffffU; }
};

// Of a position's candidates the one with the largest key stays: the longest, of equals that of
// the highest rank.
enum class Rank : std::uint32_t { kLong = 0, kOlder = 1, kLatest = 2, kNear = 3 };
constexpr std::uint32_t key_of(unsigned len, Rank rank, unsigned dist) {
  return (len << 2 | static_cast<std::uint32_t>(rank)) << 16 | dist;
}
inline constexpr unsigned kKeyLen = 18;  // where the length begins in it

class Candidates {
 public:
  explicit Candidates(const EngineConfig& config);

  // `text`: the unit, as UnitText gives it.
  void start(const std::uint8_t* text, unsigned size);

  // Of the window at `base`.
  template <unsigned kW>
  FirstMatches<kW> look_up(unsigned base);
  // The window is only inserted into the tables: nobody needs its candidates.
  template <unsigned kW>
  void insert(unsigned base);

 private:
  template <unsigned kW>
  bool compare_near(unsigned base, unsigned starts, FirstMatches<kW>& best) const;
  template <unsigned kW>
  void compare_entries(unsigned base, unsigned starts, FirstMatches<kW>& best);
  // Rows of the window's positions in each table.
  template <unsigned kW>
  struct Rows {
    std::array<std::uint16_t, kW> in_short;
    std::array<std::uint16_t, kW> in_long;
  };
  template <unsigned kW>
  Rows<kW> next_rows();
  // Positions of the window that may start a match.
  template <unsigned kW>
  [[nodiscard]] unsigned starts_in(unsigned base) const {
    return base > last_start_ ? 0 : std::min(kW, last_start_ - base + 1);
  }

  EngineConfig config_;
  const std::uint8_t* text_ = nullptr;
  unsigned last_start_ = 0;  // a match starts here or before
  unsigned match_end_ = 0;   // and ends here or before
  RollingHash hash_;
  std::uint16_t short_mask_;
  std::uint16_t long_mask_;
  HashTable short_table_;
  HashTable long_table_;
};

inline Candidates::Candidates(const EngineConfig& config)
    : config_(config),
      short_mask_(static_cast<std::uint16_t>(config.rows - 1)),
      long_mask_(static_cast<std::uint16_t>(config.long_rows - 1)),
      short_table_(config.banks, config.rows),
      long_table_(config.banks, std::max(config.long_rows, 1U)) {}

inline void Candidates::start(const std::uint8_t* text, unsigned size) {
  text_ = text;
  last_start_ = size - kLastMatchStart;
  match_end_ = size - kMatchEnd;
  hash_ = RollingHash(text);
  short_table_.clear();
  long_table_.clear();
}

// Bytes from the lowest on that are equal in both.
inline unsigned equal_bytes(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t differ = a ^ b;
  // Of eight the last one by itself, as counting the zeros of 0 is a branch on some machines.
  const std::uint64_t highest = std::uint64_t{1} << 63;
  return static_cast<unsigned>(std::countr_zero(differ | highest)) / 8 + (differ == 0 ? 1 : 0);
}

// Bit j, j < kW + kFirstCompare - 1: the byte at text + j is equal to the one `dist` before it.
template <unsigned kW>
inline auto equal_bits(const std::uint8_t* text, unsigned dist) {
  using V = ByteLanes<16>;
  std::conditional_t<kW + kFirstCompare - 1 <= 32, std::uint32_t, std::uint64_t> bits = 0;
  for (unsigned from = 0; from < kW + kFirstCompare - 1; from += 16) {
    const V same = equal(V::load(text + from), V::load(text + from - dist));
    bits |= static_cast<decltype(bits)>(same.bits()) << from;
  }
  return bits;
}

// Distances 1..near, all positions at once. The shortest distance of the longest run stays. True
// if no position can have more.
template <unsigned kW>
[[gnu::always_inline]] inline bool Candidates::compare_near(unsigned base, unsigned starts,
                                                            FirstMatches<kW>& best) const {
  using V = WindowLanes<kW>;
  using Bits = decltype(equal_bits<kW>(nullptr, 0));
  const Bits every = static_cast<Bits>((std::uint64_t{1} << starts) - 1);
  // Bit i of at_least[n]: position i has kMinMatch + n equal bytes at one of the distances so far.
  std::array<Bits, kFirstCompare - kMinMatch + 1> at_least{};
  V dists = V::all(0);
  const auto add = [&](unsigned dist, Bits same) {
    Bits run = same & (same >> 1);
    run &= run >> 2;
    if ((run & every & ~at_least.back()) == 0) return;  // none of them can be better
    run &= every;
    Bits better = 0;
    for (unsigned n = 0; n < at_least.size(); ++n) {
      if (n != 0) run &= same >> (kMinMatch + n - 1);
      const Bits now = at_least[n] | run;
      better |= now ^ at_least[n];
      at_least[n] = now;
    }
    dists = select(V::of_bits(better), V::all(dist), dists);
  };
  const std::uint8_t* const window = text_ + base;
  if (base == 0) {  // nothing before the unit is equal
    for (unsigned dist = 1; dist <= config_.near; ++dist) {
      add(dist, equal_bits<kW>(window, dist) >> dist << dist);
    }
  } else {
    for (unsigned dist = 1; dist <= config_.near && at_least.back() != every; ++dist) {
      add(dist, equal_bits<kW>(window, dist));
    }
  }
  best.any = at_least[0] != 0;
  if (!best.any) {
    best.key.fill(0);
    return false;
  }
  V len = V::all(kMinMatch) & V::of_bits(at_least[0]);
  for (unsigned n = 1; n < at_least.size(); ++n) len = len - V::of_bits(at_least[n]);  // 255 is -1
  std::array<std::uint8_t, HashTable::kMaxW> lens_now;
  std::array<std::uint8_t, HashTable::kMaxW> dists_now;
  len.store(lens_now.data());
  dists.store(dists_now.data());
  for (unsigned i = 0; i < kW; ++i) best.key[i] = key_of(lens_now[i], Rank::kNear, dists_now[i]);
  return at_least.back() == every;
}

template <unsigned kW>
[[gnu::always_inline]] inline Candidates::Rows<kW> Candidates::next_rows() {
  Rows<kW> rows;
  hash_.next<kW>(rows.in_short, rows.in_long);
  for (std::uint16_t& row : rows.in_short) row &= short_mask_;
  for (std::uint16_t& row : rows.in_long) row &= long_mask_;
  return rows;
}

template <unsigned kW>
[[gnu::always_inline]] inline void Candidates::insert(unsigned base) {
  const unsigned starts = starts_in<kW>(base);
  const Rows<kW> rows = next_rows<kW>();
  const auto nothing = [](unsigned, unsigned, unsigned) {};
  short_table_.access<kW>(base, starts, rows.in_short.data(), nothing);
  if (config_.long_rows != 0) {
    long_table_.access<kW>(base, starts, rows.in_long.data(), nothing);
  }
}

// Looks up and inserts in both tables.
template <unsigned kW>
[[gnu::always_inline]] inline void Candidates::compare_entries(unsigned base, unsigned starts,
                                                               FirstMatches<kW>& best) {
  const Rows<kW> rows = next_rows<kW>();
  // Many entries are of another text with the same hash. First those of the same 4 bytes are
  // collected, without a branch that nobody could predict: rank, position and entry in a word.
  constexpr unsigned kHitRank = 21;
  std::array<std::uint32_t, std::size_t{3} * kW + 1> hits;
  std::size_t count = 0;
  const std::uint8_t* const text = text_;
  const std::uint8_t* const window = text_ + base;
  const auto add = [&](Rank rank, unsigned i, unsigned from) {
    hits[count] = (static_cast<std::uint32_t>(rank) << kHitRank) + (i << 16) + from;
    const bool same = word_at<std::uint32_t>(window + i) == word_at<std::uint32_t>(text + from);
    count += same ? 1 : 0;
  };
  if (config_.ways == 2) {
    short_table_.access<kW>(base, starts, rows.in_short.data(),
                            [&](unsigned i, unsigned latest, unsigned older) {
                              add(Rank::kLatest, i, latest);
                              add(Rank::kOlder, i, older);
                            });
  } else {
    short_table_.access<kW>(
        base, starts, rows.in_short.data(),
        [&](unsigned i, unsigned latest, unsigned) { add(Rank::kLatest, i, latest); });
  }
  if (config_.long_rows != 0) {
    long_table_.access<kW>(
        base, starts, rows.in_long.data(),
        [&](unsigned i, unsigned latest, unsigned) { add(Rank::kLong, i, latest); });
  }
  for (std::size_t n = 0; n < count; ++n) {
    const std::uint32_t hit = hits[n];
    const unsigned i = hit >> 16 & (HashTable::kMaxW - 1);
    const unsigned from = hit & 0xffffU;
    if (from == HashTable::kNone) continue;
    const auto rank = static_cast<Rank>(hit >> kHitRank);
    const unsigned len =
        equal_bytes(word_at<std::uint64_t>(window + i), word_at<std::uint64_t>(text + from));
    best.key[i] = std::max(best.key[i], key_of(len, rank, base + i - from));
    best.any = true;
  }
}

template <unsigned kW>
[[gnu::always_inline]] inline FirstMatches<kW> Candidates::look_up(unsigned base) {
  const unsigned starts = starts_in<kW>(base);
  FirstMatches<kW> best;
  if (compare_near<kW>(base, starts, best)) {
    insert<kW>(base);
  } else {
    compare_entries<kW>(base, starts, best);
  }
  std::array<std::uint8_t, HashTable::kMaxW> lens{};
  for (unsigned i = 0; i < kW; ++i) lens[i] = static_cast<std::uint8_t>(best.key[i] >> kKeyLen);
  if (base + kW + kFirstCompare > match_end_) {
    for (unsigned i = 0; i < starts; ++i) {
      lens[i] = static_cast<std::uint8_t>(std::min<unsigned>(lens[i], match_end_ - (base + i)));
    }
  }
  best.len = WindowLanes<kW>::load(lens.data());
  return best;
}

}  // namespace pagepress::model
