// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio/page_map.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>

#include <array>
#include <cerrno>
#include <span>
#include <system_error>

namespace pagepress {
namespace {

// The kernel's Documentation/admin-guide/mm/pagemap.rst.
constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
constexpr std::uint64_t kFrame = (std::uint64_t{1} << 55) - 1;
constexpr const char* kFile = "/proc/self/pagemap";

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

std::uint64_t frame_of(std::uint64_t entry, std::uint64_t addr) {
  if ((entry & kPresent) == 0) {
    fail(EINVAL, fmt::format("{}: the page at {:#x} is not in memory", kFile, addr));
  }
  if ((entry & kFrame) == 0) {
    fail(EPERM,
         fmt::format("{} shows no physical addresses: iova=pa needs CAP_SYS_ADMIN (root)", kFile));
  }
  return entry & kFrame;
}

}  // namespace

std::uint64_t PageMap::contiguous(void* addr, std::size_t len) {
  if (!file_) {
    file_ = vfio_user::FileDescriptor(::open(kFile, O_RDONLY | O_CLOEXEC));
    if (!file_) {
      fail(errno, fmt::format("{} (iova=pa needs it)", kFile));
    }
  }
  // Kernels before 5.14 do not know it; a page that is not there is told below.
  (void)::madvise(addr, len, MADV_POPULATE_READ);
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const auto start = reinterpret_cast<std::uintptr_t>(addr);
  const std::size_t pages = len / page;
  std::array<std::uint64_t, 512> entries{};
  std::uint64_t first = 0;
  for (std::size_t i = 0; i < pages; ++i) {
    const std::size_t slot = i % entries.size();
    if (slot == 0) {
      const std::size_t bytes = std::min(pages - i, entries.size()) * sizeof(entries[0]);
      const auto at = static_cast<off_t>((start / page + i) * sizeof(entries[0]));
      if (::pread(file_.get(), entries.data(), bytes, at) != static_cast<ssize_t>(bytes)) {
        fail(EIO, fmt::format("{} at {:#x}", kFile, at));
      }
    }
    const std::uint64_t frame = frame_of(entries[slot], start + i * page);
    if (i == 0) {
      first = frame;
    } else if (frame != first + i) {
      fail(EINVAL, fmt::format("memory at {:#x} is not physically contiguous from page {} of {} "
                               "on, as iova=pa needs it: take it from VfioBus::memory() or "
                               "hugepages",
                               start, i, pages));
    }
  }
  return first * page;
}

}  // namespace pagepress
