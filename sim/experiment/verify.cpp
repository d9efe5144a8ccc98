// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/verify.hpp"

#include <lz4.h>

#include <array>
#include <cstring>

#include <fmt/format.h>

#include "model/codec/crc32c.hpp"

namespace pagepress::sim {
namespace {

std::string check_same_filled(PageView page, std::uint64_t word) {
  for (std::size_t at = 0; at < page.size(); at += sizeof(word)) {
    if (std::memcmp(page.data() + at, &word, sizeof(word)) != 0) {
      return fmt::format("byte {} is not of the word {:#018x} that is said to fill the page", at,
                         word);
    }
  }
  return {};
}

std::string check_crc(PageView page, std::uint32_t found) {
  const std::uint32_t crc = model::crc32c(page);
  if (found == crc) return {};
  return fmt::format("CRC32C {:08x}, the page's is {:08x}", found, crc);
}

std::string check_block(PageView page, std::span<const std::byte> out, std::uint32_t limit_bytes) {
  if (out.empty() || out.size() > limit_bytes) {
    return fmt::format("output of {} bytes, the limit is {}", out.size(), limit_bytes);
  }
  std::array<char, kPageBytes> decoded;
  const int length =
      LZ4_decompress_safe(reinterpret_cast<const char*>(out.data()), decoded.data(),
                          static_cast<int>(out.size()), static_cast<int>(decoded.size()));
  if (length < 0) return fmt::format("liblz4 refuses the block near byte {}", -length - 1);
  if (length != static_cast<int>(kPageBytes)) {
    return fmt::format("the block decodes to {} bytes", length);
  }
  if (std::memcmp(decoded.data(), page.data(), page.size()) != 0) {
    std::size_t at = 0;
    while (static_cast<std::uint8_t>(decoded[at]) == page[at]) ++at;
    return fmt::format("the block decodes to another page, from byte {} on", at);
  }
  return {};
}

}  // namespace

std::string verify(PageView page, const Completion& completion, std::span<const std::byte> out,
                   std::uint32_t limit_bytes) {
  std::string error;
  switch (completion.status) {
    case Status::kOk:
      error = check_block(page, out, limit_bytes);
      break;
    case Status::kSameFilled:
      error = check_same_filled(page, completion.info);
      break;
    case Status::kIncompressible:
      break;
    default:
      return fmt::format("status {}", to_string(completion.status));
  }
  return error.empty() ? check_crc(page, completion.crc32c) : error;
}

std::string verify_decompressed(PageView page, const Completion& completion,
                                std::span<const std::byte> out) {
  if (completion.status != Status::kOk) {
    return fmt::format("decompressed: status {}", to_string(completion.status));
  }
  if (out.size() != page.size()) {
    return fmt::format("the block was decompressed to {} bytes", out.size());
  }
  if (std::memcmp(out.data(), page.data(), page.size()) != 0) {
    std::size_t at = 0;
    while (std::to_integer<std::uint8_t>(out[at]) == page[at]) ++at;
    return fmt::format("decompressed to another page, from byte {} on", at);
  }
  return check_crc(page, completion.crc32c);
}

}  // namespace pagepress::sim
