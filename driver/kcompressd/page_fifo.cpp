// SPDX-License-Identifier: Apache-2.0
#include "driver/kcompressd/page_fifo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <stdexcept>
#include <system_error>

namespace pagepress {
namespace {

constexpr unsigned kMostEntries = 1u << 24;  // more than reclaim ever has under way

}  // namespace

PageFifo::PageFifo(unsigned entries) : entries_(entries) {
  if (entries == 0 || entries > kMostEntries) {
    throw std::invalid_argument(
        fmt::format("a FIFO of {} entries: must be 1 to {}", entries, kMostEntries));
  }
  slots_.reset(new (std::nothrow) Slot[entries]);
  if (slots_ == nullptr) {
    throw std::system_error(ENOMEM, std::generic_category(),
                            fmt::format("a FIFO of {} entries", entries));
  }
  for (std::uint64_t i = 0; i < entries_; ++i) {
    slots_[i].turn.store(2 * i, std::memory_order_relaxed);
  }
}

PageFifo::~PageFifo() = default;

bool PageFifo::push(const QueuedPage& entry) noexcept {
  std::uint64_t position = pushed_.load(std::memory_order_relaxed);
  for (;;) {
    Slot& slot = slots_[position % entries_];
    const std::uint64_t turn = slot.turn.load(std::memory_order_acquire);
    if (turn < 2 * position) {
      return false;  // not read yet since the last round
    }
    if (turn > 2 * position) {
      position = pushed_.load(std::memory_order_relaxed);  // another producer was quicker
    } else if (pushed_.compare_exchange_weak(position, position + 1, std::memory_order_seq_cst,
                                             std::memory_order_relaxed)) {
      slot.entry = entry;
      slot.turn.store(2 * position + 1, std::memory_order_release);
      return true;
    }
  }
}

bool PageFifo::pop_one(QueuedPage& out) noexcept {
  std::uint64_t position = popped_.load(std::memory_order_relaxed);
  for (;;) {
    Slot& slot = slots_[position % entries_];
    const std::uint64_t turn = slot.turn.load(std::memory_order_acquire);
    if (turn < 2 * position + 1) {
      return false;  // not written yet
    }
    if (turn > 2 * position + 1) {
      position = popped_.load(std::memory_order_relaxed);
    } else if (popped_.compare_exchange_weak(position, position + 1, std::memory_order_seq_cst,
                                             std::memory_order_relaxed)) {
      out = slot.entry;
      slot.turn.store(2 * (position + entries_), std::memory_order_release);
      return true;
    }
  }
}

unsigned PageFifo::pop(std::span<QueuedPage> out) noexcept {
  unsigned count = 0;
  while (count < out.size() && pop_one(out[count])) {
    ++count;
  }
  return count;
}

unsigned PageFifo::size() const noexcept {
  // In this order: no pop overtakes its push, so that the difference is never below 0, and 0 only
  // if the FIFO was empty when `pushed` was read.
  const std::uint64_t popped = popped_.load(std::memory_order_seq_cst);
  const std::uint64_t pushed = pushed_.load(std::memory_order_seq_cst);
  return static_cast<unsigned>(std::min(pushed - popped, entries_));
}

}  // namespace pagepress
