// SPDX-License-Identifier: Apache-2.0
#include "driver/kcompressd/page_fifo.hpp"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>

#include <atomic>
#include <stdexcept>
#include <system_error>
#include <type_traits>

namespace pagepress {
namespace {

constexpr unsigned kEntrySize = sizeof(QueuedPage);
static_assert(std::is_trivially_copyable_v<QueuedPage> && kEntrySize % 4 == 0,
              "rte_ring copies elements as 32-bit words");

std::atomic<unsigned> next_ring{0};  // names of rings are global in EAL

}  // namespace

PageFifo::PageFifo(unsigned entries) {
  if (entries == 0 || entries >= RTE_RING_SZ_MASK) {
    throw std::invalid_argument(
        fmt::format("a FIFO of {} entries: must be 1 to {}", entries, RTE_RING_SZ_MASK - 1));
  }
  const std::string name = fmt::format("pp_fifo_{}", next_ring.fetch_add(1));
  ring_ = rte_ring_create_elem(name.c_str(), kEntrySize, entries, SOCKET_ID_ANY, RING_F_EXACT_SZ);
  if (ring_ == nullptr) {
    throw std::system_error(rte_errno, std::generic_category(),
                            fmt::format("rte_ring of {} entries", entries));
  }
}

PageFifo::~PageFifo() { rte_ring_free(ring_); }

bool PageFifo::push(const QueuedPage& entry) noexcept {
  return rte_ring_mp_enqueue_bulk_elem(ring_, &entry, kEntrySize, 1, nullptr) == 1;
}

unsigned PageFifo::pop(std::span<QueuedPage> out) noexcept {
  return rte_ring_mc_dequeue_burst_elem(ring_, out.data(), kEntrySize,
                                        static_cast<unsigned>(out.size()), nullptr);
}

unsigned PageFifo::size() const noexcept { return rte_ring_count(ring_); }

}  // namespace pagepress
