// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstring>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/top/engine_oracle.hpp"

namespace pagepress::bench {

UnitResult compress_reference(std::span<const std::uint8_t, kUnitBytes> unit, std::uint32_t limit) {
  UnitResult result;
  std::array<std::uint64_t, 4> words{};
  std::memcpy(words.data(), unit.data(), sizeof words);
  for (std::size_t i = 0; i < unit.size(); i += 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, &unit[i], sizeof word);
    result.crc32c ^= word;
  }
  const std::uint32_t wanted = static_cast<std::uint32_t>(words[0] & 0xfffU) + 1;
  if (words[0] == words[1] && words[0] == words[2] && words[0] == words[3]) {
    result.status = PP_STATUS_SAME_FILLED;
    result.info = words[0];
  } else if (wanted > limit) {
    result.status = PP_STATUS_INCOMPRESSIBLE;
  } else {
    result.status = PP_STATUS_OK;
    result.data.assign(unit.begin(), unit.begin() + wanted);
  }
  return result;
}

std::vector<std::uint8_t> random_unit(Random& random) {
  std::vector<std::uint8_t> unit(kUnitBytes);
  const bool same = random.percent(10);
  std::uint64_t word = random.bits();
  for (std::size_t i = 0; i < unit.size(); i += 8) {
    if (!same) word = random.bits();
    std::memcpy(&unit[i], &word, sizeof word);
  }
  return unit;
}

}  // namespace pagepress::bench
