// SPDX-License-Identifier: Apache-2.0
// Settings of steps: the kernel's ([costs]) and the driver's ([steps]), CPU time on a core of speed
// 1. Part of settings.hpp. None has been measured in a kernel here: they are orders that published
// profiles show, and can be set one by one.
#pragma once

#include "sim/config/setting.hpp"

namespace pagepress::reclaim {

inline constexpr double kLongestStepNs = 1e6;  // longer ones are mistakes

template <typename Config, typename Visitor>
void for_each_cost_setting(Config& costs, Visitor&& visit) {
  using Info = sim::SettingInfo;
  constexpr double kMost = kLongestStepNs;
  visit(Info{"costs", "fault_ns", "assumed",
             "do_user_addr_fault() to return, without allocation: minor faults of x86 servers take "
             "0.5 to 1 us in all",
             0, kMost},
        costs.fault_ns);
  visit(Info{"costs", "alloc_ns", "assumed",
             "order-0 page from the per-CPU list, with memcg charge and LRU insertion", 0, kMost},
        costs.alloc_ns);
  visit(Info{"costs", "zero_page_ns", "assumed",
             "clear_page() of 4 KiB at about 27 GB/s, in the cache", 0, kMost},
        costs.zero_page_ns);
  visit(Info{"costs", "swap_cache_ns", "assumed",
             "an XArray operation under its lock, and the slot's map", 0, kMost},
        costs.swap_cache_ns);
  visit(Info{"costs", "free_ns", "assumed", "free_unref_folios(): a page's share of a batch", 0,
             kMost},
        costs.free_ns);
  visit(Info{"costs", "isolate_ns", "assumed",
             "list operations on a folio's cache line, lock held for 32", 0, kMost},
        costs.isolate_ns);
  visit(
      Info{"costs", "reference_ns", "assumed",
           "folio_referenced(): rmap walk of an anonymous page with one mapping, two cache misses",
           0, kMost},
      costs.reference_ns);
  visit(Info{"costs", "unmap_ns", "assumed",
             "try_to_unmap_one(): rmap walk, PTE to swap entry, counters", 0, kMost},
        costs.unmap_ns);
  visit(Info{"costs", "tlb_flush_ns", "assumed",
             "x86: IPIs to the cores that run the process, 1 to 4 us on machines of 8 to 64 cores; "
             "arm64 broadcasts: about 0.3 us",
             0, kMost},
        costs.tlb_flush_ns);
  visit(
      Info{"costs", "age_ns", "assumed",
           "walk_pte_range() of MGLRU: a PTE of a line that is read once for 8 of them", 0, kMost},
      costs.age_ns);
  visit(Info{"costs", "rescan_ns", "assumed",
             "failed folio_trylock() or PG_writeback, put back: one cache miss", 0, kMost},
        costs.rescan_ns);
  visit(Info{"costs", "shrink_ns", "assumed",
             "shrink_lruvec() of empty lists: lock, counters, memcg iteration", 0, kMost},
        costs.shrink_ns);
  visit(Info{"costs", "same_filled_ns", "assumed",
             "page_same_filled(): most pages are told by their first and last words, a cache miss "
             "each",
             0, kMost},
        costs.same_filled_ns);
  visit(Info{"costs", "zs_malloc_ns", "assumed", "class lock, a free object, handle from the slab",
             0, kMost},
        costs.zs_malloc_ns);
  visit(Info{"costs", "zs_free_ns", "assumed", "class lock, object to the free list", 0, kMost},
        costs.zs_free_ns);
  visit(Info{"costs", "copy_ns_per_kib", "assumed", "memcpy() from a per-CPU buffer in L2: 40 GB/s",
             0, kMost},
        costs.copy_ns_per_kib);
  visit(Info{"costs", "tree_ns", "assumed", "XArray store or table entry with its bit lock", 0,
             kMost},
        costs.tree_ns);
  visit(Info{"costs", "block_io_ns", "assumed",
             "submit_bio() and completion of NVMe: about 2.5 us of CPU time a request", 0, kMost},
        costs.block_io_ns);
  visit(
      Info{"costs", "irq_ns", "assumed", "entry, handler and exit of a device interrupt", 0, kMost},
      costs.irq_ns);
  visit(Info{"costs", "wake_up_ns", "assumed", "try_to_wake_up() with an IPI to an idle core", 0,
             kMost},
        costs.wake_up_ns);
}

template <typename Config, typename Visitor>
void for_each_step_setting(Config& steps, Visitor&& visit) {
  using Info = sim::SettingInfo;
  constexpr double kMost = kLongestStepNs;
  visit(Info{"steps", "enqueue_ns", "assumed",
             "rte_ring put of one entry (about 20 ns) and the folio checks of kswapd", 0, kMost},
        steps.enqueue_ns);
  visit(Info{"steps", "wake_ns", "assumed", "try_to_wake_up(): as costs.wake_up_ns", 0, kMost},
        steps.wake_ns);
  visit(Info{"steps", "dequeue_ns", "assumed", "rte_ring burst of 32 in 33 ns, doubled", 0, kMost},
        steps.dequeue_ns);
  visit(Info{"steps", "submit_ns", "assumed", "one 64-byte descriptor written into cached memory",
             0, kMost},
        steps.submit_ns);
  visit(Info{"steps", "doorbell_ns", "assumed", "one posted write to device memory, with its fence",
             0, kMost},
        steps.doorbell_ns);
  visit(Info{"steps", "poll_ns", "assumed",
             "a look at a line of the completion ring that is in the cache", 0, kMost},
        steps.poll_ns);
  visit(Info{"steps", "completion_ns", "assumed",
             "one cache miss to the last level for a line that the device wrote", 0, kMost},
        steps.completion_ns);
}

}  // namespace pagepress::reclaim
