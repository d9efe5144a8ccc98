// SPDX-License-Identifier: Apache-2.0
// The messages between QEMU's x-pci-proxy-dev and the process that serves its device, as QEMU 7.2
// has them on a 64-bit host (include/hw/remote/mpqemu-link.h): a header, then a payload, both in
// the host's byte order; descriptors ride the first byte.
// Limitation: QEMU marks the device experimental; other versions may differ.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pagepress::mpqemu {

constexpr std::size_t kMaxFds = 8;  // REMOTE_MAX_FDS

enum Command : std::int32_t {
  kSyncSysmem = 0,   // SysmemBody with descriptors; no reply
  kReturn = 1,       // the only reply: a value of 64 bits
  kConfigWrite = 2,  // ConfigBody
  kConfigRead = 3,
  kBarWrite = 4,  // BarBody
  kBarRead = 5,
  kSetIrqFd = 6,  // two eventfds for INTx; no reply
  kDeviceReset = 7,
};

struct Header {
  std::int32_t command;
  std::uint32_t padding;
  std::uint64_t size;  // [B] of the payload
};
static_assert(sizeof(Header) == 16);

// The guest's memory, one range for each descriptor.
struct SysmemBody {
  std::array<std::uint64_t, kMaxFds> addresses;  // guest-physical
  std::array<std::uint64_t, kMaxFds> sizes;      // [B]
  std::array<std::uint64_t, kMaxFds> offsets;    // in the file

  bool operator==(const SysmemBody&) const = default;
};
static_assert(sizeof(SysmemBody) == 192);

struct ConfigBody {
  std::uint32_t address;
  std::uint32_t value;
  std::int32_t bytes;  // 1, 2 or 4
};
static_assert(sizeof(ConfigBody) == 12);

struct BarBody {
  std::uint64_t address;  // guest-physical, of the access
  std::uint64_t value;
  std::uint32_t bytes;  // 1, 2, 4 or 8
  std::uint8_t memory;  // 0: I/O ports
  std::array<std::uint8_t, 3> padding;
};
static_assert(sizeof(BarBody) == 24);

}  // namespace pagepress::mpqemu
