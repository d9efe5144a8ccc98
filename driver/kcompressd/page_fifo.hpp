// SPDX-License-Identifier: Apache-2.0
// PageFifo: the FIFO between reclaim and the workers: a bounded ring of entries, without locks
// and without allocation a page. Many producers, many consumers: each entry is popped by one of
// them, in the order in which they were pushed.
//
// Each slot has a turn: 2 * position while it waits to be written, 2 * position + 1 while it waits
// to be read; the turn hands the slot over (release, acquire). Not rte_ring: that of DPDK 22.11
// waits for the neighbour's tail with a plain read, so that with several producers a consumer
// is ordered after the last of them only, which TSan reports and an Arm core may show.
// Limitation: a thread that is preempted between claiming a slot and handing it over holds up those
// behind it: they see the FIFO as full or empty, and do not wait.
#pragma once

#include <pagepress/page_queue.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

namespace pagepress {

class PageFifo {
 public:
  // Exactly `entries` fit, whether a power of two or not.
  // Throws std::invalid_argument, std::system_error.
  explicit PageFifo(unsigned entries);
  ~PageFifo();
  PageFifo(const PageFifo&) = delete;
  PageFifo& operator=(const PageFifo&) = delete;

  [[nodiscard]] bool push(const QueuedPage& entry) noexcept;
  // Up to out.size() of the oldest; how many.
  [[nodiscard]] unsigned pop(std::span<QueuedPage> out) noexcept;
  [[nodiscard]] unsigned size() const noexcept;

 private:
  struct Slot {
    std::atomic<std::uint64_t> turn;
    QueuedPage entry;
  };
  [[nodiscard]] bool pop_one(QueuedPage& out) noexcept;

  std::uint64_t entries_;
  std::unique_ptr<Slot[]> slots_;
  alignas(64) std::atomic<std::uint64_t> pushed_{0};  // positions claimed by producers
  alignas(64) std::atomic<std::uint64_t> popped_{0};  // by consumers
};

}  // namespace pagepress
