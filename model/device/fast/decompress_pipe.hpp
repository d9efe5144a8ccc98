// SPDX-License-Identifier: Apache-2.0
// rtl/lz4/pp_lz4_decompressor.sv at the grain of units: a unit is decoded while the one
// before drains.
//
// Limitation: a block's beats are taken evenly; how far the feed runs ahead of the decoder at a
// block's end is one number for all blocks.
#pragma once

#include <deque>

#include "model/device/fast/engine_work.hpp"
#include "model/device/fast/pipe.hpp"

namespace pagepress::model::fast {

class DecompressPipe final : public Pipe {
 public:
  explicit DecompressPipe(PipeObserver& observer) : observer_(observer) {}

  [[nodiscard]] bool wants_all() const override { return true; }
  [[nodiscard]] Cycle input_ready(const Flow& flow) const override;
  void plan(Flow& flow, Cycle from) override;
  void enter(Flow& flow) override;
  void left(Flow& flow) override;

 private:
  static constexpr std::size_t kBuffers = 2;  // of output
  void advance();

  PipeObserver& observer_;
  std::deque<Flow*> units_;  // until they have left
  std::size_t offered_ = 0;
  Cycle input_free_ = 0;
  Cycle decoded_ = 0;  // the decoder was done with the last unit
  Cycle left_ = 0;     // the last unit's output has left
};

}  // namespace pagepress::model::fast
