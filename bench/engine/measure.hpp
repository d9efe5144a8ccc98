// SPDX-License-Identifier: Apache-2.0
// Measures design points over page files by the reference codec, which has the RTL's bytes and
// cycles (tests/rtl, scripts/check_engine.sh).
//
// Limitation: pages are one behind the other, input is always offered, and nothing outside makes
// the engine wait.
#pragma once

#include <vector>

#include "bench/engine/figures.hpp"
#include "bench/engine/pages.hpp"

namespace pagepress::bench {

// The compressor at one point.
[[nodiscard]] PointFigures measure_point(const DesignPoint& point,
                                         const std::vector<Pages>& corpus);

enum class Streams : std::uint8_t { kLz4Fast, kLz4Hc, kEngine };

// The decompressor over what liblz4, or the engine at `point`, makes of the pages.
[[nodiscard]] DecoderFigures measure_decoder(Streams streams, const DesignPoint& point,
                                             const std::vector<Pages>& corpus);

}  // namespace pagepress::bench
