// SPDX-License-Identifier: Apache-2.0
// When the compressor (rtl/lz4/pp_lz4_compressor.sv) is done with what: cycle for cycle what the
// RTL does with a stream of units, as long as nothing outside makes it wait. docs/engine.md
// has the stages; tests/rtl/engine/compressor_suite.hpp holds this to the RTL.
//
// Limitations: verified units are not predicted (they wait for the decoder, decoder_cycles.hpp).
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "model/codec/lz4_engine.hpp"

namespace pagepress::model {

// What a unit's way through the engine depends on, beside its rows.
struct UnitFacts {
  std::uint32_t size = kUnit;   // bytes
  bool skipped = false;         // same-filled, copied or checked: nothing for the match finder
  std::uint32_t limit = kUnit;  // longest useful block, bytes
  std::uint32_t out_len = 0;    // bytes that leave, 0 if none do
  bool block_leaves = false;    // they are the block, not the unit itself
};

struct UnitTimes {
  std::uint64_t first_beat = 0;  // the cycle in which the unit's first beat is taken
  std::uint64_t offered = 0;     // in which its result is offered
  std::uint64_t left = 0;        // in which its last output leaves; `offered` if there is none
  std::uint32_t cycles = 0;      // the result's res_cycles_o
  std::uint32_t steps = 0;       // of the encoder's sequencer for all rows
};

// Units back to back: a beat is offered in every cycle from cycle 0 on, results and output
// are taken at once.
class EngineTimeline {
 public:
  explicit EngineTimeline(const EngineConfig& config);

  // The next unit. `rows`: find_rows() of it; not looked at if it is skipped.
  UnitTimes push(std::span<const SequenceRow> rows, const UnitFacts& facts);

 private:
  static constexpr unsigned kSlots = 4;     // units inside
  static constexpr unsigned kBlocks = 2;    // block buffers
  static constexpr unsigned kRows = 128;    // of the encoder's FIFO
  static constexpr unsigned kUnderWay = 4;  // rows that it keeps room for

  struct Stall {
    std::uint64_t from, to;  // cycles in which the match finder stands, both included
  };

  [[nodiscard]] std::uint64_t enabled(std::uint64_t cycle) const;
  [[nodiscard]] std::uint64_t after(std::uint64_t cycle, unsigned slots) const;
  // A row enters the FIFO; the cycle in which its last step is taken.
  std::uint64_t encode(std::uint64_t pushed, unsigned steps, std::uint64_t room);

  unsigned w_;
  unsigned lanes_;
  // Arrival
  std::uint64_t load_next_ = 0;  // a first beat can come from here on
  unsigned slot_ = 0;
  unsigned page_ = 0;
  std::vector<std::uint64_t> page_free_;  // from when on it is
  std::array<std::uint64_t, kSlots> slot_free_{};
  // Match finder
  std::uint64_t slot_next_ = 0;   // its first slot behind the last unit's end
  std::uint64_t fetch_next_ = 0;  // a window can be read from here on
  std::deque<Stall> stalls_;
  // Encoder: when the last row entered each stage, and is done
  std::uint64_t measure1_ = 0;
  std::uint64_t measure2_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t steps_next_ = 0;
  std::uint64_t row_ = 0;  // rows so far
  std::array<std::uint64_t, kRows> popped_{};
  std::array<std::uint64_t, kBlocks> block_free_{};
  // Results
  std::uint64_t judged_ = 0;
  std::uint64_t left_ = 0;
};

}  // namespace pagepress::model
