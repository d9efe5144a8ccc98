// SPDX-License-Identifier: Apache-2.0
// What the device may read and write at the moment, byte by byte.
// Limitation: a byte has one owner; granting it twice is a mistake of the bench.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

namespace pagepress::bench {

class AccessMap {
 public:
  enum Access : std::uint8_t { kNone = 0, kRead = 1, kWrite = 2 };

  // Ranges may run over the top of the address space.
  void grant(std::uint64_t address, std::uint64_t length, Access access) {
    fill(address, length, access);
  }
  void revoke(std::uint64_t address, std::uint64_t length) { fill(address, length, kNone); }
  void revoke_all() { pages_.clear(); }

  // A beat may be read if any byte of it may: the bus carries whole beats.
  [[nodiscard]] bool may_read(std::uint64_t beat, unsigned bytes) const {
    const Page* page = find(beat);
    if (page == nullptr) return false;
    for (unsigned i = 0; i < bytes; ++i) {
      if (((*page)[beat % kPage + i] & kRead) != 0) return true;
    }
    return false;
  }

  // Every byte whose strobe is set must be writable. `beat` is aligned to `bytes`.
  [[nodiscard]] bool may_write(std::uint64_t beat, unsigned bytes, std::uint64_t strobes) const {
    const Page* page = find(beat);
    if (page == nullptr) return strobes == 0;
    for (unsigned i = 0; i < bytes; ++i) {
      if ((strobes >> i & 1U) != 0 && ((*page)[beat % kPage + i] & kWrite) == 0) return false;
    }
    return true;
  }

 private:
  static constexpr std::uint64_t kPage = 4096;
  using Page = std::array<std::uint8_t, kPage>;

  [[nodiscard]] const Page* find(std::uint64_t address) const {
    const auto it = pages_.find(address / kPage);
    return it == pages_.end() ? nullptr : &it->second;
  }
  void fill(std::uint64_t address, std::uint64_t length, std::uint8_t value) {
    while (length != 0) {
      const std::uint64_t offset = address % kPage;
      const std::uint64_t count = length < kPage - offset ? length : kPage - offset;
      Page& page = pages_[address / kPage];
      for (std::uint64_t i = 0; i < count; ++i) page[offset + i] = value;
      address += count;
      length -= count;
    }
  }

  std::unordered_map<std::uint64_t, Page> pages_;
};

}  // namespace pagepress::bench
