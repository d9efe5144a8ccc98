// SPDX-License-Identifier: Apache-2.0
// DMA mappings and buffers.
#include <pagepress/memory.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <stdexcept>

namespace pagepress {
namespace {

std::uintptr_t address(const void* addr) noexcept { return reinterpret_cast<std::uintptr_t>(addr); }
void* at_address(std::uintptr_t addr) noexcept { return reinterpret_cast<void*>(addr); }

}  // namespace

DmaMap::~DmaMap() { revoke(); }

void DmaMap::revoke() noexcept {
  if (revoked_.exchange(true, std::memory_order_acq_rel)) {
    return;
  }
  version_.fetch_add(1, std::memory_order_acq_rel);
  for (const Range& range : ranges_) {
    bus_.unmap(range.iova, range.len);
  }
}

void DmaMap::restore() {
  if (!revoked()) {
    return;
  }
  std::size_t mapped = 0;
  try {
    for (const Range& range : ranges_) {
      const Iova iova =
          bus_.map(at_address(range.start), range.len, range.access == DmaAccess::kReadWrite);
      std::atomic_ref(range.iova).store(iova, std::memory_order_relaxed);
      ++mapped;
    }
  } catch (...) {
    for (std::size_t i = 0; i < mapped; ++i) {
      bus_.unmap(ranges_[i].iova, ranges_[i].len);
    }
    throw;
  }
  revoked_.store(false, std::memory_order_release);
  version_.fetch_add(1, std::memory_order_acq_rel);
}

Iova DmaMap::add(void* addr, std::size_t len, DmaAccess access) {
  const std::uintptr_t start = address(addr);
  const auto next = std::lower_bound(ranges_.begin(), ranges_.end(), start,
                                     [](const Range& r, std::uintptr_t a) { return r.start < a; });
  const bool wraps = start + len < start;
  const bool hits_next = next != ranges_.end() && next->start - start < len;
  const bool hits_previous = next != ranges_.begin() && start - (next - 1)->start < (next - 1)->len;
  if (len == 0 || wraps || hits_next || hits_previous) {
    throw std::invalid_argument(
        fmt::format("DMA range {} + {} is empty or overlaps a mapping", fmt::ptr(addr), len));
  }
  const auto at = ranges_.insert(next, {.start = start, .len = len, .iova = 0, .access = access});
  if (revoked()) {
    return 0;  // restore() maps it
  }
  try {
    at->iova = bus_.map(addr, len, access == DmaAccess::kReadWrite);
  } catch (...) {
    ranges_.erase(at);
    throw;
  }
  return at->iova;
}

Iova DmaMap::add_source(std::span<const std::byte> range) {
  // Bus::map() takes what could be writable; kRead is what keeps it constant.
  return add(const_cast<std::byte*>(range.data()), range.size(), DmaAccess::kRead);
}

void DmaMap::remove(const void* addr) noexcept {
  const auto at = std::find_if(ranges_.begin(), ranges_.end(),
                               [&](const Range& range) { return range.start == address(addr); });
  if (at == ranges_.end()) {
    return;
  }
  if (!revoked()) {
    bus_.unmap(at->iova, at->len);
  }
  ranges_.erase(at);
  version_.fetch_add(1, std::memory_order_acq_rel);
}

std::optional<Iova> DmaMap::translate(const void* addr, std::size_t len,
                                      DmaAccess access) const noexcept {
  const auto found = window(addr, len, access);
  Iova iova = 0;
  return found && found->covers(addr, len, iova) ? std::optional(iova) : std::nullopt;
}

std::optional<DmaWindow> DmaMap::window(const void* addr, std::size_t len,
                                        DmaAccess access) const noexcept {
  const std::uintptr_t start = address(addr);
  auto range = std::upper_bound(ranges_.begin(), ranges_.end(), start,
                                [](std::uintptr_t a, const Range& r) { return a < r.start; });
  if (range == ranges_.begin()) {
    return std::nullopt;
  }
  --range;
  const std::uintptr_t offset = start - range->start;
  if (revoked() || offset > range->len || len > range->len - offset ||
      (access == DmaAccess::kReadWrite && range->access == DmaAccess::kRead)) {
    return std::nullopt;
  }
  return DmaWindow{.start = range->start,
                   .len = range->len,
                   .iova = std::atomic_ref(range->iova).load(std::memory_order_relaxed)};
}

DmaBuffer::DmaBuffer(DmaMap& map, DmaAllocator& allocator, std::size_t len, std::size_t align)
    : map_(map),
      allocator_(allocator),
      data_(static_cast<std::byte*>(allocator.allocate(len, align))),
      size_(len) {
  try {
    (void)map.add(data_, len, DmaAccess::kReadWrite);
  } catch (...) {
    allocator.release(data_);
    throw;
  }
}

Iova DmaBuffer::iova() const noexcept {
  return map_.translate(data_, size_, DmaAccess::kReadWrite).value_or(0);
}

DmaBuffer::~DmaBuffer() {
  if (abandoned_) {
    return;
  }
  map_.remove(data_);
  allocator_.release(data_);
}

}  // namespace pagepress
