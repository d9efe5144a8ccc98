// SPDX-License-Identifier: Apache-2.0
// PageFifo: the FIFO between reclaim and the worker, an rte_ring whose elements
// are the entries themselves, so that nothing is allocated a page.
// Many producers, many consumers: each entry is popped by one of them.
// Limitation: EAL must run.
#pragma once

#include <pagepress/page_queue.hpp>

#include <cstdint>
#include <span>

struct rte_ring;

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
  rte_ring* ring_;
};

}  // namespace pagepress
