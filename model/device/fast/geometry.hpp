// SPDX-License-Identifier: Apache-2.0
// The parameters of rtl/pagepress_top.sv, with its defaults.
// Limitation: what the RTL refuses to elaborate is not checked again here.
#pragma once

#include <cstdint>

namespace pagepress::model::fast {

struct Geometry {
  unsigned w = 16;  // positions a cycle of a match finder
  unsigned queues = 8;
  unsigned engines = 2;
  unsigned vectors = 9;
  unsigned beat_bytes = 64;  // of the AXI bus: 32 or 64
  unsigned id_bits = 4;      // of the AXI bus: two IDs an engine, and one
  unsigned burst_beats = 16;
  unsigned sge_max = 8;
  unsigned read_buffer = 32768;  // bytes ahead of a compressor; a decompressor has half
  unsigned sq_prefetch = 8;
  unsigned channel_units = 12;
  unsigned write_bursts = 32;
  unsigned error_log = 16;
  unsigned unit_log2 = 12;  // of the largest unit

  [[nodiscard]] unsigned channels() const { return 2 * engines; }
  [[nodiscard]] unsigned slots() const { return channels() * channel_units + 8; }
  [[nodiscard]] std::uint32_t unit_bytes() const { return 1U << unit_log2; }
  // The longest block that can decode to a unit.
  [[nodiscard]] std::uint32_t block_max() const { return unit_bytes() + unit_bytes() / 255 + 16; }
};

inline constexpr unsigned kChunk = 32;  // bytes that a packer takes or gives at once
inline constexpr unsigned kDepthLog2Max = 15;

}  // namespace pagepress::model::fast
