// SPDX-License-Identifier: Apache-2.0
// CRC32C (Castagnoli), as RFC 3720 appendix B.4 and the kernel's crc32c().
// Limitation: tables of eight bytes at once, portable; instructions for it would be faster.
#pragma once

#include <cstdint>
#include <span>

namespace pagepress::model {

// Initial value and final inversion included: crc32c("123456789") == 0xe3069283.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::uint8_t> data) noexcept;

}  // namespace pagepress::model
