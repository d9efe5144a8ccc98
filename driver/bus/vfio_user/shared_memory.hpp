// SPDX-License-Identifier: Apache-2.0
// SharedMemory: DMA memory that another process can map: each allocation is a sealed memfd of
// its own.
//
// So a released page goes back to the kernel, never to another allocation, and a process that
// still has the file writes to nothing that is used here.
// Thread-safe. Limitations: whole pages and a file descriptor an allocation; a few system calls
// each: for rings and pools.
#pragma once

#include <pagepress/memory.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>

#include "protocol/file_descriptor.hpp"

namespace pagepress {

class SharedMemory final : public DmaAllocator {
 public:
  SharedMemory() = default;
  ~SharedMemory() override;
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;

  void* allocate(std::size_t len, std::size_t align) override;
  void release(void* addr) noexcept override;

  struct Place {
    int fd;  // stays open until release()
    std::uint64_t offset;
  };
  // Where [addr, addr + len) lies, if in one allocation.
  [[nodiscard]] std::optional<Place> find(const void* addr, std::size_t len) const;

 private:
  struct Allocation {
    std::size_t len;  // whole pages
    void* reserved;   // address space, of which the allocation is a part
    std::size_t reserved_len;
    vfio_user::FileDescriptor fd;
  };
  mutable std::mutex mutex_;
  std::map<std::uintptr_t, Allocation> allocations_;
};

}  // namespace pagepress
