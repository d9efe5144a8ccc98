// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/config_space.hpp"

#include <cstring>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::emulator {
namespace {

constexpr std::size_t kMsixAt = 0x40;
constexpr std::size_t kExpressAt = 0x50;

constexpr std::uint32_t bar_mask(std::uint32_t size) { return ~(size - 1); }

}  // namespace

ConfigSpace::ConfigSpace(unsigned vectors) : vectors_(vectors) { reset(); }

void ConfigSpace::reset() {
  bytes_ = {};
  writable_ = {};
  set_header();
  set_msix();
  set_express();
}

void ConfigSpace::set_header() {
  set16(PCI_VENDOR_ID, PP_PCI_VENDOR_ID);
  set16(PCI_DEVICE_ID, PP_PCI_DEVICE_ID);
  set16(PCI_COMMAND, 0,
        PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | PCI_COMMAND_SERR |
            PCI_COMMAND_INTX_DISABLE);
  set16(PCI_STATUS, PCI_STATUS_CAP_LIST);
  set32(PCI_CLASS_REVISION, PP_PCI_CLASS << 16 | PP_VERSION_MAJOR);
  set16(PCI_CACHE_LINE_SIZE, 0, 0xff);
  set32(PCI_BASE_ADDRESS_0 + 4 * PP_BAR_REGISTERS, 0, bar_mask(PP_BAR0_SIZE));
  set32(PCI_BASE_ADDRESS_0 + 4 * PP_BAR_MSIX, 0, bar_mask(kMsixBarSize));
  set16(PCI_SUBSYSTEM_VENDOR_ID, PP_PCI_VENDOR_ID);
  set16(PCI_SUBSYSTEM_ID, PP_PCI_DEVICE_ID);
  set16(PCI_CAPABILITY_LIST, kMsixAt);
  set16(PCI_INTERRUPT_LINE, 0, 0xff);  // the pin stays 0: no INTx
}

void ConfigSpace::set_msix() {
  set16(kMsixAt, PCI_CAP_ID_MSIX | kExpressAt << 8);
  set16(kMsixAt + PCI_MSIX_FLAGS, vectors_ - 1, PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
  set32(kMsixAt + PCI_MSIX_TABLE, PP_BAR_MSIX);
  set32(kMsixAt + PCI_MSIX_PBA, kMsixPbaOffset | PP_BAR_MSIX);
}

void ConfigSpace::set_express() {
  set16(kExpressAt, PCI_CAP_ID_EXP);
  set16(kExpressAt + PCI_EXP_FLAGS, 2 | PCI_EXP_TYPE_ENDPOINT << 4);
  set32(kExpressAt + PCI_EXP_DEVCAP, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR);
  // The bit that starts a function-level reset is looked at in write().
  set16(kExpressAt + PCI_EXP_DEVCTL,
        PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_NOSNOOP_EN | PCI_EXP_DEVCTL_READRQ_512B,
        PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE |
            PCI_EXP_DEVCTL_RELAX_EN | PCI_EXP_DEVCTL_PAYLOAD | PCI_EXP_DEVCTL_NOSNOOP_EN |
            PCI_EXP_DEVCTL_READRQ);
  const unsigned link = PCI_EXP_LNKSTA_CLS_16_0GB | PCI_EXP_LNKSTA_NLW_X8;
  set32(kExpressAt + PCI_EXP_LNKCAP, link);  // its fields are where the status has them
  set16(kExpressAt + PCI_EXP_LNKCTL, 0, PCI_EXP_LNKCTL_RCB | PCI_EXP_LNKCTL_CCC);
  set16(kExpressAt + PCI_EXP_LNKSTA, link);
  set16(kExpressAt + PCI_EXP_LNKCTL2, PCI_EXP_LNKCTL2_TLS_16_0GT);
}

void ConfigSpace::read(std::size_t offset, std::span<std::byte> to) const {
  std::memcpy(to.data(), bytes_.data() + offset, to.size());
}

bool ConfigSpace::write(std::size_t offset, std::span<const std::byte> from) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::byte mask = writable_[offset + i];
    bytes_[offset + i] = (bytes_[offset + i] & ~mask) | (from[i] & mask);
  }
  constexpr std::size_t kFlrAt = kExpressAt + PCI_EXP_DEVCTL + 1;
  constexpr std::byte kFlr{PCI_EXP_DEVCTL_BCR_FLR >> 8};
  return offset <= kFlrAt && kFlrAt < offset + from.size() &&
         (from[kFlrAt - offset] & kFlr) != std::byte{0};
}

bool ConfigSpace::msix_enabled() const {
  return (word(kMsixAt + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_ENABLE) != 0;
}

bool ConfigSpace::msix_masked() const {
  constexpr unsigned kBoth = PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL;
  return (word(kMsixAt + PCI_MSIX_FLAGS) & kBoth) == kBoth;
}

std::uint16_t ConfigSpace::word(std::size_t at) const {
  std::uint16_t value = 0;
  std::memcpy(&value, bytes_.data() + at, sizeof value);
  return value;
}

void ConfigSpace::set16(std::size_t at, unsigned value, unsigned writable) {
  const auto narrow_value = static_cast<std::uint16_t>(value);
  const auto narrow_mask = static_cast<std::uint16_t>(writable);
  std::memcpy(bytes_.data() + at, &narrow_value, sizeof narrow_value);
  std::memcpy(writable_.data() + at, &narrow_mask, sizeof narrow_mask);
}

void ConfigSpace::set32(std::size_t at, std::uint32_t value, std::uint32_t writable) {
  std::memcpy(bytes_.data() + at, &value, sizeof value);
  std::memcpy(writable_.data() + at, &writable, sizeof writable);
}

}  // namespace pagepress::emulator
