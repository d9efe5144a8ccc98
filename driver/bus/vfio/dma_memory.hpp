// SPDX-License-Identifier: Apache-2.0
// DmaMemory: whole pages of this process that an IOMMU can be told of, whichever IOVA they get.
//
// Physical: cut out of hugepages, each of which is contiguous. Virtual: at low addresses, for
// IOMMUs that do not take all of them. Thread-safe.
// Limitation: arenas go back to the kernel with the object, not before.
#pragma once

#include <pagepress/memory.hpp>

#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace pagepress {

class DmaMemory final : public DmaAllocator {
 public:
  explicit DmaMemory(bool hugepages) : hugepages_(hugepages) {}
  ~DmaMemory() override;
  DmaMemory(const DmaMemory&) = delete;
  DmaMemory& operator=(const DmaMemory&) = delete;

  // What it throws is a std::bad_alloc that says why.
  void* allocate(std::size_t len, std::size_t align) override;
  void release(void* addr) noexcept override;

 private:
  void add_arena(std::size_t len);
  // Of [start, start + len) of free memory, `take` from `at` on is used from now on.
  void cut(std::uintptr_t start, std::uintptr_t at, std::size_t take);

  bool hugepages_;
  std::mutex mutex_;
  std::map<std::uintptr_t, std::size_t> arenas_;
  std::map<std::uintptr_t, std::size_t> free_;  // disjoint, neighbours of an arena joined
  std::map<std::uintptr_t, std::size_t> used_;
};

}  // namespace pagepress
