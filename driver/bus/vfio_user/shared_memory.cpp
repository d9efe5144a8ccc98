// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio_user/shared_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <new>
#include <utility>

namespace pagepress {
namespace {

std::uintptr_t round_up(std::uintptr_t value, std::size_t align) noexcept {
  return (value + align - 1) / align * align;
}

std::size_t page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

SharedMemory::~SharedMemory() {
  for (const auto& [addr, allocation] : allocations_) {
    ::munmap(allocation.reserved, allocation.reserved_len);
  }
}

void* SharedMemory::allocate(std::size_t len, std::size_t align) {
  const std::size_t page = page_size();
  const std::size_t size = round_up(std::max<std::size_t>(len, 1), page);
  vfio_user::FileDescriptor fd(::memfd_create("pagepress-dma", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  // Sealed: neither end can take pages away from under the other.
  if (size < len || fd.get() < 0 || ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0 ||
      ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    throw std::bad_alloc();
  }
  // Addresses first, then the file at an aligned one of them.
  const std::size_t reserved_len = size + (align > page ? align : 0);
  void* reserved =
      ::mmap(nullptr, reserved_len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) {
    throw std::bad_alloc();
  }
  const std::uintptr_t base = reinterpret_cast<std::uintptr_t>(reserved);
  const std::uintptr_t start = round_up(base, std::max(align, page));
  void* addr = static_cast<std::byte*>(reserved) + (start - base);
  if (::mmap(addr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd.get(), 0) ==
      MAP_FAILED) {
    ::munmap(reserved, reserved_len);
    throw std::bad_alloc();
  }
  const std::lock_guard lock(mutex_);
  allocations_.emplace(
      start,
      Allocation{
          .len = size, .reserved = reserved, .reserved_len = reserved_len, .fd = std::move(fd)});
  return addr;
}

void SharedMemory::release(void* addr) noexcept {
  const std::lock_guard lock(mutex_);
  const auto at = allocations_.find(reinterpret_cast<std::uintptr_t>(addr));
  if (at != allocations_.end()) {
    ::munmap(at->second.reserved, at->second.reserved_len);
    allocations_.erase(at);
  }
}

std::optional<SharedMemory::Place> SharedMemory::find(const void* addr, std::size_t len) const {
  const auto start = reinterpret_cast<std::uintptr_t>(addr);
  const std::lock_guard lock(mutex_);
  auto at = allocations_.upper_bound(start);
  if (at == allocations_.begin()) {
    return std::nullopt;
  }
  --at;
  const std::uintptr_t offset = start - at->first;
  if (offset > at->second.len || len > at->second.len - offset) {
    return std::nullopt;
  }
  return Place{.fd = at->second.fd.get(), .offset = offset};
}

}  // namespace pagepress
