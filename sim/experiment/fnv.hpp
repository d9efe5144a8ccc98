// SPDX-License-Identifier: Apache-2.0
// Fnv: FNV-1a of 64 bits, to name what determines a result and to find torn files.
// Limitation: no cryptography; whoever wants two inputs of one hash can make them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace pagepress::sim {

class Fnv {
 public:
  void add(std::span<const std::byte> bytes) noexcept {
    for (const std::byte byte : bytes) {
      hash_ = (hash_ ^ std::to_integer<std::uint64_t>(byte)) * 0x100000001b3ULL;
    }
  }
  [[nodiscard]] std::uint64_t value() const noexcept { return hash_; }
  // 16 hexadecimal digits.
  [[nodiscard]] std::string text() const { return fmt::format("{:016x}", hash_); }

 private:
  std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

[[nodiscard]] inline std::string fnv_of(std::span<const std::byte> bytes) {
  Fnv hash;
  hash.add(bytes);
  return hash.text();
}
[[nodiscard]] inline std::string fnv_of(std::string_view text) {
  return fnv_of(std::as_bytes(std::span(text)));
}

}  // namespace pagepress::sim
