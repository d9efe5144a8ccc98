// SPDX-License-Identifier: Apache-2.0
// shrink_folio_list() of mm/vmscan.c: what becomes of isolated folios, one by one.
// Limitations: no mlock, no demotion, no dirty file folios, no pinned ones.
#include <fmt/format.h>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/mm/node.hpp"

namespace pagepress::reclaim {
namespace {

enum class Reference : std::uint8_t { kReclaim, kKeep, kActivate };

class FolioShrinker {
 public:
  FolioShrinker(Node& node, ScanControl& control, ShrinkStat& stat)
      : node_(node), control_(control), stat_(stat) {}

  std::uint64_t all() {
    std::vector<PageId>& folios = control_.folios;
    std::size_t kept = 0;
    // A folio that is split puts the rest of its pages at the end.
    for (std::size_t i = 0; i < folios.size(); ++i) {
      const PageId folio = folios[i];
      if (!shrink(folio)) folios[kept++] = folio;
    }
    folios.resize(kept);
    flush();
    owed_ += freed_ * node_.costs.free_ns;
    pay();
    node_.end_of_batch();
    return freed_;
  }

 private:
  void pay() {
    control_.task.charge(owed_, "shrink");
    owed_ = 0;
  }

  bool keep(PageId folio) {
    node_.unlock(folio);
    return false;
  }

  bool activate(PageId folio) {
    Page& page = node_.pages[folio];
    if (node_.free_swap_if_full(folio)) owed_ += page.pages() * node_.costs.zs_free_ns;
    page.set(kActive);
    node_.vmstat.pgactivate += page.pages();
    return keep(folio);
  }

  // folio_check_references().
  Reference references(PageId folio) {
    Page& head = node_.pages[folio];
    std::uint64_t mapped = 0;
    std::uint64_t young = 0;
    for (PageId id = folio; id < folio + head.pages(); ++id) {
      Page& page = node_.pages[id];
      mapped += page.has(kMapped) ? 1 : 0;
      young += page.has(kYoung) ? 1 : 0;
      page.clear(kYoung);
    }
    owed_ += mapped * node_.costs.reference_ns;
    const bool referenced = head.has(kReferenced);
    head.clear(kReferenced);
    if (young == 0) return Reference::kReclaim;
    head.set(kReferenced);
    return referenced || young > 1 ? Reference::kActivate : Reference::kKeep;
  }

  // Under writeback: cases 1 and 2 of the kernel's comment (case 3 is of cgroup v1).
  bool under_writeback(PageId folio) {
    Page& page = node_.pages[folio];
    owed_ += node_.costs.rescan_ns;
    node_.vmstat.rescan_writeback += page.pages();
    if (control_.kswapd() && page.has(kReclaim) && node_.many_writebacks) {
      stat_.immediate += page.pages();
    } else {
      page.set(kReclaim);
      stat_.writeback += page.pages();
    }
    return activate(folio);
  }

  // add_to_swap(). False: no swap for it.
  bool add_to_swap(PageId folio) {
    Page& page = node_.pages[folio];
    if (node_.path->free_slots() < page.pages()) {
      if (page.order == 0 || node_.path->free_slots() == 0) return false;
      const std::uint64_t count = page.pages();
      node_.split(folio);
      for (PageId id = folio + 1; id < folio + count; ++id) {
        node_.pages[id].set(kIsolated);
        control_.folios.push_back(id);
      }
      control_.nr_scanned -= count - 1;  // they make their own pass
    }
    page.set(kSwapCache);
    for (PageId id = folio; id < folio + page.pages(); ++id) node_.pages[id].set(kDirty);
    owed_ += node_.costs.swap_cache_ns;
    return true;
  }

  // try_to_unmap_flush(): of all PTEs since the one before.
  void flush() {
    if (unflushed_) owed_ += node_.costs.tlb_flush_ns;
    unflushed_ = unflushed_dirty_ = false;
  }

  // try_to_unmap() with TTU_BATCH_FLUSH.
  void unmap(PageId folio) {
    for (PageId id = folio; id < folio + node_.pages[folio].pages(); ++id) {
      Page& page = node_.pages[id];
      if (!page.has(kMapped)) continue;
      unflushed_ = true;
      unflushed_dirty_ |= page.has(kPteDirty);
      page.clear(kMapped | kYoung | kPteDirty);
      owed_ += node_.costs.unmap_ns;
    }
  }

  [[nodiscard]] bool dirty(PageId folio) const {
    for (PageId id = folio; id < folio + node_.pages[folio].pages(); ++id) {
      if (node_.pages[id].has(kDirty)) return true;
    }
    return false;
  }

  bool free(PageId folio) {
    Page& head = node_.pages[folio];
    const std::uint64_t count = head.pages();
    for (PageId id = folio; id < folio + count; ++id) {
      if (!node_.pages[id].has(kFile | kCopy)) {
        throw ConservationError(fmt::format("page {}: reclaimed without a copy", id));
      }
    }
    node_.isolated[head.has(kFile) ? 1 : 0] -= count;
    freed_ += count;
    node_.release(folio, true);
    return true;
  }

  // True: freed.
  bool shrink(PageId folio) {
    Page& page = node_.pages[folio];
    if (page.has(kLocked)) {
      owed_ += node_.costs.rescan_ns;
      if (page.has(kQueued)) node_.vmstat.rescan_locked += page.pages();
      return false;
    }
    control_.nr_scanned += page.pages();
    page.set(kLocked);
    if (page.has(kWriteback)) return under_writeback(folio);
    switch (references(folio)) {
      case Reference::kActivate:
        return activate(folio);
      case Reference::kKeep:
        return keep(folio);
      case Reference::kReclaim:
        break;
    }
    if (!page.has(kFile | kSwapCache) && !add_to_swap(folio)) return activate(folio);
    unmap(folio);
    if (!dirty(folio)) return page.has(kWaited) ? keep(folio) : free(folio);
    // try_to_unmap_flush_dirty(): a CPU may still write through a stale entry.
    if (node_.config.tlb_flush_each_folio && unflushed_dirty_) flush();
    pay();  // who compresses inline must not seem to do it before
    return write(folio);
  }

  bool write(PageId folio) {
    const std::uint64_t count = node_.pages[folio].pages();
    const Pageout result = pageout(node_, control_, folio);
    if (result == Pageout::kActivate) {
      node_.vmstat.pgactivate += count;
      return false;
    }
    stat_.pageout += count;
    return result == Pageout::kClean && free(folio);
  }

  Node& node_;
  ScanControl& control_;
  ShrinkStat& stat_;
  Ns owed_ = 0;
  std::uint64_t freed_ = 0;
  bool unflushed_ = false;        // unmapped since the last flush
  bool unflushed_dirty_ = false;  // of those: by a PTE that was dirty
};

}  // namespace

std::uint64_t shrink_folio_list(Node& node, ScanControl& control, ShrinkStat& stat) {
  return FolioShrinker(node, control, stat).all();
}

}  // namespace pagepress::reclaim
