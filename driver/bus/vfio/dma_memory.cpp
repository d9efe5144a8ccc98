// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio/dma_memory.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <new>
#include <string>
#include <system_error>

namespace pagepress {
namespace {

constexpr std::size_t kArena = std::size_t{2} << 20;  // and a hugepage
constexpr std::uintptr_t kLowest = std::uintptr_t{1} << 32;

class NoMemory : public std::bad_alloc {
 public:
  explicit NoMemory(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  std::string text_;
};

std::uintptr_t round_up(std::uintptr_t value, std::size_t align) noexcept {
  return (value + align - 1) / align * align;
}

}  // namespace

DmaMemory::~DmaMemory() {
  for (const auto& [start, len] : arenas_) {
    ::munmap(reinterpret_cast<void*>(start), len);
  }
}

void DmaMemory::add_arena(std::size_t len) {
  const std::size_t size = round_up(len, kArena);
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
  if (hugepages_) {
    flags |= MAP_HUGETLB | (21 << MAP_HUGE_SHIFT);  // of 2^21 bytes
  }
  const std::uintptr_t hint =
      arenas_.empty() ? kLowest : arenas_.rbegin()->first + arenas_.rbegin()->second;
  errno = ENOMEM;  // of a length that runs over
  void* addr = size < len ? MAP_FAILED
                          : ::mmap(reinterpret_cast<void*>(round_up(hint, kArena)), size,
                                   PROT_READ | PROT_WRITE, flags, -1, 0);
  if (addr == MAP_FAILED) {
    const std::string reason = std::generic_category().message(errno);
    throw NoMemory(hugepages_ ? fmt::format("no {} hugepages of 2 MiB are free ({}): 'echo 64 > "
                                            "/proc/sys/vm/nr_hugepages'",
                                            size / kArena, reason)
                              : fmt::format("{} bytes for DMA: {}", size, reason));
  }
  const auto start = reinterpret_cast<std::uintptr_t>(addr);
  arenas_.emplace(start, size);
  free_.emplace(start, size);
}

void DmaMemory::cut(std::uintptr_t start, std::uintptr_t at, std::size_t take) {
  const std::size_t len = free_.extract(start).mapped();
  if (at != start) {
    free_.emplace(start, at - start);
  }
  if (at + take != start + len) {
    free_.emplace(at + take, start + len - at - take);
  }
  used_.emplace(at, take);
}

void* DmaMemory::allocate(std::size_t len, std::size_t align) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t size = round_up(std::max<std::size_t>(len, 1), page);
  if (size < len || align > kArena || size > SIZE_MAX - 2 * kArena) {
    throw NoMemory(fmt::format("{} bytes for DMA, aligned to {}", len, align));
  }
  align = std::max(align, page);
  const std::lock_guard lock(mutex_);
  for (unsigned i = 0; i < 2; ++i) {
    for (const auto& [start, free] : free_) {
      const std::uintptr_t at = round_up(start, align);
      if (at - start > free || size > free - (at - start)) {
        continue;
      }
      cut(start, at, size);
      return std::memset(reinterpret_cast<void*>(at), 0, size);
    }
    add_arena(size + (align > page ? align : 0));
  }
  throw NoMemory(fmt::format("{} bytes for DMA, aligned to {}", len, align));
}

void DmaMemory::release(void* addr) noexcept {
  const std::lock_guard lock(mutex_);
  auto found = used_.extract(reinterpret_cast<std::uintptr_t>(addr));
  if (found.empty()) {
    return;
  }
  auto at = free_.insert(std::move(found)).position;
  // Arenas may be neighbours in virtual memory only: what is joined must be of one.
  const auto same_arena = [this](std::uintptr_t a, std::uintptr_t b) {
    return arenas_.upper_bound(a) == arenas_.upper_bound(b);
  };
  if (at != free_.begin()) {
    const auto before = std::prev(at);
    if (before->first + before->second == at->first && same_arena(before->first, at->first)) {
      before->second += at->second;
      free_.erase(at);
      at = before;
    }
  }
  const auto behind = std::next(at);
  if (behind != free_.end() && at->first + at->second == behind->first &&
      same_arena(at->first, behind->first)) {
    at->second += behind->second;
    free_.erase(behind);
  }
}

}  // namespace pagepress
