// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/decompress_pipe.hpp"

#include <algorithm>

namespace pagepress::model::fast {
namespace {

// From a block's last beat to its result, at least: parser, judge, chunker, CRC. Edges.
constexpr Cycle kTail = 20;

}  // namespace

Cycle DecompressPipe::input_ready(const Flow&) const {
  return units_.size() < kBuffers ? input_free_ : kNever;
}

void DecompressPipe::plan(Flow& flow, Cycle from) {
  const DecompressCost cost = run_decompression(flow);
  // Beats that come late hold up what follows them.
  const Cycle span = cost.latency > kTail ? cost.latency - kTail : 1;
  unsigned steps = 0;
  for (const Piece& piece : flow.pieces) steps += piece.steps;
  Cycle late = 0;
  unsigned before = 0;
  for (const Piece& piece : flow.pieces) {
    const Cycle wanted = from + span * before / steps;
    if (piece.first + 3 > wanted) late = std::max(late, piece.first + 3 - wanted);
    before += piece.steps;
  }
  Cycle done = std::max(from + late + cost.latency, decoded_ + cost.cycles);
  const Cycle ideal = done;
  // The output buffer is free when the unit before the last has left.
  done = std::max(done, left_ + cost.cycles + 1);
  // What waits holds the decoder all the same.
  flow.result.cycles += static_cast<std::uint32_t>(done - ideal + late);
  flow.first_feed = from;
  flow.done = decoded_ = done;
  flow.complete = std::max(from + steps - 1, done > kTail ? done - kTail : 0);
  input_free_ = flow.complete + 1;
}

void DecompressPipe::enter(Flow& flow) {
  units_.push_back(&flow);
  advance();
}

void DecompressPipe::advance() {
  if (offered_ != 0 || units_.empty()) return;
  Flow& flow = *units_.front();
  offered_ = 1;
  flow.offered = std::max(flow.done, left_ + 1);
  observer_.offered(flow);
}

void DecompressPipe::left(Flow& flow) {
  left_ = flow.left;
  units_.pop_front();
  offered_ = 0;
  advance();
  observer_.input_freed();
}

}  // namespace pagepress::model::fast
