// SPDX-License-Identifier: Apache-2.0
// The classic LRU: an active and an inactive list, each for anonymous and for file folios
// (mm/vmscan.c without CONFIG_LRU_GEN, mm/workingset.c).
// Limitations: no unevictable list; no per-CPU folio batches, so a folio is on its list at once.
#pragma once

#include <array>
#include <cstdint>

#include "sim/reclaim/mm/lru.hpp"
#include "sim/reclaim/mm/lru_list.hpp"
#include "sim/reclaim/mm/node.hpp"
#include "sim/reclaim/mm/scan_control.hpp"

namespace pagepress::reclaim {

class ClassicLru final : public Lru {
 public:
  explicit ClassicLru(Node& node) : node_(node) {}

  void add(PageId folio) override;
  void put_back(PageId folio) override;
  void remove(PageId folio) override;
  void rotate(PageId folio) override;
  void activate(PageId folio) override;
  [[nodiscard]] std::uint32_t evicted(PageId folio) override;
  void refault(PageId page, std::uint32_t shadow) override;
  void age(ScanControl& control) override;
  void shrink(ScanControl& control) override;
  void snapshot_refaults() override { refaults_seen_ = activated_refaults_; }
  [[nodiscard]] LruLevels levels() const override;
  void check() const override;

 private:
  // Of the kernel's enum lru_list: `list` of a page.
  enum List : std::uint8_t { kInactiveAnon, kActiveAnon, kInactiveFile, kActiveFile, kLists };
  using Targets = std::array<std::uint64_t, kLists>;

  [[nodiscard]] std::uint64_t size(unsigned list) const noexcept { return lists_[list].pages; }
  [[nodiscard]] bool inactive_is_low(bool file) const noexcept;
  void enter(PageId folio, bool at_tail);
  void note_cost(bool file, std::uint64_t io, std::uint64_t rotated);
  // Takes about `pages` off the tail into control.folios. Returns how many.
  std::uint64_t isolate(ScanControl& control, List list, std::uint64_t pages);
  void prepare(ScanControl& control) const;  // prepare_scan_control()
  [[nodiscard]] Targets scan_count(const ScanControl& control) const;
  [[nodiscard]] bool too_many_isolated(const ScanControl& control, bool file) const noexcept;
  std::uint64_t shrink_list(ScanControl& control, List list, std::uint64_t pages);
  std::uint64_t shrink_inactive(ScanControl& control, List list, std::uint64_t pages);
  void shrink_active(ScanControl& control, List list, std::uint64_t pages);

  Node& node_;
  std::array<LruList, kLists> lists_;
  std::array<std::uint64_t, 2> costs_{};  // lruvec->anon_cost, file_cost
  std::uint64_t nonresident_age_ = 0;
  std::array<std::uint64_t, 2> activated_refaults_{};  // WORKINGSET_ACTIVATE_ANON, _FILE
  std::array<std::uint64_t, 2> refaults_seen_{};       // lruvec->refaults
};

}  // namespace pagepress::reclaim
