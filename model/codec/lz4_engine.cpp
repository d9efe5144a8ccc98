// SPDX-License-Identifier: Apache-2.0
// A unit's status and block (rtl/lz4/pp_lz4_compressor.sv).
#include "model/codec/lz4_engine.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "model/codec/crc32c.hpp"
#include "model/codec/engine_cycles.hpp"

namespace pagepress::model {
namespace {

bool is_same_filled(std::span<const std::uint8_t> unit) {
  return std::memcmp(unit.data(), unit.data() + sizeof(std::uint64_t),
                     unit.size() - sizeof(std::uint64_t)) == 0;
}

void check_unit_size(std::size_t size) {
  if (size < kUnit || size > kMaxUnit || !std::has_single_bit(size)) {
    throw std::invalid_argument("unit size that the engine does not take");
  }
}

}  // namespace

EngineResult compress_unit(std::span<const std::uint8_t> unit, std::uint32_t limit,
                           const EngineConfig& config) {
  check_unit_size(unit.size());
  EngineResult result;
  result.crc32c = crc32c(unit);
  UnitFacts facts{static_cast<std::uint32_t>(unit.size()), is_same_filled(unit), limit};
  std::vector<SequenceRow> rows;
  if (facts.skipped) {
    result.status = EngineStatus::kSameFilled;
    std::memcpy(&result.word, unit.data(), sizeof result.word);
  } else {
    rows = find_rows(unit, config);
    result.data = encode_sequences(unit, sequences_of(rows));
    if (result.data.size() > std::min<std::size_t>(limit, unit.size())) {
      result.status = EngineStatus::kIncompressible;
      result.data.clear();
    }
  }
  result.out_len = static_cast<std::uint32_t>(result.data.size());
  const UnitTimes times = EngineTimeline(config).push(rows, facts);
  result.cycles = times.cycles;
  result.latency = static_cast<std::uint32_t>(times.offered);
  return result;
}

}  // namespace pagepress::model
