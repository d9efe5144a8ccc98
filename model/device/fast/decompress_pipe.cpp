// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/decompress_pipe.hpp"

#include <algorithm>
#include <utility>

namespace pagepress::model::fast {

Cycle DecompressPipe::input_ready(const Flow&) const {
  return units_.size() < kBuffers ? input_free_ : kNever;
}

Cycle DecompressPipe::takes_ahead(const Flow&) const {
  return units_.size() == kBuffers ? input_free_ : kNever;
}

void DecompressPipe::plan(Flow& flow, std::span<Cycle> beats) {
  run_decompression(flow);
  // Of the unit before the last.
  const Cycle freed = units_.empty() ? freed_ : left_;
  const DecodeTimes times = decoder_.push(flow.data, flow.job.dst_capacity, beats, freed);
  flow.result.cycles = times.cycles;
  flow.first_feed = times.first_beat;
  flow.complete = times.last_beat;
  flow.done = times.offered;
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
  freed_ = std::exchange(left_, flow.left);
  units_.pop_front();
  offered_ = 0;
  advance();
  observer_.input_freed();
}

}  // namespace pagepress::model::fast
