// SPDX-License-Identifier: Apache-2.0
// ConfigSpace: the PCI configuration space of the function: type 0, MSI-X and PCI Express
// capabilities. Bits that a real function lets a host write are writable, the others are not: so
// BAR sizing works. What a write means to the rest of the device is for the session to ask.
//
// Limitations: 32-bit BARs, no ROM; extended space is there and empty; status bits are never set.
#pragma once

#include <linux/pci_regs.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pagepress::emulator {

constexpr std::size_t kMsixBarSize = 0x2000;    // [B] of PP_BAR_MSIX: a page each of table and
constexpr std::size_t kMsixPbaOffset = 0x1000;  // pending bits
constexpr unsigned kMsixVectors = kMsixPbaOffset / PCI_MSIX_ENTRY_SIZE;  // that have room there

class ConfigSpace {
 public:
  static constexpr std::size_t kSize = 4096;

  explicit ConfigSpace(unsigned vectors);

  // Of [offset, offset + size()), which must lie in the space.
  void read(std::size_t offset, std::span<std::byte> to) const;
  // True if it asks for a function-level reset; the bit itself reads 0.
  [[nodiscard]] bool write(std::size_t offset, std::span<const std::byte> from);

  void reset();  // to what it is made with

  [[nodiscard]] bool bus_master() const { return (word(PCI_COMMAND) & PCI_COMMAND_MASTER) != 0; }
  [[nodiscard]] bool msix_enabled() const;
  [[nodiscard]] bool msix_masked() const;  // by the function mask of enabled MSI-X

 private:
  [[nodiscard]] std::uint16_t word(std::size_t at) const;
  void set16(std::size_t at, unsigned value, unsigned writable = 0);
  void set32(std::size_t at, std::uint32_t value, std::uint32_t writable = 0);
  void set_header();
  void set_msix();
  void set_express();

  unsigned vectors_;
  std::array<std::byte, kSize> bytes_{};
  std::array<std::byte, kSize> writable_{};
};

}  // namespace pagepress::emulator
