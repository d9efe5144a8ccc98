// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio_user/doorbells.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>

namespace pagepress {
namespace {

constexpr std::uint64_t kEnd = PP_DOORBELL_BASE + std::uint64_t{PP_MAX_QUEUES} * PP_DOORBELL_STRIDE;

bool cannot_shrink(int fd) noexcept {
  const int seals = ::fcntl(fd, F_GET_SEALS);
  return seals >= 0 && (seals & F_SEAL_SHRINK) != 0;
}

}  // namespace

MappedDoorbells::~MappedDoorbells() {
  for (const Mapping& mapping : mappings_) {
    ::munmap(mapping.addr, mapping.len);
  }
}

void MappedDoorbells::map(const VfioUserSession::Region& bar0) {
  if (!cannot_shrink(bar0.fd.get())) {
    return;
  }
  struct stat file {};
  if (::fstat(bar0.fd.get(), &file) != 0) {
    return;
  }
  for (const VfioUserSession::Area& area : bar0.mappable) {
    const std::uint64_t start = std::max<std::uint64_t>(area.offset, PP_DOORBELL_BASE);
    const std::uint64_t end = std::min(area.offset + area.size, kEnd);
    if (start >= end) {
      continue;  // registers: a store there must reach the device, so it is a message
    }
    const std::uint64_t len = end - start;
    const auto file_size = static_cast<std::uint64_t>(file.st_size);
    if (bar0.file_offset > file_size || end > file_size - bar0.file_offset) {
      throw DeviceError(DeviceFault::kProtocol,
                        fmt::format("doorbells up to {:#x} in a file of {:#x} bytes",
                                    bar0.file_offset + end, file_size));
    }
    void* addr = ::mmap(nullptr, len, PROT_READ | PROT_WRITE, MAP_SHARED, bar0.fd.get(),
                        static_cast<off_t>(bar0.file_offset + start));
    if (addr == MAP_FAILED) {
      continue;  // messages will do
    }
    mappings_.push_back({.addr = addr, .len = len});
    for (std::uint64_t at = start; at < end; at += PP_DOORBELL_STRIDE) {
      pages_[(at - PP_DOORBELL_BASE) / PP_DOORBELL_STRIDE] =
          static_cast<std::byte*>(addr) + (at - start);
    }
  }
}

bool MappedDoorbells::ring(std::uint64_t offset, std::uint32_t value) noexcept {
  if (offset < PP_DOORBELL_BASE || offset >= kEnd) {
    return false;
  }
  std::byte* page = pages_[(offset - PP_DOORBELL_BASE) / PP_DOORBELL_STRIDE];
  if (page == nullptr) {
    return false;
  }
  auto* doorbell = reinterpret_cast<std::uint32_t*>(page + offset % PP_DOORBELL_STRIDE);
  std::atomic_ref(*doorbell).store(value, std::memory_order_release);
  return true;
}

unsigned MappedDoorbells::pages() const noexcept {
  return static_cast<unsigned>(
      std::count_if(pages_.begin(), pages_.end(), [](const std::byte* page) { return page; }));
}

}  // namespace pagepress
