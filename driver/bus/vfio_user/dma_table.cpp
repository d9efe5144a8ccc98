// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio_user/dma_table.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress {
namespace {

// Entry by entry of a completion ring, as if it were one: the last byte of each, where the phase
// bit is, becomes visible after the others. A plain copy promises no order.
void store_in_order(std::byte* to, std::span<const std::byte> from) {
  while (!from.empty()) {
    const std::size_t left = PP_CQE_SIZE - reinterpret_cast<std::uintptr_t>(to) % PP_CQE_SIZE;
    const std::size_t step = std::min(left, from.size());
    std::memcpy(to, from.data(), step - 1);
    std::atomic_ref(to[step - 1]).store(from[step - 1], std::memory_order_release);
    to += step;
    from = from.subspan(step);
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
  store_in_order(range->addr + (iova - start), data);
  return 0;
}

}  // namespace pagepress
