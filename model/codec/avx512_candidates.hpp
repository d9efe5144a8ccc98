// SPDX-License-Identifier: Apache-2.0
// What Candidates does, for windows of 16 positions and with AVX-512: a position is a lane. Lanes
// stand in the window's order, or "in turn": as the positions get their banks.
//
// Nothing here depends on what the parser makes of a window, so that the tables are asked for many
// windows ahead, and only then their entries compared with the text. What these two do with
// each position is scalar, in loops that run through lists: gathers and scatters take longer, and a
// list's length is one wrong guess for all windows.
//
// Limitations: as Candidates; w = 16 only; needs PP_CODEC_AVX512 (avx512.hpp).
#pragma once

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/codec/avx512.hpp"
#include "model/codec/avx512_lanes.hpp"
#include "model/codec/candidates.hpp"
#include "model/codec/lz4_engine.hpp"
#include "model/codec/lz_hash.hpp"
#include "model/codec/unit_text.hpp"

namespace pagepress::model {

class Avx512Candidates {
 public:
  static constexpr unsigned kW = avx512::kW;

  explicit Avx512Candidates(const EngineConfig& config);

  // As of Candidates, kWindow being kW.
  void start(const std::uint8_t* text, unsigned size);
  template <unsigned kWindow>
  FirstMatches<kW> look_up(unsigned base);
  template <unsigned kWindow>
  void insert(unsigned base);

 private:
  // An entry: the position, and below it the first two bytes of its text. Most of what the table
  // has for a hash is another text; these bytes tell without a look at it.
  using Entry = std::uint32_t;
  // Two in the short table, the latest in the lower half.
  using Row = std::uint64_t;
  static constexpr Entry kNoEntry = ~Entry{0};  // no match starts in a unit's last bytes
  static constexpr unsigned kAhead = 512;       // positions that are looked up at once
  static constexpr unsigned kHashed = 64;       // that are hashed at once
  static constexpr unsigned kCompared = 64;     // whose entries are compared at once
  static constexpr unsigned kRanks = 3;         // that a position can have an entry of

  // Positions that get a bank, one behind the other, with room for a vector behind the last.
  struct Served {
    std::array<std::uint32_t, kAhead + kW> rows;
    std::array<Entry, kAhead + kW> entries;
    std::size_t count;
  };
  // Of a window: which positions have an entry of this rank, and where in hits_ the first is.
  struct Hits {
    std::array<__mmask16, kRanks> some;
    unsigned first;
  };

  [[nodiscard]] unsigned starts_in(unsigned base) const {
    return base > last_start_ ? 0 : std::min(kW, last_start_ - base + 1);
  }
  void compare_near(unsigned group);
  void access_ahead(unsigned base);
  template <class Word>
  void serve(unsigned base, const HashBlocks<Word>& blocks, unsigned row_count, Served& served);
  void compare(unsigned base);
  unsigned collect(unsigned base, unsigned count);
  [[nodiscard]] __m512i table_keys(unsigned base) const;

