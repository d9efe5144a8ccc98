// SPDX-License-Identifier: Apache-2.0
// CPU time of the kernel's own steps, in ns on a core of speed 1. Compressing is not among them:
// that is each page's own (sim/host/cost_table.hpp). Values and sources: settings of the scenario.
#pragma once

#include <cstdint>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

struct KernelCosts {
  // Allocation and faults.
  Ns fault_ns = 500;       // entry, walk, page-table update, exit
  Ns alloc_ns = 150;       // an order-0 page from the per-CPU list or the buddy allocator
  Ns zero_page_ns = 150;   // clear_page() of 4 KiB
  Ns swap_cache_ns = 150;  // look-up, or insertion with its swap slot
  Ns free_ns = 60;         // a page, in batches
  // Reclaim.
  Ns isolate_ns = 30;       // a page off its LRU list, and back
  Ns reference_ns = 150;    // rmap walk of one page: folio_referenced()
  Ns unmap_ns = 250;        // try_to_unmap() of one page
  Ns tlb_flush_ns = 2'000;  // of all that is unmapped: IPIs to the other cores
  Ns age_ns = 20;           // a page table entry looked at by MGLRU's walk
  Ns rescan_ns = 60;        // a page that is locked or under writeback: trylock, put back
  Ns shrink_ns = 1'000;     // a call of shrink_node() that frees nothing: list locks, counters
  // Stores and device.
  Ns same_filled_ns = 100;  // page_same_filled(), a page that is not: most are told by few words
  Ns zs_malloc_ns = 300;
  Ns zs_free_ns = 150;
  Ns copy_ns_per_kib = 25;  // of a block into the pool
  Ns tree_ns = 100;         // zswap's xarray, or zram's table
  Ns block_io_ns = 2'500;   // submit a bio and its completion, each page
  // Interrupts and wake-ups, on the task that is woken.
  Ns irq_ns = 1'000;
  Ns wake_up_ns = 500;  // try_to_wake_up(), in the caller

  [[nodiscard]] constexpr Ns copy_ns(std::uint64_t bytes) const noexcept {
    return copy_ns_per_kib * bytes / 1024;
  }
};

}  // namespace pagepress::reclaim
