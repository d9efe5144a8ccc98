// SPDX-License-Identifier: Apache-2.0
// What avx512_candidates.hpp is made of: orders of lanes, and the hashes of 64 positions at once.
//
// Limitation: needs PP_CODEC_AVX512 (avx512.hpp).
#pragma once

#include <immintrin.h>

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/codec/avx512.hpp"
#include "model/codec/hash_table.hpp"
#include "model/codec/lz_hash.hpp"

namespace pagepress::model::avx512 {

inline constexpr unsigned kW = 16;  // positions of a window
inline constexpr auto kTurns = positions_in_turn<kW>();

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
// The first two bytes of each position's text, in turn; as the lower halves of 32-bit lanes.
inline constexpr auto kHeadsInTurn =
    lanes<std::uint8_t>([](unsigned n) { return kTurns[n / 4] + n % 2; });
inline constexpr auto kHeads = lanes<std::uint8_t>([](unsigned n) { return n / 4 + n % 2; });
inline constexpr __mmask32 kUpper = 0xaaaa'aaaa;  // halves of 32-bit lanes
inline constexpr __mmask64 kLowerHalf = 0x3333'3333'3333'3333;
// The lower and the upper halves of two vectors' 64-bit lanes.
inline constexpr auto kLowerHalves = lanes<std::uint32_t>([](unsigned n) { return 2 * n; });
inline constexpr auto kUpperHalves = lanes<std::uint32_t>([](unsigned n) { return 2 * n + 1; });
// 16-bit lanes out of a vector of low bytes and one of high ones, from byte kFrom on.
template <unsigned kFrom>
inline constexpr auto kJoined = lanes<std::uint8_t>([](unsigned n) {
  return kFrom + n / 2 + n % 2 * 64;
});
// Likewise 32-bit lanes out of 16-bit ones.
template <unsigned kFrom>
inline constexpr auto kPaired = lanes<std::uint16_t>([](unsigned n) {
  return kFrom + n / 2 + n % 2 * 32;
});
// 16-bit lanes of two windows from byte kFrom on, in turn.
template <unsigned kFrom>
inline constexpr auto kJoinedInTurn = lanes<std::uint8_t>([](unsigned n) {
  return kFrom + n / 32 * 16 + kTurns[n / 2 % 16] + n % 2 * 64;
});
// Bit d of 16-bit lane j: the unit's byte j has one d + 1 before it.
inline constexpr auto kInUnit =
    lanes<std::uint16_t>([](unsigned n) { return n < 16 ? (1U << n) - 1 : 0xffffU; });
inline constexpr auto kNext = lanes<std::uint16_t>([](unsigned n) { return n + 1; });

// 16-bit lane i has what was in lane i + kBy, of two vectors one behind the other.
template <unsigned kBy>
__m512i down(__m512i words, __m512i behind) {
  if constexpr (kBy == 1) {
    return _mm512_permutex2var_epi16(words, load(kNext), behind);
  } else {
    static_assert(kBy % 2 == 0);
    return _mm512_alignr_epi32(behind, words, kBy / 2);
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

}  // namespace pagepress::model::avx512