  EngineConfig config_;
  const std::uint8_t* text_ = nullptr;
  unsigned last_start_ = 0;  // a match starts here or before
  unsigned match_end_ = 0;   // and ends here or before
  unsigned compared_ = 0;    // entries of the positions before this one
  std::vector<Row> short_table_;
  std::vector<Entry> long_table_;
  // What the positions from the last multiple of kAhead on find.
  alignas(64) std::array<Row, kAhead> in_short_{};
  alignas(64) std::array<Entry, kAhead> in_long_{};
  // Entries that begin as their position's text does, from the last multiple of kCompared on: for
  // each window those of each rank. Entry's position above the position; then the key without
  // rank, 0 if it is no match.
  alignas(64) std::array<std::uint32_t, kRanks * kCompared + kW> hits_{};
  std::array<Hits, kCompared / kW> of_window_{};
  alignas(64) std::array<std::uint32_t, kCompared> near_keys_{};
};

inline Avx512Candidates::Avx512Candidates(const EngineConfig& config)
    : config_(config), short_table_(config.rows), long_table_(config.long_rows) {}

inline void Avx512Candidates::start(const std::uint8_t* text, unsigned size) {
  text_ = text;
  last_start_ = size - kLastMatchStart;
  match_end_ = size - kMatchEnd;
  compared_ = 0;
  std::ranges::fill(short_table_, ~Row{0});
  std::ranges::fill(long_table_, kNoEntry);
}

// Keys of the candidates at distances 1..near, of kCompared positions. For each byte a mask of the
// distances at which it is equal; what is set in four masks one after the other is a match. Of the
// longest the lowest bit is the candidate.
inline void Avx512Candidates::compare_near(unsigned group) {
  using namespace avx512;
  const std::uint8_t* const text = text_ + group;
  const __m512i own = _mm512_loadu_si512(text);
  const __m256i behind = load_half(text + kCompared);
  // Eight distances: of the positions, and of those behind them.
  const auto add_eight = [&](unsigned from, __m512i& masks, __m512i& masks_behind) {
    __m512i all_own = _mm512_setzero_si512();
    __m256i all_behind = _mm256_setzero_si256();
    for (unsigned n = 0; n < 8; ++n) {
      const std::uint8_t* const before = text - from - n;
      const __m256i bit = _mm256_set1_epi8(static_cast<char>(1U << n));
      const __mmask64 same = _mm512_cmpeq_epi8_mask(own, _mm512_loadu_si512(before));
      all_own = _mm512_mask_add_epi8(all_own, same, all_own, _mm512_broadcast_i64x4(bit));
      const __mmask32 more = _mm256_cmpeq_epi8_mask(behind, load_half(before + kCompared));
      all_behind = _mm256_mask_add_epi8(all_behind, more, all_behind, bit);
    }
    masks = all_own;
    masks_behind = _mm512_castsi256_si512(all_behind);
  };
  __m512i masks[2];
  __m512i masks_behind[2];
  add_eight(1, masks[0], masks_behind[0]);
  add_eight(9, masks[1], masks_behind[1]);
  const __m512i every = _mm512_set1_epi16(static_cast<short>((1U << config_.near) - 1));
  // In halves of 32 positions, and those behind them.
  __m512i run1[3] = {
      _mm512_and_si512(every, _mm512_permutex2var_epi8(masks[0], load(kJoined<0>), masks[1])),
      _mm512_and_si512(every, _mm512_permutex2var_epi8(masks[0], load(kJoined<32>), masks[1])),
      _mm512_and_si512(
          every, _mm512_permutex2var_epi8(masks_behind[0], load(kJoined<0>), masks_behind[1]))};
  if (group == 0) run1[0] = _mm512_and_si512(run1[0], load(kInUnit));
  __m512i run2[3];
  __m512i run4[3];
  for (unsigned n = 0; n < 3; ++n) {
    run2[n] = _mm512_and_si512(run1[n], down<1>(run1[n], run1[std::min(n + 1, 2U)]));
  }
  for (unsigned n = 0; n < 3; ++n) {
    run4[n] = _mm512_and_si512(run2[n], down<2>(run2[n], run2[std::min(n + 1, 2U)]));
  }
  for (unsigned n = 0; n < 2; ++n) {
    const unsigned base = group + 32 * n;
    const unsigned starts = base > last_start_ ? 0 : std::min(32U, last_start_ - base + 1);
    const auto starting = static_cast<__mmask32>((std::uint64_t{1} << starts) - 1);
    // The key's upper half: length and rank.
    __m512i upper = _mm512_set1_epi16(key_of(kMinMatch - 1, Rank::kNear, 0) >> 16);
    __m512i longest = _mm512_setzero_si512();
    const auto add_longer = [&](__m512i run) {
      const __mmask32 some = _mm512_mask_test_epi16_mask(starting, run, run);
      longest = _mm512_mask_mov_epi16(longest, some, run);
      upper = _mm512_mask_add_epi16(upper, some, upper, _mm512_set1_epi16(key_of(1, {}, 0) >> 16));
      return some;
    };
    const __mmask32 some = add_longer(run4[n]);
    add_longer(_mm512_and_si512(run4[n], down<4>(run1[n], run1[n + 1])));
    const __m512i run6 = _mm512_and_si512(run4[n], down<4>(run2[n], run2[n + 1]));
    add_longer(run6);
    add_longer(_mm512_and_si512(run6, down<6>(run1[n], run1[n + 1])));
    add_longer(_mm512_and_si512(run4[n], down<4>(run4[n], run4[n + 1])));
    const __m512i to_lowest =
        _mm512_xor_si512(longest, _mm512_add_epi16(longest, _mm512_set1_epi16(-1)));
    const __m512i dist = _mm512_maskz_mov_epi16(some, _mm512_popcnt_epi16(to_lowest));
    const __m512i len_and_rank = _mm512_maskz_mov_epi16(some, upper);
    std::uint32_t* const keys = near_keys_.data() + 32 * n;
    _mm512_store_si512(keys, _mm512_permutex2var_epi16(dist, load(kPaired<0>), len_and_rank));
    _mm512_store_si512(keys + kW, _mm512_permutex2var_epi16(dist, load(kPaired<16>), len_and_rank));
  }
}

// The first in turn that wants a bank gets it; so those of a window that are served have different
// rows.
template <class Word>
[[gnu::always_inline]] inline void Avx512Candidates::serve(unsigned base,
                                                           const HashBlocks<Word>& blocks,
                                                           unsigned row_count, Served& served) {
  using namespace avx512;
  const __m512i positions = load(kPositions);
  std::size_t count = 0;
  std::array<std::uint16_t, kHashed> rows;
  for (unsigned at = base; at < base + kAhead; at += kW) {
    if (at % kHashed == 0) hash<Word>(text_ + at, blocks, row_count, rows);
    const __m512i row = _mm512_cvtepu16_epi32(load_half(rows.data() + at % kHashed));
    const __mmask16 wanting = _mm512_cmplt_epu32_mask(positions, all(starts_in(at)));
    const __m512i before = _mm512_conflict_epi32(_mm512_and_si512(row, all(config_.banks - 1)));
    const __mmask16 get = _mm512_mask_testn_epi32_mask(wanting, before, all(wanting));
    const __m512i window = _mm512_castsi256_si512(load_half(text_ + at));
    const __m512i heads = _mm512_maskz_permutexvar_epi8(kLowerHalf, load(kHeadsInTurn), window);
    const __m512i above = _mm512_slli_epi32(_mm512_add_epi32(positions, all(at)), 16);
    _mm512_storeu_si512(served.rows.data() + count, _mm512_maskz_compress_epi32(get, row));
    _mm512_storeu_si512(served.entries.data() + count,
                        _mm512_maskz_compress_epi32(get, _mm512_or_si512(above, heads)));
    count += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(get)));
  }
  served.count = count;
}

