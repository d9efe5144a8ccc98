// SPDX-License-Identifier: Apache-2.0
// The memory that a bench gives the device: pages that were mapped, anywhere in
// 64 bits of address. Whole copies compare, so that a stray write shows.
// Limitation: mapped in units of 4 KiB.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>

namespace pagepress::bench {

class Memory {
 public:
  static constexpr std::uint64_t kPage = 4096;
  using Page = std::array<std::uint8_t, kPage>;

  // Maps every page that [address, address + length) touches; new ones hold `fill`.
  void map(std::uint64_t address, std::uint64_t length, std::uint8_t fill = 0);
  [[nodiscard]] bool mapped(std::uint64_t address) const;

  // Throw std::out_of_range where nothing is mapped.
  void read(std::uint64_t address, std::span<std::uint8_t> to) const;
  void write(std::uint64_t address, std::span<const std::uint8_t> from);

  template <class T>
  [[nodiscard]] T load(std::uint64_t address) const {
    T value;
    read(address, {reinterpret_cast<std::uint8_t*>(&value), sizeof value});
    return value;
  }
  template <class T>
  void store(std::uint64_t address, const T& value) {
    write(address, {reinterpret_cast<const std::uint8_t*>(&value), sizeof value});
  }

  // Address of the first byte that differs (or is mapped in one only), or
  // kEqual.
  static constexpr std::uint64_t kEqual = ~std::uint64_t{0};
  [[nodiscard]] std::uint64_t first_difference(const Memory& other) const;

 private:
  std::map<std::uint64_t, Page> pages_;  // by address / kPage
};

}  // namespace pagepress::bench
