// SPDX-License-Identifier: Apache-2.0
// What the engine inside the device answers for a unit, by the reference codec.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {

inline constexpr std::size_t kUnitBytes = 4096;

struct UnitResult {
  std::uint8_t status = 0;  // PP_STATUS_*
  std::uint32_t crc32c = 0;
  std::uint64_t info = 0;
  std::vector<std::uint8_t> data;
};

UnitResult compress_reference(std::span<const std::uint8_t, kUnitBytes> unit, std::uint32_t limit);

// A unit of a random kind: same-filled, compressible to any degree, incompressible.
std::vector<std::uint8_t> random_unit(Random& random);

}  // namespace pagepress::bench
