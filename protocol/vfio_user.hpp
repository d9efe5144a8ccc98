// SPDX-License-Identifier: Apache-2.0
// The wire format of vfio-user (revision 0.1 of its specification), as both ends speak it: the
// emulator (model/emulator) and the driver's client (driver/bus/vfio_user). Names are the
// specification's; what it takes from VFIO as it is (vfio_region_info, vfio_irq_set, ...) is in
// <linux/vfio.h>.
//
// A message is a Header and a payload; file descriptors ride along by SCM_RIGHTS.
// Limitations: host byte order, as the specification has it; no migration, no dirty pages, no
// REGION_IO_FDS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pagepress::vfio_user {

inline constexpr std::uint16_t kVersionMajor = 0;
inline constexpr std::uint16_t kVersionMinor = 1;

enum class Command : std::uint16_t {
  kVersion = 1,
  kDmaMap = 2,
  kDmaUnmap = 3,
  kDeviceGetInfo = 4,
  kDeviceGetRegionInfo = 5,
  kDeviceGetRegionIoFds = 6,
  kDeviceGetIrqInfo = 7,
  kDeviceSetIrqs = 8,
  kRegionRead = 9,
  kRegionWrite = 10,
  kDmaRead = 11,   // server to client
  kDmaWrite = 12,  // server to client
  kDeviceReset = 13,
  kRegionWriteMulti = 15,
  kDeviceFeature = 16,
};

// "VFIO_USER_DMA_MAP"; "an unknown command" for what is not in the table.
[[nodiscard]] constexpr std::string_view to_string(Command command) noexcept {
  switch (command) {
    case Command::kVersion:
      return "VFIO_USER_VERSION";
    case Command::kDmaMap:
      return "VFIO_USER_DMA_MAP";
    case Command::kDmaUnmap:
      return "VFIO_USER_DMA_UNMAP";
    case Command::kDeviceGetInfo:
      return "VFIO_USER_DEVICE_GET_INFO";
    case Command::kDeviceGetRegionInfo:
      return "VFIO_USER_DEVICE_GET_REGION_INFO";
    case Command::kDeviceGetRegionIoFds:
      return "VFIO_USER_DEVICE_GET_REGION_IO_FDS";
    case Command::kDeviceGetIrqInfo:
      return "VFIO_USER_DEVICE_GET_IRQ_INFO";
    case Command::kDeviceSetIrqs:
      return "VFIO_USER_DEVICE_SET_IRQS";
    case Command::kRegionRead:
      return "VFIO_USER_REGION_READ";
    case Command::kRegionWrite:
      return "VFIO_USER_REGION_WRITE";
    case Command::kDmaRead:
      return "VFIO_USER_DMA_READ";
    case Command::kDmaWrite:
      return "VFIO_USER_DMA_WRITE";
    case Command::kDeviceReset:
      return "VFIO_USER_DEVICE_RESET";
    case Command::kRegionWriteMulti:
      return "VFIO_USER_REGION_WRITE_MULTI";
    case Command::kDeviceFeature:
      return "VFIO_USER_DEVICE_FEATURE";
  }
  return "an unknown command";
}

// Header::flags.
inline constexpr std::uint32_t kTypeMask = 0xf;
inline constexpr std::uint32_t kTypeCommand = 0;
inline constexpr std::uint32_t kTypeReply = 1;
inline constexpr std::uint32_t kNoReply = 1u << 4;
inline constexpr std::uint32_t kError = 1u << 5;  // Header::error holds an errno, or 0

struct Header {
  std::uint16_t id;  // of the sender's choice; a reply repeats it
  std::uint16_t command;
  std::uint32_t size;  // of the message, with this header [bytes]
  std::uint32_t flags;
  std::uint32_t error;
};
static_assert(sizeof(Header) == 16);

// Followed by JSON text that ends with a NUL: {"capabilities": {...}}.
struct Version {
  std::uint16_t major;
  std::uint16_t minor;
};
static_assert(sizeof(Version) == 4);

// What holds for a peer that does not say otherwise in `capabilities`.
inline constexpr std::size_t kDefaultMaxMsgFds = 1;
inline constexpr std::uint64_t kDefaultMaxDataXferSize = 1u << 20;  // [bytes]
inline constexpr std::uint64_t kDefaultMaxDmaMaps = 65535;

inline constexpr std::uint32_t kDmaReadable = 1u << 0;   // for the device
inline constexpr std::uint32_t kDmaWriteable = 1u << 1;  // likewise
struct DmaMapRequest {
  std::uint32_t argsz;
  std::uint32_t flags;
  std::uint64_t offset;  // in the file that comes along, else 0
  std::uint64_t address;
  std::uint64_t size;
};
static_assert(sizeof(DmaMapRequest) == 32);

struct DmaUnmapRequest {  // the reply repeats it
  std::uint32_t argsz;
  std::uint32_t flags;
  std::uint64_t address;
  std::uint64_t size;
};
static_assert(sizeof(DmaUnmapRequest) == 24);

struct DeviceInfo {  // vfio_device_info without its capabilities
  std::uint32_t argsz;
  std::uint32_t flags;
  std::uint32_t num_regions;
  std::uint32_t num_irqs;
};
static_assert(sizeof(DeviceInfo) == 16);

struct RegionAccess {  // `count` bytes of data follow in a write and in the reply to a read
  std::uint64_t offset;
  std::uint32_t region;
  std::uint32_t count;
};
static_assert(sizeof(RegionAccess) == 16);

struct DmaAccess {  // likewise
  std::uint64_t address;
  std::uint64_t count;
};
static_assert(sizeof(DmaAccess) == 16);

}  // namespace pagepress::vfio_user
