// SPDX-License-Identifier: Apache-2.0
// VfioIommu: the mappings of a container with a type 1 IOMMU, and which address becomes an IOVA.
// Thread-safe. Limitation: whole pages; the kernel counts each mapping against RLIMIT_MEMLOCK.
#pragma once

#include <pagepress/vfio.hpp>

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

#include "driver/bus/vfio/page_map.hpp"

namespace pagepress {

class VfioIommu {
 public:
  // Throws DeviceError (kRefused, kUnsupported).
  VfioIommu(int container, IovaMode wanted);

  [[nodiscard]] IovaMode mode() const noexcept { return mode_; }
  // As Bus::map().
  Iova map(void* addr, std::size_t len, bool writable);
  // Nothing, if it is not mapped.
  void unmap(Iova iova) noexcept;
  // The kernel has kept a mapping that it was to take back, also one that map() had to give up.
  [[nodiscard]] bool lost() const noexcept { return lost_; }

 private:
  struct Range {
    std::uint64_t first;
    std::uint64_t last;
  };
  void read_info();
  [[nodiscard]] bool takes(std::uint64_t first, std::uint64_t last) const noexcept;
  [[nodiscard]] std::uint64_t map_physical(void* start, std::size_t len, bool writable);
  void map_at(std::uint64_t iova, void* start, std::size_t len, bool writable);
  void unmap_at(std::uint64_t iova, std::size_t len) noexcept;

  int container_;
  IovaMode mode_;
  std::vector<Range> ranges_;  // what the IOMMU takes, ascending
  std::mutex mutex_;
  std::map<std::uint64_t, std::size_t> maps_;  // first page -> bytes
  PageMap pages_;
  std::atomic<bool> lost_ = false;
};

}  // namespace pagepress
