// SPDX-License-Identifier: Apache-2.0
// The multi-generational LRU (CONFIG_LRU_GEN): folios in up to four generations by when they were
// last found young, aged by a walk of the page tables, evicted from the oldest.
// Limitations: no tiers (file pages are mapped, and so would all be of the first), no Bloom filter
// (the walk looks at each mapped page) and no look-around in rmap walks; one memcg, so no
// generations of those; lru_gen_min_ttl is 0.
#pragma once

#include <array>
#include <cstdint>

#include "sim/reclaim/mm/lru.hpp"
#include "sim/reclaim/mm/lru_list.hpp"
#include "sim/reclaim/mm/node.hpp"
#include "sim/reclaim/mm/scan_control.hpp"

namespace pagepress::reclaim {

class Mglru final : public Lru {
 public:
  explicit Mglru(Node& node) : node_(node) {}

  void add(PageId folio) override;
  void put_back(PageId folio) override;
  void remove(PageId folio) override;
  void rotate(PageId folio) override;
  void activate(PageId folio) override;
  [[nodiscard]] std::uint32_t evicted(PageId folio) override;
  void refault(PageId page, std::uint32_t shadow) override;
  void age(ScanControl&) override {}  // lru_gen_age_node() only enforces min_ttl
  void shrink(ScanControl& control) override;
  void snapshot_refaults() override {}
  [[nodiscard]] LruLevels levels() const override;
  void check() const override;

 private:
  static constexpr std::uint32_t kMinGens = 2;  // MIN_NR_GENS
  static constexpr std::uint32_t kMaxGens = 4;  // MAX_NR_GENS
  // What the choice of a type goes by (struct ctrl_pos), without tiers.
  struct Refaults {
    std::uint64_t refaulted = 0;
    std::uint64_t evicted = 0;
    std::uint64_t average_refaulted = 0;
    std::uint64_t average_evicted = 0;
  };

  [[nodiscard]] LruList& list(unsigned type, std::uint32_t seq) {
    return lists_[seq % kMaxGens][type];
  }
  [[nodiscard]] const LruList& list(unsigned type, std::uint32_t seq) const {
    return lists_[seq % kMaxGens][type];
  }
  [[nodiscard]] std::uint32_t gens(unsigned type) const { return max_seq_ - min_seq_[type] + 1; }
  void enter(PageId folio, std::uint32_t seq, bool at_tail);
  void move(PageId folio, std::uint32_t seq);

  // Pages to scan; 0: none, what there is has been aged instead.
  [[nodiscard]] std::uint64_t scan_count(ScanControl& control);
  [[nodiscard]] bool should_age(bool can_swap, std::uint64_t& total) const;
  void run_aging(Task& task, bool can_swap);
  void walk_page_tables(Task& task);
  void retire_oldest(unsigned type);     // inc_min_seq()
  bool advance_min_seq(bool can_swap);   // try_to_inc_min_seq()
  void begin_generation(unsigned type);  // reset_ctrl_pos()
  [[nodiscard]] unsigned type_to_scan(bool can_swap) const;
  [[nodiscard]] bool sort(PageId folio, unsigned type);  // sort_folio()
  std::uint64_t isolate(ScanControl& control, unsigned type);
  std::uint64_t evict(ScanControl& control, bool can_swap);
  [[nodiscard]] bool enough(const ScanControl& control) const;  // should_abort_scan()
  [[nodiscard]] bool any_page(PageId folio, std::uint32_t flags) const;
  void reject(ScanControl& control, bool is_retry, std::vector<PageId>& retry);

  Node& node_;
  std::array<std::array<LruList, 2>, kMaxGens> lists_;
  std::uint32_t max_seq_ = kMinGens + 1;
  std::array<std::uint32_t, 2> min_seq_{};
  std::array<Refaults, 2> refaults_;
  bool aging_ = false;  // a task walks the page tables
  sc_core::sc_event aged_;
};

}  // namespace pagepress::reclaim
