// SPDX-License-Identifier: Apache-2.0
// When the engine's LZ4 decoder does what: rtl/lz4/pp_lz4_decompressor.sv clock by clock, its
// control without its data. It reads a block as the RTL does, looking only at the input, and
// judges each sequence by liblz4's limits; tests hold its verdict to decode_block()'s and its
// cycles to the RTL's. docs/decoder.md has the pipeline in words.
//
// Limitations: results and outputs are taken at once, or the caller says when outputs have left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace pagepress::model {

struct DecodeTimes {
  std::uint64_t first_beat = 0;  // cycle in which the block's first beat was taken
  std::uint64_t last_beat = 0;   // likewise its last
  std::uint64_t first_byte = 0;  // in which the first byte of output exists; 0 if none does
  std::uint64_t offered = 0;     // in which the result is offered
  std::uint32_t cycles = 0;      // res_cycles_o: clocks that the unit had the decoder; those of
                                 // back-to-back units add up to the time they take
  std::uint32_t out_len = 0;     // bytes; 0 if malformed
  bool malformed = false;
  bool operator==(const DecodeTimes&) const = default;
};

// A stream of blocks, each offered as soon as the one before has been taken. Cycle 0 is the one
// in which the first block's first beat is taken.
class DecoderTimeline {
 public:
  DecoderTimeline();
  ~DecoderTimeline();
  DecoderTimeline(DecoderTimeline&&) noexcept;
  DecoderTimeline& operator=(DecoderTimeline&&) noexcept;

  // `drained`: its output leaves (else it is dropped, or its CRC is not the expected one).
  // Units of at most `unit_bytes` fit (PP_UNIT_LOG2): capacity must not be larger.
  DecodeTimes push(std::span<const std::uint8_t> block, std::size_t capacity, bool drained = true);

  // The same a beat at a time, where the surroundings say when. Cycles count as the caller's do; a
  // timeline is used this way or the other.
  // A block of `size` bytes begins; the output of the unit before the last has left behind cycle
  // `buffer_free`.
  void begin(std::size_t size, std::size_t capacity, std::uint64_t buffer_free);
  // Its next 32 bytes, or what is left, are offered from this cycle on: the one in which they are
  // taken.
  std::uint64_t take(std::span<const std::uint8_t> beat, std::uint64_t from);
  // All have been taken. `offered`: the first cycle in which the result can be.
  [[nodiscard]] DecodeTimes end();

  // Of a block with none before it: what push() of a new stream gives.
  static DecodeTimes alone(std::span<const std::uint8_t> block, std::size_t capacity,
                           bool drained = true);

 private:
  struct Blocks;
  class Pipeline;
  std::unique_ptr<Blocks> blocks_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Pipeline> rest_;  // a copy that end() has run on
  bool ended_ = false;              // and nothing has been taken since
};

}  // namespace pagepress::model
