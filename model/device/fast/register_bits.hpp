// SPDX-License-Identifier: Apache-2.0
// A register write as the machine sees it.
#pragma once

#include <cstdint>

namespace pagepress::model::fast {

struct RegisterWrite {
  std::uint32_t offset = 0;  // of its word in the block it belongs to
  std::uint32_t data = 0;
  std::uint8_t strobes = 0xf;  // of bytes; byte 0 in bit 0

  // The bytes written, the others as they were.
  [[nodiscard]] std::uint32_t over(std::uint32_t old) const {
    std::uint32_t mask = 0;
    for (unsigned byte = 0; byte < 4; ++byte) {
      if ((strobes >> byte & 1U) != 0) mask |= 0xffU << (8 * byte);
    }
    return (old & ~mask) | (data & mask);
  }
};

}  // namespace pagepress::model::fast
