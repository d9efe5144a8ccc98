// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/swap/verify_copy.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {
namespace {

// What is wrong; empty: nothing.
std::string word_error(std::uint64_t word, sim::PageView expected) {
  for (std::size_t at = 0; at < expected.size(); at += sizeof(word)) {
    if (std::memcmp(expected.data() + at, &word, sizeof(word)) != 0) {
      return fmt::format("byte {} is not of the word {:#018x} that is said to fill it", at, word);
    }
  }
  return {};
}

std::string version_error(const Copy& copy, Version version) {
  if (copy.kind == Copy::Kind::kNone) return "there is no copy of it";
  if (copy.version != version) return fmt::format("the copy is of version {}", copy.version);
  return {};
}

std::string page_error(std::span<const std::byte> decoded, sim::PageView expected) {
  if (std::memcmp(decoded.data(), expected.data(), sim::kPageBytes) == 0) return {};
  const auto* const found = reinterpret_cast<const std::uint8_t*>(decoded.data());
  const auto at = std::mismatch(expected.begin(), expected.end(), found).first - expected.begin();
  return fmt::format("its block decodes to another page, from byte {} on", at);
}

[[noreturn]] void fail(PageId page, Version version, const std::string& error) {
  throw ConservationError(fmt::format("page {} version {}: {}", page, version, error));
}

std::string block_error(Codec& decoder, const Copy& copy, sim::PageView expected) {
  std::array<std::byte, sim::kPageBytes> decoded;  // not cleared: it is written or not looked at
  Request request;
  request.operation = Operation::kDecompress;
  request.src = copy.block.data();
  request.src_len = static_cast<std::uint32_t>(copy.block.size());
  request.dst = decoded.data();
  request.capacity = sim::kPageBytes;
  Completion done;
  if (decoder.submit({&request, 1}) != 1 || decoder.poll({&done, 1}) != 1) {
    return fmt::format("{} is busy with other pages", decoder.name());
  }
  if (done.status != Status::kOk) {
    return fmt::format("{} says \"{}\" of its block of {} bytes", decoder.name(),
                       to_string(done.status), copy.block.size());
  }
  if (done.out_len != sim::kPageBytes) {
    return fmt::format("its block decodes to {} bytes", done.out_len);
  }
  if (std::string error = page_error(decoded, expected); !error.empty()) return error;
  if (copy.crc32c != 0 && done.crc32c != 0 && copy.crc32c != done.crc32c) {
    return fmt::format("its CRC32C is {:08x}, {:08x} was stored", done.crc32c, copy.crc32c);
  }
  return {};
}

}  // namespace

void verify_copy(Codec& decoder, PageId page, Version version, const Copy& copy,
                 sim::PageView expected) {
  std::string error = version_error(copy, version);
  if (error.empty() && copy.kind == Copy::Kind::kSameFilled)
    error = word_error(copy.word, expected);
  if (error.empty() && copy.kind == Copy::Kind::kBlock)
    error = block_error(decoder, copy, expected);
  if (!error.empty()) fail(page, version, error);
}

void verify_decoded(PageId page, Version version, const Copy& copy,
                    std::span<const std::byte> decoded, sim::PageView expected) {
  std::string error = version_error(copy, version);
  if (error.empty()) error = page_error(decoded, expected);
  if (!error.empty()) fail(page, version, error);
}

}  // namespace pagepress::reclaim
