// SPDX-License-Identifier: Apache-2.0
// Page faults: handle_mm_fault() as far as do_anonymous_page(), do_swap_page() and filemap_fault()
// matter here, and zap_pte_range() for what goes away.
// Limitations: no copy on write but of pages under writeback; no swap or file read-ahead; no
// fault-around; file pages are only read, a write to one is a read.
#pragma once

#include <cstddef>
#include <vector>

#include "sim/reclaim/mm/node.hpp"

namespace pagepress::reclaim {

class Faults {
 public:
  Faults(Node& node, AllocationStalls& stalls) : node_(node), stalls_(stalls) {}

  // Throws std::length_error: more pages than there are PageIds.
  PageId add_region(PageType type, std::size_t pages);
  bool touch(Task& task, PageId page, bool write) {
    Page& entry = node_.pages[page];
    if (!entry.has(kMapped)) {
      fault(task, page, write);
      return true;
    }
    entry.set(kYoung);
    if (write && (entry.has(kTaken) || !entry.has(kDirty))) wrote(page);
    return false;
  }
  void discard(Task& task, PageId first, std::size_t count);

 private:
  // What a fault that found the page on its way out or in has already counted.
  struct Found {
    bool queued = false;
    bool held = false;
    bool waited = false;  // for a page that was queued and locked
    Ns waited_ns = 0;
  };
  void fault(Task& task, PageId page, bool write);
  // Maps it, or waits for its lock.
  void present(Task& task, PageId page, Found& found);
  void swap_in(Task& task, PageId page);
  void read_file(Task& task, PageId page);
  void first_touch(Task& task, PageId page);
  [[nodiscard]] bool first_touch_large(Task& task, PageId page);
  // Allocates a frame for the page, which nobody else faults in meanwhile.
  void begin(Task& task, PageId page);
  void finish(PageId page);
  void wrote(PageId page);
  void discard(Task& task, PageId page);

  Node& node_;
  AllocationStalls& stalls_;
  std::vector<PageId> regions_;  // first pages, in order
};

}  // namespace pagepress::reclaim
