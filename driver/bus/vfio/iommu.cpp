// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio/iommu.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "driver/bus/vfio/ioctl.hpp"

namespace pagepress {
namespace {

// The last address that a process has on x86-64 and arm64 without asking for more.
constexpr std::uint64_t kLastUserAddress = (std::uint64_t{1} << 47) - 1;
// Pinning may move a page once (out of memory that must stay movable), and then not again.
constexpr unsigned kAttempts = 3;

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), "vfio: map: " + what);
}

std::size_t page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

// A structure of the kernel's at `at`; all zero where it would not fit.
template <class T>
T object_at(const std::vector<std::byte>& bytes, std::size_t at) {
  T object{};
  if (at <= bytes.size() && sizeof(T) <= bytes.size() - at) {
    std::memcpy(&object, bytes.data() + at, sizeof(T));
  }
  return object;
}

// Gives the process pages of its own there, before they are pinned: a zero page or one shared by a
// fork would be pinned as it is, and what the process writes later would go to another one.
void populate(void* start, std::size_t len) {
  // Refused where it cannot write, and by kernels before 5.14: pinning brings the pages in.
  (void)::madvise(start, len, MADV_POPULATE_WRITE);
}

std::string memlock_hint() {
  rlimit limit{};
  ::getrlimit(RLIMIT_MEMLOCK, &limit);
  if (limit.rlim_cur == RLIM_INFINITY) {
    return {};
  }
  return fmt::format(" (this process may lock {} KiB: 'ulimit -l')", limit.rlim_cur >> 10);
}

}  // namespace

VfioIommu::VfioIommu(int container, IovaMode wanted) : container_(container), mode_(wanted) {
  read_info();
  if (mode_ == IovaMode::kAuto) {
    const bool whole = !ranges_.empty() && ranges_.back().last >= kLastUserAddress;
    mode_ = whole ? IovaMode::kVirtual : IovaMode::kPhysical;
  }
}

void VfioIommu::read_info() {
  std::vector<std::byte> bytes(sizeof(vfio_iommu_type1_info));
  vfio_iommu_type1_info info{};
  // The first call says how long the answer is.
  for (unsigned i = 0; i < 2; ++i) {
    info.argsz = static_cast<std::uint32_t>(bytes.size());
    std::memcpy(bytes.data(), &info, sizeof(info));
    vfio::call(container_, VFIO_IOMMU_GET_INFO, bytes.data(), "VFIO_IOMMU_GET_INFO");
    info = object_at<vfio_iommu_type1_info>(bytes, 0);
    bytes.resize(std::max<std::size_t>(info.argsz, bytes.size()));
  }
  if ((info.flags & VFIO_IOMMU_INFO_PGSIZES) != 0 && (info.iova_pgsizes & page_size()) == 0) {
    throw DeviceError(DeviceFault::kUnsupported,
                      fmt::format("the IOMMU's page sizes {:#x} do not have the CPU's, {}",
                                  static_cast<std::uint64_t>(info.iova_pgsizes), page_size()));
  }
  std::uint32_t at = (info.flags & VFIO_IOMMU_INFO_CAPS) != 0 ? info.cap_offset : 0;
  while (at != 0) {
    const auto header = object_at<vfio_info_cap_header>(bytes, at);
    if (header.id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE) {
      constexpr std::size_t kFirst = offsetof(vfio_iommu_type1_info_cap_iova_range, iova_ranges);
      const auto count = object_at<std::uint32_t>(
          bytes, at + offsetof(vfio_iommu_type1_info_cap_iova_range, nr_iovas));
      const std::size_t most = (bytes.size() - at) / sizeof(vfio_iova_range);
      for (std::size_t i = 0; i < std::min<std::size_t>(count, most); ++i) {
        const auto range =
            object_at<vfio_iova_range>(bytes, at + kFirst + i * sizeof(vfio_iova_range));
        ranges_.push_back({.first = range.start, .last = range.end});
      }
    }
    at = header.next > at ? header.next : 0;
  }
  if (ranges_.empty()) {
    ranges_.push_back({.first = 0, .last = ~std::uint64_t{0}});  // kernels before 5.4 do not tell
  }
}

