// SPDX-License-Identifier: Apache-2.0
// DmaRegions: the memory that a client lets the device reach, by I/O virtual address. A region
// that came with a file is mapped here; one without is reached by messages to the client.
//
// - An access that is not wholly inside regions that permit it moves no byte. One that fails on
//   the way (a message's answer, a file that has shrunk) may have moved some.
// - Regions that touch act as one for an access that spans them.
// Limitations: files must be regular ones (memfd, shm, hugetlbfs, disk); one that lies on a file
// system of the client's own (FUSE) can make an access wait for the client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>

#include "model/emulator/file_descriptor.hpp"

namespace pagepress::emulator {

// Memory that only the client itself reaches.
class ClientMemory {
 public:
  virtual ~ClientMemory() = default;
  // False: it cannot, or does not answer.
  [[nodiscard]] virtual bool read_by_message(std::uint64_t address, std::span<std::byte> to) = 0;
  [[nodiscard]] virtual bool write_by_message(std::uint64_t address,
                                              std::span<const std::byte> from) = 0;
};

class DmaRegions {
 public:
  struct Permission {
    bool read = false;  // by the device
    bool write = false;
  };

  DmaRegions() = default;
  ~DmaRegions() { clear(); }
  DmaRegions(const DmaRegions&) = delete;
  DmaRegions& operator=(const DmaRegions&) = delete;

  // Both return 0 or an errno. EINVAL: empty, wraps around, no regular file, a file that does not
  // reach so far; EEXIST: overlaps another; ENOSPC: kMaxDmaMaps are there; or why mmap fails.
  [[nodiscard]] int add(std::uint64_t address, std::uint64_t size, Permission permission);
  [[nodiscard]] int add_file(std::uint64_t address, std::uint64_t size, Permission permission,
                             const FileDescriptor& file, std::uint64_t offset);

  // 0, or ENOENT: there is no region of just that address and size.
  [[nodiscard]] int remove(std::uint64_t address, std::uint64_t size);
  void clear();

  [[nodiscard]] bool read(std::uint64_t address, std::span<std::byte> to, ClientMemory& client);
  [[nodiscard]] bool write(std::uint64_t address, std::span<const std::byte> from,
                           ClientMemory& client);

 private:
  struct Region {
    std::uint64_t last;  // address of the last byte
    Permission permission;
    std::byte* memory = nullptr;  // of the first byte; null: by messages
    void* mapping = nullptr;      // as mmap gave it
    std::size_t mapping_bytes = 0;
  };
  using Map = std::map<std::uint64_t, Region>;  // by the address of the first byte

  [[nodiscard]] int check(std::uint64_t address, std::uint64_t size) const;
  [[nodiscard]] Map::iterator find(std::uint64_t address);
  [[nodiscard]] bool reachable(std::uint64_t address, std::size_t bytes, bool write);
  static void unmap(Region& region);
  // Calls part(region, address, offset in the access, bytes) until one returns false.
  template <class Part>
  bool for_each_part(std::uint64_t address, std::size_t bytes, bool write, Part part);

  Map regions_;
};

}  // namespace pagepress::emulator
