// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/decompress_pipe.hpp"

#include <algorithm>
#include <utility>

namespace pagepress::model::fast {

Cycle DecompressPipe::input_ready() const {
  return units_.size() < kBuffers ? input_free_ : kNever;
}

Cycle DecompressPipe::takes_ahead() const {
  return units_.size() == kBuffers ? input_free_ : kNever;
}

void DecompressPipe::begin(Flow& flow) {
  // That of the unit before the last.
  const Cycle freed = units_.empty() ? freed_ : left_;
  decoder_.begin(flow.job.src_len, flow.job.dst_capacity, freed);
}

Cycle DecompressPipe::take(std::span<const std::uint8_t> beat, Cycle from) {
  return decoder_.take(beat, from);
}

void DecompressPipe::enter(Flow& flow) {
  run_decompression(flow);
  const DecodeTimes times = decoder_.end();
  flow.result.cycles = times.cycles;
  flow.done = times.offered;
  input_free_ = flow.complete + 1;
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
