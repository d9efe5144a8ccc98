// SPDX-License-Identifier: Apache-2.0
// The vfio-user protocol on the wire, version 0.1: what libvfio-user and QEMU's
// docs/interop/vfio-user.rst define, as far as this server speaks it. Integers have the host's
// byte order. VFIO's own structs (<linux/vfio.h>) are used where the protocol carries them.
//
// Limitation: no migration and no dirty-page messages.
#pragma once

#include <linux/vfio.h>

#include <cstddef>
#include <cstdint>

namespace pagepress::emulator {

constexpr std::uint16_t kProtocolMajor = 0;
constexpr std::uint16_t kProtocolMinor = 1;

enum Command : std::uint16_t {
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

constexpr std::uint32_t kTypeMask = 0xf;  // of Header::flags
constexpr std::uint32_t kTypeCommand = 0;
constexpr std::uint32_t kTypeReply = 1;
constexpr std::uint32_t kFlagNoReply = 0x10;
constexpr std::uint32_t kFlagError = 0x20;

struct Header {
  std::uint16_t id;  // the sender's; a reply repeats it
  std::uint16_t command;
  std::uint32_t size;  // [B] with this header
  std::uint32_t flags;
  std::uint32_t error;  // errno of a reply with kFlagError
};
static_assert(sizeof(Header) == 16);

struct VersionBody {
  std::uint16_t major;
  std::uint16_t minor;  // JSON text follows
};
static_assert(sizeof(VersionBody) == 4);

struct DmaMapBody {
  std::uint32_t argsz;
  std::uint32_t flags;   // VFIO_DMA_MAP_FLAG_READ, _WRITE
  std::uint64_t offset;  // in the file
  std::uint64_t address;
  std::uint64_t size;
};
static_assert(sizeof(DmaMapBody) == 32);

struct DmaUnmapBody {
  std::uint32_t argsz;
  std::uint32_t flags;  // VFIO_DMA_UNMAP_FLAG_ALL
  std::uint64_t address;
  std::uint64_t size;
};
static_assert(sizeof(DmaUnmapBody) == 24);

struct DeviceInfoBody {
  std::uint32_t argsz;
  std::uint32_t flags;
  std::uint32_t regions;
  std::uint32_t irqs;
};
static_assert(sizeof(DeviceInfoBody) == 16);

// VFIO_REGION_INFO_CAP_SPARSE_MMAP with one area (VFIO's struct ends in an array).
struct SparseMmapCapability {
  vfio_info_cap_header header;
  std::uint32_t areas;
  std::uint32_t reserved;
  vfio_region_sparse_mmap_area area;
};
static_assert(sizeof(SparseMmapCapability) == 32);

struct RegionIoFdsBody {
  std::uint32_t argsz;
  std::uint32_t flags;
  std::uint32_t index;
  std::uint32_t count;
};
static_assert(sizeof(RegionIoFdsBody) == 16);

// Without its data, as the next two.
struct RegionAccessBody {
  std::uint64_t offset;
  std::uint32_t region;
  std::uint32_t count;
};
static_assert(sizeof(RegionAccessBody) == 16);

struct DmaAccessBody {
  std::uint64_t address;
  std::uint64_t count;
};
static_assert(sizeof(DmaAccessBody) == 16);

struct WriteMultiBody {
  std::uint64_t count;  // of WriteMultiEntry
};
static_assert(sizeof(WriteMultiBody) == 8);

struct WriteMultiEntry {
  RegionAccessBody access;
  std::uint8_t data[8];
};
static_assert(sizeof(WriteMultiEntry) == 24);

// What the protocol carries of VFIO.
static_assert(sizeof(vfio_region_info) == 32);
static_assert(sizeof(vfio_irq_info) == 16);
static_assert(offsetof(vfio_irq_set, data) == 20);

// Bounds of this server, told to the client where the protocol has a word for them.
constexpr std::size_t kMaxMessageFds = 16;
constexpr std::size_t kMaxTransfer = 1u << 20;  // [B] of data in a message
constexpr std::size_t kMaxMessage = sizeof(Header) + kMaxTransfer + 64;
constexpr std::size_t kMaxDmaMaps = 16384;

}  // namespace pagepress::emulator
