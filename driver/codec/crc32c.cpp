// SPDX-License-Identifier: Apache-2.0
// CRC32C by DPDK's rte_hash_crc family, which runs the polynomial alone (with
// the CPU's crc32 instruction where there is one): RFC 3720's inversion before
// and after is added here, in one place.
// rte_hash_crc() itself loads 8 bytes from any address, which C++ does not
// allow; hence the words come by memcpy.
#include <pagepress/codecs.hpp>

#include <rte_hash_crc.h>

#include <cstring>

namespace pagepress {

std::uint32_t crc32c(const void* data, std::size_t len) noexcept {
  const auto* at = static_cast<const std::uint8_t*>(data);
  std::uint32_t crc = 0xffffffffu;
  for (; len >= sizeof(std::uint64_t); len -= sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    at += sizeof(word);
    crc = rte_hash_crc_8byte(word, crc);
  }
  for (; len != 0; --len) {
    crc = rte_hash_crc_1byte(*at++, crc);
  }
  return ~crc;
}

}  // namespace pagepress
