// SPDX-License-Identifier: Apache-2.0
// What a unit comes to in an engine, by the reference codec: result, output, and what it
// costs the engine's parts.
#pragma once

#include <cstdint>

#include "model/codec/lz4_engine.hpp"
#include "model/device/fast/flow.hpp"

namespace pagepress::model::fast {

inline constexpr std::uint32_t kBeat = 32;  // bytes of an engine's input or output, an edge
// As engine_cycles.cpp has it: edges from a unit's last beat to its first window.
inline constexpr Cycle kToWindow = 2;

// Edges that a compression costs, if nothing outside makes it wait.
struct CompressCost {
  bool skipped = false;  // nothing for the match finder
  bool block_leaves = false;
  Cycle held = 1;          // the match finder
  Cycle tail = 0;          // from the match finder's end to the encoder's
  Cycle steps = 0;         // the encoder's sequencer
  Cycle verification = 0;  // from its start to the verdict; 0: none
};

class Compressor {
 public:
  explicit Compressor(const EngineConfig& config);

  // Compression, copy or check of flow.data; sets flow.result and flow.out.
  CompressCost run(Flow& flow);

 private:
  Lz4Engine engine_;
};

// Decompression of flow.data; sets flow.result, but for its cycles, and flow.out.
void run_decompression(Flow& flow);

}  // namespace pagepress::model::fast
