// SPDX-License-Identifier: Apache-2.0
#include <pagepress/codecs.hpp>

#include <cstring>

namespace pagepress {

// Most pages that are not filled differ in the first words, so the loop ends early on them.
std::optional<std::uint64_t> fill_word(const void* page) noexcept {
  const auto* at = static_cast<const std::byte*>(page);
  std::uint64_t first = 0;
  std::memcpy(&first, at, sizeof(first));
  for (const std::byte* end = at + kPageSize; at != end; at += sizeof(first)) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    if (word != first) {
      return std::nullopt;
    }
  }
  return first;
}

}  // namespace pagepress
