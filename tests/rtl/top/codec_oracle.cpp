// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "model/codec/lz4_engine.hpp"
#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/top/engine_oracle.hpp"

namespace pagepress::bench {

UnitResult compress_reference(std::span<const std::uint8_t, kUnitBytes> unit, std::uint32_t limit) {
  const model::EngineResult codec = model::compress_unit(unit, limit);
  UnitResult result;
  result.status = static_cast<std::uint8_t>(codec.status);
  result.crc32c = codec.crc32c;
  result.info = codec.word;
  result.data = codec.data;
  return result;
}

std::vector<std::uint8_t> random_unit(Random& random) {
  std::vector<std::uint8_t> unit(kUnitBytes);
  const std::uint64_t kind = random.below(8);
  if (kind == 0) {  // same-filled
    const std::uint64_t word = random.percent(50) ? 0 : random.bits();
    for (std::size_t i = 0; i < unit.size(); i += 8) std::memcpy(&unit[i], &word, sizeof word);
    return unit;
  }
  // Literals of a small or full alphabet, mixed with copies of what came before.
  const std::uint64_t alphabet = kind == 1 ? 256 : random.between(2, 64);
  const unsigned copies = kind == 1 ? 0 : static_cast<unsigned>(random.below(60));
  std::size_t at = 0;
  while (at < unit.size()) {
    std::size_t count = random.between(1, 40);
    if (count > unit.size() - at) count = unit.size() - at;
    const bool copy = at != 0 && random.percent(copies);
    const std::size_t distance = copy ? random.between(1, at) : 0;
    for (std::size_t i = 0; i < count; ++i, ++at) {
      unit[at] = copy ? unit[at - distance] : static_cast<std::uint8_t>(random.below(alphabet));
    }
  }
  return unit;
}

}  // namespace pagepress::bench
