// SPDX-License-Identifier: Apache-2.0
// The geometries and unit sizes that there are.
#include <bit>
#include <stdexcept>

#include "model/codec/lz4_engine.hpp"
#include "model/codec/lz_hash.hpp"

namespace pagepress::model {
namespace {

// What rtl/lz/pp_match_finder.sv checks when it is elaborated.
bool elaborates(const EngineConfig& config) {
  auto table_fits = [&config](unsigned rows, unsigned most_bits) {
    return std::has_single_bit(rows) && rows >= 2 * config.banks && rows <= 1U << most_bits;
  };
  return (config.w == 8 || config.w == 16 || config.w == 32) && std::has_single_bit(config.banks) &&
         table_fits(config.rows, kShortHashBits) &&
         (config.long_rows == 0 || table_fits(config.long_rows, kLongHashBits)) &&
         (config.ways == 1 || config.ways == 2) && config.near >= 1 && config.near <= config.w &&
         std::has_single_bit(config.units) && config.units >= 2 && config.units <= 8 &&
         2 * config.units <= config.w && (config.starts == 2 || config.starts == 4);
}

}  // namespace

EngineConfig EngineConfig::of(unsigned w) {
  switch (w) {
    case 8:
      return {8, 16, 2, 1024, 1024, 8, 2, 2};
    case 16:
      return {};
    case 32:
      return {32, 64, 2, 1024, 1024, 32, 4, 4};
    default:
      throw std::invalid_argument("the engine is 8, 16 or 32 bytes wide");
  }
}

void check_geometry(const EngineConfig& config) {
  if (!elaborates(config)) {
    throw std::invalid_argument("match finder geometry that the RTL does not have");
  }
}

void check_unit_size(std::size_t size) {
  if (size < kUnit || size > kMaxUnit || !std::has_single_bit(size)) {
    throw std::invalid_argument("unit size that the engine does not take");
  }
}

}  // namespace pagepress::model