bool VfioIommu::takes(std::uint64_t first, std::uint64_t last) const noexcept {
  return std::any_of(ranges_.begin(), ranges_.end(), [=](const Range& range) {
    return first >= range.first && last <= range.last;
  });
}

void VfioIommu::map_at(std::uint64_t iova, void* start, std::size_t len, bool writable) {
  if (!takes(iova, iova + len - 1)) {
    fail(EINVAL,
         fmt::format(
             "the IOMMU does not take the addresses {:#x} to {:#x} (up to {:#x}, "
             "without what is reserved){}",
             iova, iova + len - 1, ranges_.back().last,
             mode_ == IovaMode::kVirtual ? ": take memory of VfioBus::memory(), or iova=pa" : ""));
  }
  vfio_iommu_type1_dma_map request{};
  request.argsz = sizeof(request);
  request.flags = VFIO_DMA_MAP_FLAG_READ | (writable ? VFIO_DMA_MAP_FLAG_WRITE : 0u);
  request.vaddr = reinterpret_cast<std::uintptr_t>(start);
  request.iova = iova;
  request.size = len;
  if (::ioctl(container_, VFIO_IOMMU_MAP_DMA, &request) != 0) {
    const int error = errno;
    fail(error, fmt::format("VFIO_IOMMU_MAP_DMA of {} bytes at {:#x}{}", len, iova,
                            error == ENOMEM   ? memlock_hint()
                            : error == EEXIST ? " (a page of it is mapped already)"
                                              : ""));
  }
}

void VfioIommu::unmap_at(std::uint64_t iova, std::size_t len) noexcept {
  vfio_iommu_type1_dma_unmap request{};
  request.argsz = sizeof(request);
  request.iova = iova;
  request.size = len;
  if (::ioctl(container_, VFIO_IOMMU_UNMAP_DMA, &request) != 0 || request.size != len) {
    lost_ = true;
  }
}

std::uint64_t VfioIommu::map_physical(void* start, std::size_t len, bool writable) {
  for (unsigned i = 0; i < kAttempts; ++i) {
    const std::uint64_t iova = pages_.contiguous(start, len);
    map_at(iova, start, len, writable);
    // Pinned now: does the address still hold?
    std::uint64_t pinned = 0;
    try {
      pinned = pages_.contiguous(start, len);
    } catch (...) {
      unmap_at(iova, len);
      throw;
    }
    if (pinned == iova) {
      return iova;
    }
    unmap_at(iova, len);
  }
  fail(EAGAIN, fmt::format("memory at {} moves", fmt::ptr(start)));
}

Iova VfioIommu::map(void* addr, std::size_t len, bool writable) {
  const auto start = reinterpret_cast<std::uintptr_t>(addr);
  const std::size_t page = page_size();
  const std::uintptr_t first = start / page * page;
  if (len == 0 || start + len < start || start + len > ~std::uintptr_t{0} - page) {
    fail(EINVAL, fmt::format("{} bytes at {:#x}", len, start));
  }
  const std::size_t whole = (start + len - first + page - 1) / page * page;
  const std::lock_guard lock(mutex_);
  void* pages = reinterpret_cast<void*>(first);
  populate(pages, whole);
  // First, as nothing may fail once the device reaches it.
  std::map<std::uint64_t, std::size_t> made{{0, whole}};
  auto node = made.extract(made.begin());
  std::uint64_t iova = first;
  if (mode_ == IovaMode::kPhysical) {
    iova = map_physical(pages, whole, writable);
  } else {
    map_at(iova, pages, whole, writable);
  }
  node.key() = iova;
  maps_.insert(std::move(node));
  return iova + (start - first);
}

void VfioIommu::unmap(Iova iova) noexcept {
  const std::lock_guard lock(mutex_);
  const auto at = maps_.find(iova - iova % page_size());
  if (at != maps_.end()) {
    unmap_at(at->first, at->second);
    maps_.erase(at);
  }
}

}  // namespace pagepress
