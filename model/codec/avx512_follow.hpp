// SPDX-License-Identifier: Apache-2.0
// Stages S, R, A, M and D of the match finder for windows of 16 positions and four units, with
// AVX-512: the four distances stand in the quarters of a vector. How many of them are different,
// or none, is nobody's guess: all four are followed, whatever they are, without a branch.
//
// Limitations: needs PP_CODEC_AVX512 (avx512.hpp). A window so far from the unit's end that nothing
// is clipped there: kFollowed bytes from it on may be part of matches.
#pragma once

#include <immintrin.h>

#include <array>
#include <bit>
#include <cstdint>

#include "model/codec/avx512.hpp"
#include "model/codec/candidates.hpp"
#include "model/codec/run_length.hpp"

namespace pagepress::model::avx512 {

inline constexpr unsigned kUnits = 4;
inline constexpr unsigned kFollowed = 96;  // bytes that are compared from a window's start on

// The distance of each unit, 0 for none: each takes the longest candidate of its share of the
// window, the first of equals.
[[gnu::always_inline]] inline __m128i unit_distances(const FirstMatches<16>& first) {
  // The first of a share's longest has the largest key.
  const __m128i lens = std::bit_cast<__m128i>(first.len);
  const __m128i keys = _mm_or_si128(_mm_slli_epi16(lens, 4), _mm_set1_epi32(0x00010203));
  __m128i best = _mm_max_epu8(keys, _mm_srli_epi32(keys, 8));
  best = _mm_max_epu8(best, _mm_srli_epi32(best, 16));
  const __mmask8 some = _mm_test_epi32_mask(best, _mm_set1_epi32(0xf0));
  const __m128i behind = _mm_and_si128(best, _mm_set1_epi32(3));
  const __m128i lanes = _mm_sub_epi32(_mm_setr_epi32(3, 7, 11, 15), behind);
  const __m512i chosen =
      _mm512_permutexvar_epi32(_mm512_castsi128_si512(lanes), _mm512_loadu_si512(first.key.data()));
  return _mm_maskz_and_epi32(some, _mm512_castsi512_si128(chosen), _mm_set1_epi32(0xffff));
}

// What each position of a window can start: the longest match, of equals that of the last unit.
struct Followed {
  std::uint32_t takes = 0;                        // bit i: no longer match follows soon
  alignas(64) std::array<std::uint8_t, 64> ends;  // of each unit
  alignas(16) std::array<std::uint8_t, 16> len;
  alignas(16) std::array<std::uint8_t, 16> source;  // 0: its own candidate; n: unit n - 1
};

// Equal bytes behind a window, of each unit in a byte; and the window's own 16.
[[gnu::always_inline]] inline std::uint32_t runs_behind(
    const std::uint8_t* window, const std::array<std::uint32_t, kUnits>& dists) {
  std::uint32_t runs = 0;
  for (unsigned u = 0; u < kUnits; ++u) {
    runs |= (16 + short_run_length(window + 16 - dists[u], window + 16, kFollowed - 16)) << 8 * u;
  }
  return runs;
}

// Where the first byte from each on stands that is not equal at these distances.
[[gnu::always_inline]] inline __m512i ends_at(const std::uint8_t* window, unsigned base,
                                              __m128i units,
                                              const std::array<std::uint32_t, kUnits>& dists,
                                              std::uint32_t runs) {
  const auto bytes16 = [](const std::uint8_t* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
  };
  const __m512i numbers =
      _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  const __m512i never = _mm512_set1_epi8(-1);
  __m512i before = _mm512_castsi128_si512(bytes16(window - dists[0]));
  before = _mm512_inserti32x4(before, bytes16(window - dists[1]), 1);
  before = _mm512_inserti32x4(before, bytes16(window - dists[2]), 2);
  before = _mm512_inserti32x4(before, bytes16(window - dists[3]), 3);
  // Bytes of the window that have none so far before them: they are not equal.
  const __m128i outside = _mm_min_epu32(
      _mm_subs_epu16(units, _mm_set1_epi32(static_cast<int>(base))), _mm_set1_epi32(16));
  const __m128i skipped =
      _mm_mask_mov_epi32(outside, _mm_testn_epi32_mask(units, units), _mm_set1_epi32(16));
  const auto in_quarters = [](__m128i bytes, int step) {
    const __m512i of_quarter =
        _mm512_set_epi64(3LL * step, 3LL * step, 2LL * step, 2LL * step, step, step, 0, 0);
    const __m512i every = _mm512_mullo_epi64(of_quarter, _mm512_set1_epi64(0x0101010101010101));
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(bytes), every);
  };
  const __mmask64 inside = _mm512_cmpge_epu8_mask(numbers, in_quarters(skipped, 4));
  const __mmask64 same =
      _mm512_mask_cmpeq_epi8_mask(inside, _mm512_broadcast_i32x4(bytes16(window)), before);
  __m512i ends = _mm512_mask_mov_epi8(numbers, same, never);
  ends = _mm512_min_epu8(ends, _mm512_alignr_epi8(never, ends, 1));
  ends = _mm512_min_epu8(ends, _mm512_alignr_epi8(never, ends, 2));
  ends = _mm512_min_epu8(ends, _mm512_alignr_epi8(never, ends, 4));
  ends = _mm512_min_epu8(ends, _mm512_alignr_epi8(never, ends, 8));
  return _mm512_min_epu8(ends, in_quarters(_mm_cvtsi32_si128(static_cast<int>(runs)), 1));
}

// The rest: what the window can start, in `followed`.
[[gnu::always_inline]] inline void follow(const std::uint8_t* window, unsigned base,
                                          const FirstMatches<16>& first, __m128i units,
                                          const std::array<std::uint32_t, kUnits>& dists,
                                          std::uint32_t runs, Followed& followed) {
  const __m128i number = _mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const __m512i all_ends = ends_at(window, base, units, dists, runs);
  _mm512_store_si512(followed.ends.data(), all_ends);
  __m128i end = number;
  __m128i source = _mm_setzero_si128();
  const auto add = [&](__m128i ends, int unit) {
    const __mmask16 better = _mm_cmplt_epu8_mask(end, ends);
    end = _mm_max_epu8(end, ends);
    source = _mm_mask_mov_epi8(source, better, _mm_set1_epi8(static_cast<char>(unit + 1)));
  };
  add(_mm512_extracti32x4_epi32(all_ends, 3), 3);
  add(_mm512_extracti32x4_epi32(all_ends, 2), 2);
  add(_mm512_extracti32x4_epi32(all_ends, 1), 1);
  add(_mm512_castsi512_si128(all_ends), 0);
  add(_mm_add_epi8(number, std::bit_cast<__m128i>(first.len)), -1);
  const __m128i len = _mm_sub_epi8(end, number);
  // Lazy: none is longer behind the window.
  const __m128i next = _mm_srli_si128(len, 1);
  const __m128i after_next = _mm_srli_si128(len, 2);
  const __m128i longer = _mm_max_epu8(_mm_max_epu8(next, _mm_set1_epi8(kMinMatch)),
                                      _mm_subs_epu8(after_next, _mm_set1_epi8(1)));
  followed.takes = _mm_cmpge_epu8_mask(len, longer);
  _mm_store_si128(reinterpret_cast<__m128i*>(followed.len.data()), len);
  _mm_store_si128(reinterpret_cast<__m128i*>(followed.source.data()), source);
}

}  // namespace pagepress::model::avx512
