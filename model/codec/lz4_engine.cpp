// SPDX-License-Identifier: Apache-2.0
// LZ4 block encoding and the unit's status (rtl/lz4/pp_lz4_encoder.sv and
// pp_lz4_compressor.sv). Format: lz4_Block_format.md of the lz4 project.
#include "model/codec/lz4_engine.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <stdexcept>

#include "model/codec/crc32c.hpp"

namespace pagepress::model {
namespace {

constexpr unsigned kMinMatch = 4;
constexpr unsigned kNibble = 15;  // a length that goes on in extension bytes

void append_extension(std::vector<std::uint8_t>& out, unsigned rest) {
  for (; rest >= 255; rest -= 255) out.push_back(255);
  out.push_back(static_cast<std::uint8_t>(rest));
}

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

std::vector<std::uint8_t> encode_sequences(std::span<const std::uint8_t> unit,
                                           std::span<const Sequence> sequences) {
  std::vector<std::uint8_t> out;
  out.reserve(unit.size() + 32);
  for (const Sequence& seq : sequences) {
    const bool last = seq.match_len == 0;
    const unsigned match = last ? 0U : seq.match_len - kMinMatch;
    out.push_back(static_cast<std::uint8_t>((std::min<unsigned>(seq.lit_len, kNibble) << 4) |
                                            std::min(match, kNibble)));
    if (seq.lit_len >= kNibble) append_extension(out, seq.lit_len - kNibble);
    const auto literals = unit.subspan(seq.lit_pos, seq.lit_len);
    out.insert(out.end(), literals.begin(), literals.end());
    if (last) break;
    out.push_back(static_cast<std::uint8_t>(seq.offset & 0xff));
    out.push_back(static_cast<std::uint8_t>(seq.offset >> 8));
    if (match >= kNibble) append_extension(out, match - kNibble);
  }
  return out;
}

EngineResult compress_unit(std::span<const std::uint8_t> unit, std::uint32_t limit,
                           const EngineConfig& config) {
  check_unit_size(unit.size());
  EngineResult result;
  result.crc32c = crc32c(unit);
  if (is_same_filled(unit)) {
    result.status = EngineStatus::kSameFilled;
    std::memcpy(&result.word, unit.data(), sizeof result.word);
    return result;
  }
  result.data = encode_sequences(unit, find_sequences(unit, config));
  if (result.data.size() > std::min<std::size_t>(limit, unit.size())) {
    result.status = EngineStatus::kIncompressible;
    result.data.clear();
  }
  result.out_len = static_cast<std::uint32_t>(result.data.size());
  return result;
}

}  // namespace pagepress::model
