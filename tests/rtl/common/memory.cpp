// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/common/memory.hpp"

#include <algorithm>

namespace pagepress::bench {

void Memory::map(std::uint64_t address, std::uint64_t length, std::uint8_t fill) {
  for (std::uint64_t page = address / kPage; page <= (address + length - 1) / kPage; ++page) {
    const auto [it, is_new] = pages_.try_emplace(page);
    if (is_new) it->second.fill(fill);
  }
}

bool Memory::mapped(std::uint64_t address) const { return pages_.contains(address / kPage); }

void Memory::read(std::uint64_t address, std::span<std::uint8_t> to) const {
  while (!to.empty()) {
    const std::uint64_t offset = address % kPage;
    const std::size_t count = std::min<std::size_t>(to.size(), kPage - offset);
    const Page& page = pages_.at(address / kPage);
    std::copy_n(page.data() + offset, count, to.data());
    to = to.subspan(count);
    address += count;
  }
}

void Memory::write(std::uint64_t address, std::span<const std::uint8_t> from) {
  while (!from.empty()) {
    const std::uint64_t offset = address % kPage;
    const std::size_t count = std::min<std::size_t>(from.size(), kPage - offset);
    Page& page = pages_.at(address / kPage);
    std::copy_n(from.data(), count, page.data() + offset);
    from = from.subspan(count);
    address += count;
  }
}

std::uint64_t Memory::first_difference(const Memory& other) const {
  auto mine = pages_.begin();
  auto theirs = other.pages_.begin();
  for (; mine != pages_.end() && theirs != other.pages_.end(); ++mine, ++theirs) {
    if (mine->first != theirs->first) return std::min(mine->first, theirs->first) * kPage;
    const auto [a, b] =
        std::mismatch(mine->second.begin(), mine->second.end(), theirs->second.begin());
    if (a != mine->second.end()) {
      return mine->first * kPage + static_cast<std::uint64_t>(a - mine->second.begin());
    }
  }
  if (mine != pages_.end()) return mine->first * kPage;
  if (theirs != other.pages_.end()) return theirs->first * kPage;
  return kEqual;
}

}  // namespace pagepress::bench
