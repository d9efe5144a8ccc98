// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio_user/pci_function.hpp"

#include <fmt/format.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include <system_error>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

constexpr unsigned kMostCapabilities = 48;  // as many as fit; a chain that is longer is a ring

[[noreturn]] void refused(const char* what, std::uint64_t offset, int error) {
  throw DeviceError(DeviceFault::kRefused,
                    fmt::format("the server refuses to {} config space at {:#x}: {}", what, offset,
                                std::generic_category().message(error)));
}

template <class T>
T read_config(VfioUserSession& session, std::uint64_t offset) {
  T value{};
  const int error = session.read_region(VFIO_PCI_CONFIG_REGION_INDEX, offset,
                                        std::as_writable_bytes(std::span(&value, 1)));
  if (error != 0) {
    refused("read", offset, error);
  }
  return value;
}

template <class T>
void write_config(VfioUserSession& session, std::uint64_t offset, T value) {
  const int error = session.write_region(VFIO_PCI_CONFIG_REGION_INDEX, offset,
                                         std::as_bytes(std::span(&value, 1)));
  if (error != 0) {
    refused("write", offset, error);
  }
}

// Its offset in config space; 0: there is none.
std::uint8_t find_capability(VfioUserSession& session, std::uint8_t id) {
  if ((read_config<std::uint16_t>(session, PCI_STATUS) & PCI_STATUS_CAP_LIST) == 0) {
    return 0;
  }
  auto at =
      static_cast<std::uint8_t>(read_config<std::uint8_t>(session, PCI_CAPABILITY_LIST) & ~3u);
  for (unsigned i = 0; at >= PCI_STD_HEADER_SIZEOF; ++i) {
    if (i == kMostCapabilities) {
      throw DeviceError(DeviceFault::kProtocol, "the list of PCI capabilities has no end");
    }
    const auto header = read_config<std::uint16_t>(session, at);
    if ((header & 0xffu) == id) {
      return at;
    }
    at = static_cast<std::uint8_t>(header >> 8 & ~3u);
  }
  return 0;
}

}  // namespace

void check_pci_identity(VfioUserSession& session) {
  const auto vendor = read_config<std::uint16_t>(session, PCI_VENDOR_ID);
  const auto device = read_config<std::uint16_t>(session, PCI_DEVICE_ID);
  if (vendor != PP_PCI_VENDOR_ID || device != PP_PCI_DEVICE_ID) {
    throw DeviceError(DeviceFault::kNotPresent,
                      fmt::format("PCI device {:04x}:{:04x}, which is not a page-compression "
                                  "engine ({:04x}:{:04x})",
                                  vendor, device, PP_PCI_VENDOR_ID, PP_PCI_DEVICE_ID));
  }
}

unsigned enable_pci_function(VfioUserSession& session) {
  const auto command = read_config<std::uint16_t>(session, PCI_COMMAND);
  write_config(session, PCI_COMMAND,
               static_cast<std::uint16_t>(command | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER));
  const std::uint8_t msix = find_capability(session, PCI_CAP_ID_MSIX);
  if (msix == 0) {
    return 0;
  }
  const auto control = read_config<std::uint16_t>(session, msix + std::uint64_t{PCI_MSIX_FLAGS});
  write_config(session, msix + std::uint64_t{PCI_MSIX_FLAGS},
               static_cast<std::uint16_t>((control | PCI_MSIX_FLAGS_ENABLE) &
                                          ~unsigned{PCI_MSIX_FLAGS_MASKALL}));
  return (control & unsigned{PCI_MSIX_FLAGS_QSIZE}) + 1u;
}

}  // namespace pagepress