// Looks up and inserts in both tables.
inline void Avx512Candidates::access_ahead(unsigned base) {
  Served served;
  serve<std::uint32_t>(base, kShortHashBlocks, config_.rows, served);
  in_short_.fill(~Row{0});
  Row* const short_table = short_table_.data();
  for (std::size_t n = 0; n < served.count; ++n) {
    const Entry entry = served.entries[n];
    Row& row = short_table[served.rows[n]];
    const Row found = row;
    row = found << 32 | entry;
    in_short_[entry / 65536 % kAhead] = found;
  }
  if (config_.long_rows == 0) return;
  serve<std::uint64_t>(base, kLongHashBlocks, config_.long_rows, served);
  in_long_.fill(kNoEntry);
  Entry* const long_table = long_table_.data();
  for (std::size_t n = 0; n < served.count; ++n) {
    const Entry entry = served.entries[n];
    in_long_[entry / 65536 % kAhead] = std::exchange(long_table[served.rows[n]], entry);
  }
}

// Lists the entries of a window that begin as its text does, behind `count` others.
[[gnu::always_inline]] inline unsigned Avx512Candidates::collect(unsigned base, unsigned count) {
  using namespace avx512;
  const __m512i window = _mm512_castsi256_si512(load_half(text_ + base));
  const __m512i heads = _mm512_maskz_permutexvar_epi8(kLowerHalf, load(kHeads), window);
  const __m512i at = _mm512_add_epi32(load(kNumbers), all(base));
  Hits& hits = of_window_[base % kCompared / kW];
  hits.first = count;
  const auto add = [&](Rank rank, __m512i entries, __mmask16 new_ones) {
    const __mmask16 same =
        _mm512_mask_testn_epi32_mask(new_ones, _mm512_xor_si512(entries, heads), all(0xffff));
    const __mmask16 some = _mm512_mask_cmplt_epu32_mask(same, entries, all(kNoEntry << 16));
    const __m512i both = _mm512_mask_blend_epi16(kUpper, at, entries);
    _mm512_storeu_si512(hits_.data() + count, _mm512_maskz_compress_epi32(some, both));
    hits.some[static_cast<unsigned>(rank)] = some;
    count += static_cast<unsigned>(std::popcount(static_cast<unsigned>(some)));
  };
  const Row* const rows = in_short_.data() + base % kAhead;
  const __m512i low = _mm512_load_si512(rows);
  const __m512i high = _mm512_load_si512(rows + kW / 2);
  const __m512i latest = _mm512_permutex2var_epi32(low, load(kLowerHalves), high);
  const __m512i older = _mm512_permutex2var_epi32(low, load(kUpperHalves), high);
  __mmask16 new_ones = 0xffff;
  add(Rank::kLatest, latest, new_ones);
  if (config_.ways == 2) add(Rank::kOlder, older, new_ones);
  if (config_.long_rows != 0) {
    const __m512i in_long = _mm512_load_si512(in_long_.data() + base % kAhead);
    // Of the same place the higher rank is the better one.
    new_ones = _mm512_cmpneq_epi32_mask(in_long, latest);
    if (config_.ways == 2) new_ones = _mm512_mask_cmpneq_epi32_mask(new_ones, in_long, older);
    add(Rank::kLong, in_long, new_ones);
  }
  return count;
}

