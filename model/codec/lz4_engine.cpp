// SPDX-License-Identifier: Apache-2.0
// A unit's status and block (rtl/lz4/pp_lz4_compressor.sv).
#include "model/codec/lz4_engine.hpp"

#include <algorithm>
#include <cstring>
#include <optional>

#include "model/codec/crc32c.hpp"
#include "model/codec/engine_cycles.hpp"
#include "model/codec/lz4_encoder.hpp"
#include "model/codec/match_finder.hpp"

namespace pagepress::model {
namespace {

// The thread's own engine, with this geometry: calls for single units allocate nothing
// either, as long as they are for the same one.
Lz4Engine& engine_of(const EngineConfig& config) {
  thread_local std::optional<Lz4Engine> engine;
  if (!engine || engine->config() != config) engine.emplace(config);
  return *engine;
}

}  // namespace

bool is_same_filled(std::span<const std::uint8_t> unit) {
  return std::memcmp(unit.data(), unit.data() + sizeof(std::uint64_t),
                     unit.size() - sizeof(std::uint64_t)) == 0;
}

struct Lz4Engine::State {
  explicit State(const EngineConfig& geometry) : config(geometry), match_finder(geometry) {}

  EngineConfig config;
  MatchFinder match_finder;
  std::vector<SequenceRow> rows;
};

Lz4Engine::Lz4Engine(const EngineConfig& config) : state_(std::make_unique<State>(config)) {}
Lz4Engine::~Lz4Engine() = default;
Lz4Engine::Lz4Engine(Lz4Engine&&) noexcept = default;
Lz4Engine& Lz4Engine::operator=(Lz4Engine&&) noexcept = default;

const EngineConfig& Lz4Engine::config() const { return state_->config; }

const std::vector<SequenceRow>& Lz4Engine::find_rows(std::span<const std::uint8_t> unit) {
  state_->match_finder.find(unit, state_->rows);
  return state_->rows;
}

void Lz4Engine::compress(std::span<const std::uint8_t> unit, std::uint32_t limit,
                         EngineResult& result) {
  check_unit_size(unit.size());
  result.status = EngineStatus::kOk;
  result.word = 0;
  result.data.clear();
  result.crc32c = crc32c(unit);
  const UnitFacts facts{static_cast<std::uint32_t>(unit.size()), is_same_filled(unit), limit};
  if (facts.skipped) {
    result.status = EngineStatus::kSameFilled;
    std::memcpy(&result.word, unit.data(), sizeof result.word);
    state_->rows.clear();
  } else {
    const std::vector<SequenceRow>& rows = find_rows(unit);
    const std::size_t size = encoded_size(rows);
    if (size <= std::min<std::size_t>(limit, unit.size())) {
      encode_rows(unit, rows, size, result.data);
    } else {
      result.status = EngineStatus::kIncompressible;
    }
  }
  result.out_len = static_cast<std::uint32_t>(result.data.size());
  const UnitTimes times = EngineTimeline(state_->config).push(state_->rows, facts);
  result.cycles = times.cycles;
  result.latency = static_cast<std::uint32_t>(times.offered);
}

std::vector<SequenceRow> find_rows(std::span<const std::uint8_t> unit, const EngineConfig& config) {
  return engine_of(config).find_rows(unit);
}

std::vector<Sequence> sequences_of(std::span<const SequenceRow> rows) {
  std::vector<Sequence> all;
  for (const SequenceRow& row : rows) {
    all.insert(all.end(), row.sequences.begin(), row.sequences.end());
  }
  return all;
}

std::vector<Sequence> find_sequences(std::span<const std::uint8_t> unit,
                                     const EngineConfig& config) {
  return sequences_of(engine_of(config).find_rows(unit));
}

EngineResult compress_unit(std::span<const std::uint8_t> unit, std::uint32_t limit,
                           const EngineConfig& config) {
  EngineResult result;
  engine_of(config).compress(unit, limit, result);
  return result;
}

}  // namespace pagepress::model
