// SPDX-License-Identifier: Apache-2.0
// Fields of a Verilated port, whatever its width. Limitation: 64 bits a field.
#pragma once

#include <cstdint>

namespace pagepress::test {

template <class Port>
void put_bits(Port& port, unsigned at, unsigned bits, std::uint64_t value) {
  auto* bytes = reinterpret_cast<std::uint8_t*>(&port);
  for (unsigned b = 0; b < bits; ++b, ++at) {
    const auto mask = static_cast<std::uint8_t>(1U << (at % 8));
    if (((value >> b) & 1U) != 0) {
      bytes[at / 8] |= mask;
    } else {
      bytes[at / 8] &= static_cast<std::uint8_t>(~mask);
    }
  }
}

template <class Port>
[[nodiscard]] std::uint64_t get_bits(const Port& port, unsigned at, unsigned bits) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&port);
  std::uint64_t value = 0;
  for (unsigned b = 0; b < bits; ++b, ++at) {
    value |= static_cast<std::uint64_t>((bytes[at / 8] >> (at % 8)) & 1U) << b;
  }
  return value;
}

// The match finder tells lengths of 4 to 8 bytes by five bits, "4 + n bytes or more" each.
[[nodiscard]] constexpr unsigned length_bits(unsigned length) {
  return length < 4 ? 0U : (1U << (length - 3)) - 1U;
}

}  // namespace pagepress::test
