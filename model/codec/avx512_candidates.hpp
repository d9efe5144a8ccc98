// SPDX-License-Identifier: Apache-2.0
// What Candidates does, for windows of 16 positions and with AVX-512: a position is a lane. Lanes
// stand in the window's order, or "in turn": as the positions get their banks.
//
// Limitations: as Candidates; w = 16 only; needs PP_CODEC_AVX512 (avx512.hpp).
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "model/codec/avx512.hpp"
#include "model/codec/candidates.hpp"
#include "model/codec/lz4_engine.hpp"
#include "model/codec/lz_hash.hpp"
#include "model/codec/unit_text.hpp"

namespace pagepress::model {

class Avx512Candidates {
 public:
  static constexpr unsigned kW = 16;

  explicit Avx512Candidates(const EngineConfig& config);

  // As of Candidates, kWindow being kW.
  void start(const std::uint8_t* text, unsigned size);
  template <unsigned kWindow>
  FirstMatches<kW> look_up(unsigned base);
  template <unsigned kWindow>
  void insert(unsigned base);

 private:
  // A table's row is two entries as in HashTable, the latest in the lower half.
  static constexpr unsigned kEntry = 0xffff;
  static constexpr unsigned kHashed = 64;  // positions that are hashed at once

  using Table = std::vector<std::uint32_t>;

  // The rows of a window's positions as they were; in turn.
  struct Found {
    __m512i rows;
    __mmask16 served;
  };
  struct BothFound {
    Found in_short, in_long;
  };

  [[nodiscard]] unsigned starts_in(unsigned base) const {
    return base > last_start_ ? 0 : std::min(kW, last_start_ - base + 1);
  }
  [[nodiscard]] __m512i near_keys(unsigned base, unsigned starts) const;
  Found access(__m512i rows, unsigned base, unsigned starts, Table& table);
  BothFound access(unsigned base, unsigned starts);
  [[nodiscard]] __m512i table_keys(unsigned base, const BothFound& found) const;

