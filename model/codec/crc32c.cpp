// SPDX-License-Identifier: Apache-2.0
#include "model/codec/crc32c.hpp"

#include <array>
#include <cstring>
#ifdef __SSE4_2__
#include <nmmintrin.h>
#endif

namespace pagepress::model {
namespace {

constexpr std::uint32_t kPolynomial = 0x82f63b78;  // 0x1edc6f41, reflected

constexpr std::size_t kStep = 8;  // bytes at once

// kTables[n][b]: what byte b adds to the CRC when n more bytes follow.
using Tables = std::array<std::array<std::uint32_t, 256>, kStep>;

constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? kPolynomial : 0U);
    tables[0][i] = crc;
  }
  for (std::size_t n = 1; n < kStep; ++n) {
    for (std::uint32_t i = 0; i < 256; ++i) {
      const std::uint32_t crc = tables[n - 1][i];
      tables[n][i] = (crc >> 8) ^ tables[0][crc & 0xffU];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

std::uint32_t with_word(std::uint32_t crc, std::uint64_t word) {
#ifdef __SSE4_2__
  return static_cast<std::uint32_t>(_mm_crc32_u64(crc, word));
#else
  word ^= crc;
  crc = 0;
  for (std::size_t n = 0; n < kStep; ++n) {
    crc ^= kTables[kStep - 1 - n][(word >> (8 * n)) & 0xffU];
  }
  return crc;
#endif
}

}  // namespace

std::uint32_t crc32c(std::span<const std::uint8_t> data) noexcept {
  std::uint32_t crc = ~0U;
  for (; data.size() >= kStep; data = data.subspan(kStep)) {
    std::uint64_t word = 0;  // little-endian
    std::memcpy(&word, data.data(), sizeof word);
    crc = with_word(crc, word);
  }
  for (const std::uint8_t byte : data) crc = (crc >> 8) ^ kTables[0][(crc ^ byte) & 0xffU];
  return ~crc;
}

}  // namespace pagepress::model
