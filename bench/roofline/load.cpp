// SPDX-License-Identifier: Apache-2.0
#include "bench/roofline/load.hpp"

#include <stdexcept>

#include "model/codec/decoder_cycles.hpp"
#include "model/codec/engine_cycles.hpp"
#include "model/codec/lz4_encoder.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::bench {
namespace {

using sim::kPageBytes;

// `push(i)`: the cycle of unit i's result behind all pushed before it; `alone(i)`: its latency in
// an idle engine.
template <class Push, class Alone>
Pace pace_of(std::size_t units, Push push, Alone alone) {
  // Units go round and round: the second round counts, as a start is no part of the pace.
  std::uint64_t first_round = 0;
  for (std::size_t i = 0; i < units; ++i) first_round = push(i);
  std::uint64_t second_round = 0;
  for (std::size_t i = 0; i < units; ++i) second_round = push(i);
  std::uint64_t latency = 0;
  for (std::size_t i = 0; i < units; ++i) latency += alone(i);
  return {static_cast<double>(units * kPageBytes) / static_cast<double>(second_round - first_round),
          static_cast<double>(latency) / static_cast<double>(units)};
}

void add(Load& load, std::span<const std::uint8_t> bytes, std::uint32_t out_len) {
  load.units.push_back({static_cast<std::uint32_t>(bytes.size()), out_len});
  load.sources.insert(load.sources.end(), bytes.begin(), bytes.end());
  load.sources.resize(load.units.size() * kPageBytes);
}

using Rows = std::vector<model::SequenceRow>;

Pace pace_of_compression(const Load& load, std::span<const Rows> rows,
                         const model::EngineConfig& engine) {
  const auto push = [&](model::EngineTimeline& timeline, std::size_t unit) {
    const std::uint32_t out_len = load.units[unit].out_len;
    return timeline.push(
        rows[unit], {.limit = PP_LIMIT_DEFAULT, .out_len = out_len, .block_leaves = out_len != 0});
  };
  model::EngineTimeline stream(engine);
  return pace_of(
      rows.size(), [&](std::size_t unit) { return push(stream, unit).offered; },
      [&](std::size_t unit) {
        model::EngineTimeline timeline(engine);
        const model::UnitTimes alone = push(timeline, unit);
        return alone.offered - alone.first_beat;
      });
}

Pace pace_of_decompression(const Load& load) {
  const auto source = [&load](std::size_t unit) {
    return std::span(load.sources).subspan(unit * kPageBytes, load.units[unit].src_len);
  };
  model::DecoderTimeline stream;
  return pace_of(
      load.units.size(),
      [&](std::size_t unit) { return stream.push(source(unit), kPageBytes).offered; },
      [&](std::size_t unit) {
        const auto alone = model::DecoderTimeline::alone(source(unit), kPageBytes);
        return alone.offered - alone.first_beat;
      });
}

}  // namespace

Loads loads_of(std::span<const sim::PageView> pages, unsigned w) {
  const model::EngineConfig engine = model::EngineConfig::of(w);
  model::check_geometry(engine);
  Loads loads;
  loads.compress.name = "compress";
  loads.compress.opcode = PP_OP_COMPRESS;
  loads.decompress.name = "decompress";
  loads.decompress.opcode = PP_OP_DECOMPRESS;
  std::vector<Rows> rows;
  for (const sim::PageView page : pages) {
    rows.push_back(model::find_rows(page, engine));
    const std::vector<std::uint8_t> block =
        model::encode_sequences(page, model::sequences_of(rows.back()));
    const bool kept = block.size() <= PP_LIMIT_DEFAULT;
    add(loads.compress, page, kept ? static_cast<std::uint32_t>(block.size()) : 0);
    if (kept) add(loads.decompress, block, kPageBytes);
  }
  if (loads.decompress.units.empty()) {
    throw std::runtime_error("no page shrinks: nothing to decompress");
  }
  loads.compress.pace = pace_of_compression(loads.compress, rows, engine);
  loads.decompress.pace = pace_of_decompression(loads.decompress);
  return loads;
}

}  // namespace pagepress::bench
