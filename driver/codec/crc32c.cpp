// SPDX-License-Identifier: Apache-2.0
// CRC32C by DPDK's rte_hash_crc(), which runs the polynomial alone (with the
// CPU's crc32 instruction where there is one): RFC 3720's inversion before and
// after is added here, in one place.
#include <pagepress/codecs.hpp>

#include <rte_hash_crc.h>

namespace pagepress {

std::uint32_t crc32c(const void* data, std::size_t len) noexcept {
  return ~rte_hash_crc(data, static_cast<std::uint32_t>(len), 0xffffffffu);
}

}  // namespace pagepress
