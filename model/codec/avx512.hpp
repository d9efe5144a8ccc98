// SPDX-License-Identifier: Apache-2.0
// PP_CODEC_AVX512: the target has what avx512_candidates.hpp is written with (from Ice Lake and
// Zen 4 on), see PP_NATIVE.
#pragma once

#if defined(__AVX512F__) && defined(__AVX512BW__) && defined(__AVX512DQ__) &&    \
    defined(__AVX512VL__) && defined(__AVX512CD__) && defined(__AVX512VBMI__) && \
    defined(__AVX512BITALG__) && defined(__AVX512VPOPCNTDQ__) && defined(__GFNI__)
#define PP_CODEC_AVX512 1
#endif
