// SPDX-License-Identifier: Apache-2.0
// Which bytes a simulated page has: each version of each page is a page of a page file, or one that
// was generated (zero, same-filled or random pages for scenarios that ask for more of them than the
// files have). What a page compresses to, and what that costs, follows from its bytes.
//
// A content index counts the pages of the files in order, then the generated ones. Version v of the
// i-th page of a region has the index `map[(i + v * kVersionStep) % map.size()]`.
// Limitation: contents do not depend on what a program would compute.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/pagefile/page_file.hpp"
#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

class Contents {
 public:
  static constexpr std::size_t kVersionStep = 7919;  // a prime: versions differ from neighbours

  // `pages`: by content index; they outlive this.
  explicit Contents(std::vector<sim::PageView> pages) : pages_(std::move(pages)) {}

  // Regions come in the order of their PageIds, without gaps. `map`: content indices, not empty.
  void add_region(PageId first, std::size_t count, std::vector<std::uint32_t> map);

  [[nodiscard]] std::uint32_t index(PageId page, Version version) const;
  [[nodiscard]] sim::PageView of(PageId page, Version version) const {
    return pages_[index(page, version)];
  }
  [[nodiscard]] sim::PageView at(std::uint32_t index) const { return pages_[index]; }
  [[nodiscard]] std::size_t size() const noexcept { return pages_.size(); }
  [[nodiscard]] PageId page_count() const noexcept { return page_count_; }

 private:
  struct Region {
    PageId first;
    std::vector<std::uint32_t> map;
  };
  std::vector<sim::PageView> pages_;
  std::vector<Region> regions_;
  PageId page_count_ = 0;
};

}  // namespace pagepress::reclaim
