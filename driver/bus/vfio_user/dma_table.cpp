// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio_user/dma_table.hpp"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

namespace pagepress {
namespace {

using Word = std::uint64_t;

bool aligned(const std::byte* at) noexcept {
  return reinterpret_cast<std::uintptr_t>(at) % sizeof(Word) == 0;
}

// Words where it can, and each released after the ones before it.
void store_ascending(std::byte* to, std::span<const std::byte> from) {
  while (!from.empty()) {
    if (aligned(to) && from.size() >= sizeof(Word)) {
      Word word;
      std::memcpy(&word, from.data(), sizeof(word));
      std::atomic_ref(*reinterpret_cast<Word*>(to)).store(word, std::memory_order_release);
      to += sizeof(word);
      from = from.subspan(sizeof(word));
    } else {
      std::atomic_ref(*to).store(from.front(), std::memory_order_release);
      ++to;
      from = from.subspan(1);
    }
  }
}

}  // namespace

Iova DmaTable::add(std::byte* addr, std::size_t len, bool writable) {
  const std::lock_guard lock(mutex_);
  const std::size_t offset = reinterpret_cast<std::uintptr_t>(addr) % kPage;
  const Iova iova = next_ + offset;
  next_ += (offset + len + kPage - 1) / kPage * kPage + kPage;
  ranges_[iova] = {.addr = addr, .len = len, .writable = writable};
  return iova;
}

void DmaTable::remove(Iova iova) {
  const std::lock_guard lock(mutex_);
  ranges_.erase(iova);
}

const DmaTable::Range* DmaTable::find(Iova iova, std::size_t len, Iova& start) const {
  auto at = ranges_.upper_bound(iova);
  if (at == ranges_.begin()) {
    return nullptr;
  }
  --at;
  start = at->first;
  const Range& range = at->second;
  const Iova offset = iova - start;
  return offset <= range.len && len <= range.len - offset ? &range : nullptr;
}

int DmaTable::read(Iova iova, std::span<std::byte> data) const {
  const std::lock_guard lock(mutex_);
  Iova start = 0;
  const Range* range = find(iova, data.size(), start);
  if (range == nullptr) {
    return EFAULT;
  }
  std::memcpy(data.data(), range->addr + (iova - start), data.size());
  return 0;
}

int DmaTable::write(Iova iova, std::span<const std::byte> data) {
  const std::lock_guard lock(mutex_);
  Iova start = 0;
  const Range* range = find(iova, data.size(), start);
  if (range == nullptr) {
    return EFAULT;
  }
  if (!range->writable) {
    return EACCES;
  }
  store_ascending(range->addr + (iova - start), data);
  return 0;
}

}  // namespace pagepress
