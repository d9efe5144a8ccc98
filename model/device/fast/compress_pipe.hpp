// SPDX-License-Identifier: Apache-2.0
// rtl/lz4/pp_lz4_compressor.sv at the grain of units: page buffers, slots, match finder,
// encoder, block buffers, verification, results. EngineTimeline's recurrences, with input
// and output that have times of their own.
//
// Limitation: the encoder is a server with a unit's whole work, not its rows: a match finder that
// waits in the middle of a unit for an encoder busy with the unit before goes unseen.
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "model/device/fast/engine_work.hpp"
#include "model/device/fast/pipe.hpp"

namespace pagepress::model::fast {

class CompressPipe final : public Pipe {
 public:
  CompressPipe(unsigned w, PipeObserver& observer)
      : compressor_(EngineConfig::of(w)), observer_(observer), page_free_(w == 32 ? 3 : 2, 0) {}

  [[nodiscard]] bool stalls() const override { return false; }
  [[nodiscard]] Cycle input_ready() const override;
  [[nodiscard]] Cycle takes_ahead() const override { return kNever; }
  void begin(Flow&) override {}
  Cycle take(std::span<const std::uint8_t>, Cycle from) override { return from; }
  void enter(Flow& flow) override;
  void left(Flow& flow) override;

 private:
  static constexpr unsigned kSlots = 4;   // units inside
  static constexpr unsigned kBlocks = 2;  // block buffers
  static constexpr unsigned kNone = UINT32_MAX;

  struct Inside {
    Flow* flow;
    CompressCost cost;
    Cycle end;  // of the match finder
    unsigned slot;
    unsigned page = kNone;
    unsigned block = kNone;
  };

  void advance();
  bool encode(Inside& unit);
  void judge(Inside& unit);

  Compressor compressor_;
  PipeObserver& observer_;
  std::deque<Inside> units_;  // until they have left
  std::size_t encoded_ = 0;   // of them, from the front
  std::size_t offered_ = 0;

  std::vector<Cycle> page_free_;  // a first beat can come from here on; kNever: not known yet
  std::array<Cycle, kSlots> slot_free_{};
  std::array<Cycle, kBlocks> block_free_{};
  // While that is kNever: when its block will have left if the writer takes it at once.
  std::array<Cycle, kBlocks> block_leaves_ = {kNever, kNever};
  std::array<const Flow*, kBlocks> block_of_{};
  unsigned page_ = 0;
  unsigned slot_ = 0;
  Cycle matcher_free_ = 0;
  Cycle encoder_done_ = 0;
  Cycle judged_ = 0;
  Cycle left_ = 0;
};

}  // namespace pagepress::model::fast
