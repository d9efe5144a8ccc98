// SPDX-License-Identifier: Apache-2.0
// rtl/lz4/pp_lz4_decompressor.sv at the grain of units: a unit is decoded while the one
// before drains.
//
// Limitation: what is read ahead while both output buffers are held is a fixed number of beats.
#pragma once

#include <deque>

#include "model/codec/decoder_cycles.hpp"
#include "model/device/fast/engine_work.hpp"
#include "model/device/fast/pipe.hpp"

namespace pagepress::model::fast {

class DecompressPipe final : public Pipe {
 public:
  explicit DecompressPipe(PipeObserver& observer) : observer_(observer) {}

  [[nodiscard]] bool stalls() const override { return true; }
  [[nodiscard]] Cycle input_ready() const override;
  [[nodiscard]] Cycle takes_ahead() const override;
  void begin(Flow& flow) override;
  Cycle take(std::span<const std::uint8_t> beat, Cycle from) override;
  void enter(Flow& flow) override;
  void left(Flow& flow) override;

 private:
  static constexpr std::size_t kBuffers = 2;  // of output
  void advance();

  PipeObserver& observer_;
  DecoderTimeline decoder_;
  std::deque<Flow*> units_;  // until they have left
  std::size_t offered_ = 0;
  Cycle input_free_ = 0;
  Cycle left_ = 0;   // the last unit's output has left
  Cycle freed_ = 0;  // and that of the one before
};

}  // namespace pagepress::model::fast
