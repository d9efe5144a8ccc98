// SPDX-License-Identifier: Apache-2.0
// Which folios are reclaimed first: the border between reclaim as a whole and its two policies,
// the classic two lists and MGLRU (struct lruvec, with what mm/workingset.c keeps in it).
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

struct Node;
struct ScanControl;

struct LruLevels {  // pages: [0] anonymous, [1] file
  std::array<std::uint64_t, 2> active{};
  std::array<std::uint64_t, 2> inactive{};
};

class Lru {
 public:
  virtual ~Lru() = default;
  // A folio that has just been faulted in (folio_add_lru()).
  virtual void add(PageId folio) = 0;
  // One that was isolated comes back (move_folios_to_lru()).
  virtual void put_back(PageId folio) = 0;
  virtual void remove(PageId folio) = 0;
  // folio_rotate_reclaimable(): next to be reclaimed. On a list.
  virtual void rotate(PageId folio) = 0;
  // folio_activate(). On a list.
  virtual void activate(PageId folio) = 0;
  // workingset_eviction(): what to remember of a folio that is freed. Not 0.
  [[nodiscard]] virtual std::uint32_t evicted(PageId folio) = 0;
  // workingset_refault(): the page is back, not on a list yet; may be made active. Counts.
  virtual void refault(PageId page, std::uint32_t shadow) = 0;
  // kswapd_age_node().
  virtual void age(ScanControl& control) = 0;
  // shrink_lruvec(). Adds to nr_scanned and nr_reclaimed.
  virtual void shrink(ScanControl& control) = 0;
  virtual void snapshot_refaults() = 0;
  [[nodiscard]] virtual LruLevels levels() const = 0;
  // Lists against pages. Throws ConservationError.
  virtual void check() const = 0;
};

[[nodiscard]] std::unique_ptr<Lru> make_classic_lru(Node& node);
[[nodiscard]] std::unique_ptr<Lru> make_mglru(Node& node);

}  // namespace pagepress::reclaim
