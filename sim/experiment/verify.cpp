// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/verify.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

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

// Where `found` differs from the page, which is as long.
std::size_t first_difference(PageView page, std::span<const std::byte> found) {
  std::size_t at = 0;
  while (std::to_integer<std::uint8_t>(found[at]) == page[at]) ++at;
  return at;
}

std::unique_ptr<BlockCodec> make_lz4_decoder() {
  const std::span<const CpuCodec> codecs = pagepress::cpu_codecs();
  const auto lz4 = std::find_if(codecs.begin(), codecs.end(),
                                [](const CpuCodec& codec) { return codec.name == "cpu:lz4"; });
  return lz4->make(lz4->standard_level());
}

}  // namespace

Verifier::Verifier(const std::function<std::unique_ptr<BlockCodec>()>& make_decoder,
                   std::uint32_t limit_bytes, Crc crc)
    : decoder_(make_decoder ? make_decoder() : make_lz4_decoder()),
      limit_bytes_(limit_bytes),
      crc_(crc) {}

std::string Verifier::check_crc(PageView page, std::uint32_t found) const {
  if (crc_ == Crc::kNone) return {};
  const std::uint32_t crc = model::crc32c(page);
  if (found == crc) return {};
  return fmt::format("CRC32C {:08x}, the page's is {:08x}", found, crc);
}

std::string Verifier::check_block(PageView page, std::span<const std::byte> out) const {
  if (out.empty() || out.size() > limit_bytes_) {
    return fmt::format("output of {} bytes, the limit is {}", out.size(), limit_bytes_);
  }
  std::array<std::byte, kPageBytes> decoded;
  const std::optional<std::size_t> length = decoder_->decompress(out, decoded);
  if (!length) return fmt::format("{}'s library refuses the block", decoder_->name());
  if (*length != kPageBytes) return fmt::format("the block decodes to {} bytes", *length);
  if (std::memcmp(decoded.data(), page.data(), page.size()) != 0) {
    return fmt::format("the block decodes to another page, from byte {} on",
                       first_difference(page, decoded));
  }
  return {};
}

std::string Verifier::stored(PageView page, const Completion& completion,
                             std::span<const std::byte> out) const {
  std::string error;
  switch (completion.status) {
    case Status::kOk:
      error = check_block(page, out);
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

std::string Verifier::loaded(PageView page, const Completion& completion,
                             std::span<const std::byte> out) const {
  if (completion.status != Status::kOk) {
    return fmt::format("decompressed: status {}", to_string(completion.status));
  }
  if (out.size() != page.size()) {
    return fmt::format("the block was decompressed to {} bytes", out.size());
  }
  if (std::memcmp(out.data(), page.data(), page.size()) != 0) {
    return fmt::format("decompressed to another page, from byte {} on",
                       first_difference(page, out));
  }
  return check_crc(page, completion.crc32c);
}

}  // namespace pagepress::sim