  EngineConfig config_;
  const std::uint8_t* text_ = nullptr;
  unsigned last_start_ = 0;  // a match starts here or before
  unsigned match_end_ = 0;   // and ends here or before
  // Rows of the positions from the last multiple of kHashed on, each window's in turn.
  std::array<std::uint16_t, kHashed> short_rows_{};
  std::array<std::uint16_t, kHashed> long_rows_{};
  Table short_table_;
  Table long_table_;
};

namespace avx512 {

inline constexpr auto kTurns = positions_in_turn<Avx512Candidates::kW>();

// A vector's constant, lane by lane.
template <class Lane, class OfLane>
constexpr auto lanes(OfLane of_lane) {
  std::array<Lane, 64 / sizeof(Lane)> out{};
  for (unsigned n = 0; n < out.size(); ++n) out[n] = static_cast<Lane>(of_lane(n));
  return out;
}
template <class Lane, std::size_t kLanes>
__m512i load(const std::array<Lane, kLanes>& from) {
  static_assert(sizeof from == 64);
  return _mm512_loadu_si512(from.data());
}
inline __m256i load_half(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

// The same in every 32-bit lane.
inline __m512i all(unsigned value) { return _mm512_set1_epi32(static_cast<int>(value)); }

inline constexpr auto kNumbers = lanes<std::uint32_t>([](unsigned n) { return n; });
inline constexpr auto kPositions = lanes<std::uint32_t>([](unsigned n) { return kTurns[n]; });
// Which bytes are the next eight of eight positions, in turn from turn kFrom on.
template <unsigned kFrom>
inline constexpr auto kWords = lanes<std::uint8_t>([](unsigned n) {
  return kTurns[kFrom + n / 8] + n % 8;
});
// The lower halves of two vectors' 64-bit lanes.
inline constexpr auto kLowerHalves = lanes<std::uint32_t>([](unsigned n) { return 2 * n; });
// 16-bit lanes out of a vector of low bytes and one of high ones.
inline constexpr auto kJoined = lanes<std::uint8_t>([](unsigned n) { return n / 2 + n % 2 * 64; });
// The same of two windows from byte kFrom on, in turn.
template <unsigned kFrom>
inline constexpr auto kJoinedInTurn = lanes<std::uint8_t>([](unsigned n) {
  return kFrom + n / 32 * 16 + kTurns[n / 2 % 16] + n % 2 * 64;
});
// Bit d of 16-bit lane j: the unit's byte j has one d + 1 before it.
inline constexpr auto kInUnit =
    lanes<std::uint16_t>([](unsigned n) { return n < 16 ? (1U << n) - 1 : 0xffffU; });
inline constexpr auto kNext = lanes<std::uint16_t>([](unsigned n) { return (n + 1) % 32; });

// 16-bit lane i has what was in lane i + kBy.
template <unsigned kBy>
__m512i down(__m512i words) {
  if constexpr (kBy == 1) {
    return _mm512_permutexvar_epi16(load(kNext), words);
  } else {
    static_assert(kBy % 2 == 0);
    return _mm512_alignr_epi32(words, words, kBy / 2);
  }
}

// Rows of 64 positions from `text` on.
template <class Word>
void hash(const std::uint8_t* text, const HashBlocks<Word>& blocks, std::size_t row_count,
          std::array<std::uint16_t, 64>& rows) {
  __m512i low = _mm512_setzero_si512();
  __m512i high = _mm512_setzero_si512();
  for (unsigned byte = 0; byte < sizeof(Word); ++byte) {
    const __m512i bytes = _mm512_loadu_si512(text + byte);
    const auto product = [&](unsigned half) {
      __m512i block = _mm512_set1_epi64(static_cast<long long>(blocks[half][byte]));
      // In a register: clang before 20 gives the instruction a wrong address to broadcast from
      // (llvm/llvm-project pull request 120340).
      asm("" : "+v"(block));
      return _mm512_gf2p8affine_epi64_epi8(bytes, block, 0);
    };
    low = _mm512_xor_si512(low, product(0));
    high = _mm512_xor_si512(high, product(1));
  }
  const __m512i mask = _mm512_set1_epi16(static_cast<short>(row_count - 1));
  const __m512i first = _mm512_permutex2var_epi8(low, load(kJoinedInTurn<0>), high);
  const __m512i second = _mm512_permutex2var_epi8(low, load(kJoinedInTurn<32>), high);
  _mm512_storeu_si512(rows.data(), _mm512_and_si512(first, mask));
  _mm512_storeu_si512(rows.data() + 32, _mm512_and_si512(second, mask));
}

}  // namespace avx512

inline Avx512Candidates::Avx512Candidates(const EngineConfig& config)
    : config_(config), short_table_(config.rows), long_table_(std::max(config.long_rows, 1U)) {}

inline void Avx512Candidates::start(const std::uint8_t* text, unsigned size) {
  text_ = text;
  last_start_ = size - kLastMatchStart;
  match_end_ = size - kMatchEnd;
  std::ranges::fill(short_table_, ~std::uint32_t{0});
  std::ranges::fill(long_table_, ~std::uint32_t{0});
}

// Keys of the candidates at distances 1..near, in the window's order. For each byte of the window a
// mask of the distances at which it is equal; what is set in four masks one after the other is a
// match. Of the longest the lowest bit is the candidate.
[[gnu::always_inline]] inline __m512i Avx512Candidates::near_keys(unsigned base,
                                                                  unsigned starts) const {
  using namespace avx512;
  const std::uint8_t* const window = text_ + base;
  const __m256i bytes = load_half(window);
  const auto eight_distances = [&](unsigned from) {
    __m256i masks = _mm256_setzero_si256();
    for (unsigned n = 0; n < 8; ++n) {
      const __mmask32 same = _mm256_cmpeq_epi8_mask(bytes, load_half(window - from - n));
      masks =
          _mm256_mask_add_epi8(masks, same, masks, _mm256_set1_epi8(static_cast<char>(1U << n)));
    }
    return _mm512_castsi256_si512(masks);
  };
  const __m512i every = _mm512_set1_epi16(static_cast<short>((1U << config_.near) - 1));
  __m512i run1 = _mm512_and_si512(
      every, _mm512_permutex2var_epi8(eight_distances(1), load(kJoined), eight_distances(9)));
  if (base == 0) run1 = _mm512_and_si512(run1, load(kInUnit));
  const __m512i run2 = _mm512_and_si512(run1, down<1>(run1));
  const __m512i run4 = _mm512_and_si512(run2, down<2>(run2));
  const std::array<__m512i, kFirstCompare - kMinMatch + 1> runs = {
      run4, _mm512_and_si512(run4, down<4>(run1)), _mm512_and_si512(run4, down<4>(run2)),
      _mm512_and_si512(run4, _mm512_and_si512(down<4>(run2), down<6>(run1))),
      _mm512_and_si512(run4, down<4>(run4))};
  const auto starting = static_cast<__mmask16>((1U << starts) - 1);
  // The key's upper half: length and rank.
  __m256i upper = _mm256_set1_epi16(key_of(kMinMatch - 1, Rank::kNear, 0) >> 16);
  __m256i longest = _mm256_setzero_si256();
  __mmask16 some = starting;
  for (const __m512i& run : runs) {
    const __m256i window_run = _mm512_castsi512_si256(run);
    const __mmask16 now = _mm256_mask_test_epi16_mask(starting, window_run, window_run);
    longest = _mm256_mask_mov_epi16(longest, now, window_run);
    upper = _mm256_mask_add_epi16(upper, now, upper, _mm256_set1_epi16(key_of(1, {}, 0) >> 16));
    if (&run == runs.data()) some = now;
  }
  const __m256i to_lowest =
      _mm256_xor_si256(longest, _mm256_add_epi16(longest, _mm256_set1_epi16(-1)));
  const __m512i dist = _mm512_maskz_cvtepu16_epi32(some, _mm256_popcnt_epi16(to_lowest));
  return _mm512_or_si512(dist, _mm512_slli_epi32(_mm512_maskz_cvtepu16_epi32(some, upper), 16));
}

// The first in turn that wants a bank gets it; so those that are served have different rows.
[[gnu::always_inline]] inline Avx512Candidates::Found Avx512Candidates::access(__m512i rows,
                                                                               unsigned base,
                                                                               unsigned starts,
                                                                               Table& table) {
  using namespace avx512;
  const __m512i positions = load(kPositions);
  const __mmask16 wanting = _mm512_cmplt_epu32_mask(positions, all(starts));
  const __m512i before = _mm512_conflict_epi32(_mm512_and_si512(rows, all(config_.banks - 1)));
  Found found{};
  found.served = _mm512_mask_testn_epi32_mask(wanting, before, all(wanting));
  found.rows = _mm512_i32gather_epi32(rows, table.data(), sizeof(std::uint32_t));
  const __m512i now =
      _mm512_or_si512(_mm512_slli_epi32(found.rows, 16), _mm512_add_epi32(positions, all(base)));
  _mm512_mask_i32scatter_epi32(table.data(), found.served, rows, now, sizeof(std::uint32_t));
  return found;
}

// Looks up and inserts in both tables.
[[gnu::always_inline]] inline Avx512Candidates::BothFound Avx512Candidates::access(
    unsigned base, unsigned starts) {
  using namespace avx512;
  const unsigned hashed = base % kHashed;
  if (hashed == 0) {
    hash<std::uint32_t>(text_ + base, kShortHashBlocks, config_.rows, short_rows_);
    if (config_.long_rows != 0) {
      hash<std::uint64_t>(text_ + base, kLongHashBlocks, config_.long_rows, long_rows_);
    }
  }
  const auto rows_of = [&](const std::array<std::uint16_t, kHashed>& rows) {
    return _mm512_cvtepu16_epi32(load_half(rows.data() + hashed));
  };
  BothFound found{};
  found.in_short = access(rows_of(short_rows_), base, starts, short_table_);
  if (config_.long_rows != 0) {
    found.in_long = access(rows_of(long_rows_), base, starts, long_table_);
  }
  return found;
}

// Keys of the candidates that the tables have, in the window's order.
[[gnu::always_inline]] inline __m512i Avx512Candidates::table_keys(unsigned base,
                                                                   const BothFound& found) const {
  using namespace avx512;
  const __m512i window = _mm512_castsi256_si512(load_half(text_ + base));
  const std::array<__m512i, 2> words = {_mm512_permutexvar_epi8(load(kWords<0>), window),
                                        _mm512_permutexvar_epi8(load(kWords<8>), window)};
  const __m512i positions = load(kPositions);
  const __m512i at = _mm512_add_epi32(positions, all(base));
  __m512i keys = _mm512_setzero_si512();
  const auto add = [&](Rank rank, __m512i from, __mmask16 served) {
    // Bits of the equal bytes from the lowest on, of eight positions.
    const auto equal_bits = [&](__m256i places, __m512i own) {
      const __m512i differ = _mm512_xor_si512(own, _mm512_i32gather_epi64(places, text_, 1));
      const __m512i below = _mm512_add_epi64(differ, _mm512_set1_epi64(-1));
      return _mm512_popcnt_epi64(_mm512_andnot_si512(differ, below));
    };
    const __m512i low = equal_bits(_mm512_castsi512_si256(from), words[0]);
    const __m512i high = equal_bits(_mm512_extracti64x4_epi64(from, 1), words[1]);
    const __m512i len =
        _mm512_srli_epi32(_mm512_permutex2var_epi32(low, load(kLowerHalves), high), 3);
    const __mmask16 some = _mm512_mask_cmpneq_epi32_mask(
        _mm512_mask_cmpge_epu32_mask(served, len, all(kMinMatch)), from, all(kEntry));
    const __m512i len_and_rank =
        _mm512_or_si512(_mm512_slli_epi32(len, kKeyLen), all(key_of(0, rank, 0)));
    const __m512i key = _mm512_or_si512(len_and_rank, _mm512_sub_epi32(at, from));
    keys = _mm512_mask_max_epu32(keys, some, keys, key);
  };
  const auto latest = [](const Found& in) { return _mm512_and_si512(in.rows, all(kEntry)); };
  add(Rank::kLatest, latest(found.in_short), found.in_short.served);
  if (config_.ways == 2) {
    add(Rank::kOlder, _mm512_srli_epi32(found.in_short.rows, 16), found.in_short.served);
  }
  if (config_.long_rows != 0) add(Rank::kLong, latest(found.in_long), found.in_long.served);
  // To reverse bits twice is to leave them.
  return _mm512_permutexvar_epi32(positions, keys);
}

template <unsigned kWindow>
[[gnu::always_inline]] inline void Avx512Candidates::insert(unsigned base) {
  static_assert(kWindow == kW);
  access(base, starts_in(base));
}

template <unsigned kWindow>
[[gnu::always_inline]] inline FirstMatches<Avx512Candidates::kW> Avx512Candidates::look_up(
    unsigned base) {
  static_assert(kWindow == kW);
  const unsigned starts = starts_in(base);
  const BothFound found = access(base, starts);
  __m512i keys = near_keys(base, starts);
  // Nothing is better than the longest near match.
  if (_mm512_cmplt_epu32_mask(keys, avx512::all(key_of(kFirstCompare, Rank::kNear, 0))) != 0) {
    keys = _mm512_max_epu32(keys, table_keys(base, found));
  }
  FirstMatches<kW> best;
  _mm512_storeu_si512(best.key.data(), keys);
  // A match's last byte may be behind this window.
  const __m512i most =
      _mm512_sub_epi32(avx512::all(match_end_ - base), avx512::load(avx512::kNumbers));
  const __m512i len = _mm512_min_epu32(_mm512_srli_epi32(keys, kKeyLen), most);
  const __m128i lens = _mm512_cvtepi32_epi8(len);
  best.len = WindowLanes<kW>::load(reinterpret_cast<const std::uint8_t*>(&lens));
  best.any = _mm512_test_epi32_mask(keys, keys) != 0;
  return best;
}

}  // namespace pagepress::model
