// SPDX-License-Identifier: Apache-2.0
// How many bytes are equal at two places of a unit.
//
// Limitation: reads up to kRunRoom bytes at both places, whatever is asked for.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "model/codec/avx512.hpp"
#include "model/codec/unit_text.hpp"
#ifdef PP_CODEC_AVX512
#include <immintrin.h>
#endif

namespace pagepress::model {

inline constexpr std::size_t kRunRoom = 80;

// Equal bytes from a and from b on, `most` at most; 7 bytes behind those are read.
inline unsigned long_run_length(const std::uint8_t* a, const std::uint8_t* b, unsigned most) {
  for (unsigned n = 0; n < most; n += sizeof(std::uint64_t)) {
    const std::uint64_t differ = word_at<std::uint64_t>(a + n) ^ word_at<std::uint64_t>(b + n);
    if (differ != 0) return std::min(most, n + static_cast<unsigned>(std::countr_zero(differ)) / 8);
  }
  return most;
}

#ifdef PP_CODEC_AVX512
// The same up to kRunRoom, without a branch: how long a run is can hardly be predicted.
inline unsigned short_run_length(const std::uint8_t* a, const std::uint8_t* b, unsigned most) {
  const std::uint64_t differ =
      _mm512_cmpneq_epi8_mask(_mm512_loadu_si512(a), _mm512_loadu_si512(b));
  const auto behind = [](const std::uint8_t* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at + 64));
  };
  const std::uint32_t later = _mm_cmpneq_epi8_mask(behind(a), behind(b));
  // 64 if none of them differs.
  const auto run = static_cast<unsigned>(std::countr_zero(differ));
  const unsigned rest = (0U - run / 64) & static_cast<unsigned>(std::countr_zero(later | 1U << 16));
  return std::min(most, run + rest);
}
#endif

}  // namespace pagepress::model
