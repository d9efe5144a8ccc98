// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/engine_work.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "model/codec/crc32c.hpp"
#include "model/codec/decoder_cycles.hpp"
#include "model/codec/engine_cycles.hpp"
#include "model/codec/lz4_decoder.hpp"
#include "model/codec/lz4_encoder.hpp"

namespace pagepress::model::fast {
namespace {

// EngineTimeline: from the encoder's end to the result's offer.
constexpr Cycle kToOffer = 3;
// pp_lz4_proof: from the start of a job to its first beat, and from the decoder's result to
// the verdict.
constexpr Cycle kAroundDecoder = 3;

// PP_INJECT_FLIP_OUTPUT: none if the output is shorter.
void flip(std::vector<std::uint8_t>& out, std::uint32_t bit) {
  if (bit / 8 < out.size()) out[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
}

}  // namespace

Compressor::Compressor(const EngineConfig& config) : engine_(config) {}

// A copy or check looks at the unit's CRC only, a same-filled unit has no rows.
CompressCost Compressor::run(Flow& flow) {
  const Job& job = flow.job;
  const std::span<const std::uint8_t> unit = flow.data;
  const auto size = static_cast<std::uint32_t>(unit.size());
  const bool same = is_same_filled(unit);
  CompressCost cost;
  cost.skipped = same || job.work != Work::kCompress;
  Result& result = flow.result;
  result.status = PP_STATUS_OK;
  result.crc32c = crc32c(unit);
  const std::uint32_t limit = std::min(job.limit, size);

  std::span<const SequenceRow> rows;
  std::size_t block_size = 0;
  bool fits = false;
  if (!cost.skipped) {
    rows = engine_.find_rows(unit);
    block_size = encoded_size(rows);
    fits = block_size <= limit;
  } else if (same && job.work != Work::kCopy) {
    result.status = PP_STATUS_SAME_FILLED;
    std::memcpy(&result.info, unit.data(), sizeof result.info);
  }
  const bool keep = job.work == Work::kCopy || (!cost.skipped && !fits && job.raw);
  if (!cost.skipped && !fits) result.status = PP_STATUS_INCOMPRESSIBLE;
  result.raw = keep && job.work != Work::kCopy;
  if (keep) {
    flow.out.assign(unit.begin(), unit.end());
  } else if (fits) {
    encode_rows(unit, rows, block_size, flow.out);
  } else {
    flow.out.clear();
  }
  cost.block_leaves = fits;
  if (job.inject == PP_INJECT_FLIP_OUTPUT) flip(flow.out, job.inject_arg);
  if (job.verify && fits) {
    cost.verification = DecoderTimeline::alone(flow.out, size).offered + kAroundDecoder;
    const std::optional<std::vector<std::uint8_t>> back = decode_block(flow.out, size);
    if (!back || !std::ranges::equal(*back, unit)) {
      result.status = PP_STATUS_VERIFY_FAILED;
      flow.out.clear();
    }
  }
  result.out_len = static_cast<std::uint32_t>(flow.out.size());

  // Alone, and with nothing verified or leaving.
  const UnitTimes alone = EngineTimeline(engine_.config())
                              .push(rows, {.size = size,
                                           .skipped = cost.skipped,
                                           .limit = limit,
                                           .out_len = 0,
                                           .block_leaves = false});
  result.cycles = alone.cycles;
  cost.steps = cost.skipped ? 0 : alone.steps;
  cost.held = cost.skipped ? 1 : alone.cycles;
  const Cycle end = size / kBeat - 1 + kToWindow + cost.held;
  cost.tail = alone.offered - kToOffer - end;
  return cost;
}

void run_decompression(Flow& flow) {
  const Job& job = flow.job;
  DecodeOptions options;
  if (job.expect_crc) options.expected_crc32c = job.expected;
  if (job.inject == PP_INJECT_FLIP_OUTPUT) options.flip_bit = job.inject_arg;
  DecodeResult decoded = decompress_untimed(flow.data, job.dst_capacity, options);
  Result& result = flow.result;
  result.status = static_cast<std::uint8_t>(decoded.status);
  result.out_len = decoded.out_len;
  result.crc32c = decoded.crc32c;
  flow.out = std::move(decoded.data);
}

}  // namespace pagepress::model::fast
