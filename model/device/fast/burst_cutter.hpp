// SPDX-License-Identifier: Apache-2.0
// rtl/dma/pp_burst_cutter.sv: a range of bytes to bursts of whole, aligned beats.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/device/fast/flow.hpp"

namespace pagepress::model::fast {

// The first burst of a range.
struct Cut {
  std::uint64_t start;  // its first byte
  unsigned bytes;       // of the range
  unsigned beats;
};

[[nodiscard]] inline Cut cut_burst(const Range& range, unsigned beat_bytes, unsigned burst_beats) {
  constexpr unsigned kBoundary = 4096;
  const unsigned lane = static_cast<unsigned>(range.address % beat_bytes);
  const unsigned to_boundary =
      (kBoundary - static_cast<unsigned>(range.address % kBoundary) + lane) / beat_bytes;
  const std::uint32_t wanted = (lane + range.len + beat_bytes - 1) / beat_bytes;
  const unsigned beats = std::min({wanted, std::uint32_t{burst_beats}, std::uint32_t{to_boundary}});
  return {range.address, std::min(range.len, beats * beat_bytes - lane), beats};
}

// What is left of the range behind it.
[[nodiscard]] inline Range behind(const Range& range, const Cut& cut) {
  return {range.address + cut.bytes, range.len - cut.bytes};
}

}  // namespace pagepress::model::fast