// Compares the entries of the windows from `base` to the next multiple of kCompared.
inline void Avx512Candidates::compare(unsigned base) {
  using namespace avx512;
  compare_near(base / kCompared * kCompared);
  compared_ = base / kCompared * kCompared + kCompared;
  unsigned count = 0;
  for (unsigned at = base; at < compared_; at += kW) count = collect(at, count);
  std::array<std::uint32_t, kRanks * kCompared + kW> equal;  // bits, from the lowest on
  const std::uint8_t* const text = text_;
  for (unsigned n = 0; n < count; ++n) {
    std::uint32_t hit = hits_[n];
    // As a number of its own: a compiler that sees a vector of them gathers.
    asm("" : "+r"(hit));
    const std::uint64_t differ =
        word_at<std::uint64_t>(text + hit % 65536) ^ word_at<std::uint64_t>(text + hit / 65536);
    equal[n] = static_cast<std::uint32_t>(std::countr_zero(differ));
  }
  for (unsigned n = 0; n < count; n += kW) {
    const __m512i hits = _mm512_loadu_si512(hits_.data() + n);
    const __m512i bits = _mm512_loadu_si512(equal.data() + n);
    const __m512i dist =
        _mm512_sub_epi32(_mm512_and_si512(hits, all(0xffff)), _mm512_srli_epi32(hits, 16));
    const __m512i len = _mm512_slli_epi32(_mm512_srli_epi32(bits, 3), kKeyLen);
    const __mmask16 match = _mm512_cmpge_epu32_mask(bits, all(8 * kMinMatch));
    _mm512_storeu_si512(hits_.data() + n, _mm512_maskz_or_epi32(match, len, dist));
  }
}

// Keys of the candidates that the tables have, in the window's order.
[[gnu::always_inline]] inline __m512i Avx512Candidates::table_keys(unsigned base) const {
  using namespace avx512;
  const Hits& hits = of_window_[base % kCompared / kW];
  __m512i keys = _mm512_setzero_si512();
  const std::uint32_t* next = hits_.data() + hits.first;
  for (const Rank rank : {Rank::kLatest, Rank::kOlder, Rank::kLong}) {
    const __mmask16 some = hits.some[static_cast<unsigned>(rank)];
    const __m512i own = _mm512_maskz_expand_epi32(some, _mm512_loadu_si512(next));
    next += std::popcount(static_cast<unsigned>(some));
    const __m512i ranked = _mm512_or_si512(own, all(key_of(0, rank, 0)));
    keys = _mm512_mask_max_epu32(keys, _mm512_test_epi32_mask(own, own), keys, ranked);
  }
  return keys;
}

template <unsigned kWindow>
[[gnu::always_inline]] inline void Avx512Candidates::insert(unsigned base) {
  static_assert(kWindow == kW);
  if (base % kAhead == 0) access_ahead(base);
}

template <unsigned kWindow>
[[gnu::always_inline]] inline FirstMatches<Avx512Candidates::kW> Avx512Candidates::look_up(
    unsigned base) {
  static_assert(kWindow == kW);
  insert<kWindow>(base);
  if (base >= compared_) compare(base);
  const __m512i keys =
      _mm512_max_epu32(_mm512_load_si512(near_keys_.data() + base % kCompared), table_keys(base));
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
