// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/contents.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace pagepress::reclaim {

void Contents::add_region(PageId first, std::size_t count, std::vector<std::uint32_t> map) {
  if (first != page_count_) {
    throw std::invalid_argument(fmt::format(
        "contents: a region begins with page {}, the one before ends at {}", first, page_count_));
  }
  if (count == 0 || count >= kNoPage - first) {
    throw std::invalid_argument(
        fmt::format("contents: a region of {} pages from page {}", count, first));
  }
  if (map.empty()) throw std::invalid_argument("contents: a region without contents");
  const auto wrong = std::find_if(map.begin(), map.end(),
                                  [this](std::uint32_t index) { return index >= pages_.size(); });
  if (wrong != map.end()) {
    throw std::invalid_argument(
        fmt::format("contents: index {} of {} pages", *wrong, pages_.size()));
  }
  regions_.push_back({first, std::move(map)});
  page_count_ = static_cast<PageId>(first + count);
}

std::uint32_t Contents::index(PageId page, Version version) const {
  if (page >= page_count_) {
    throw std::out_of_range(fmt::format("contents: page {} of {}", page, page_count_));
  }
  const Region& region = *std::prev(std::upper_bound(
      regions_.begin(), regions_.end(), page,
      [](PageId wanted, const Region& candidate) { return wanted < candidate.first; }));
  const std::uint64_t at = page - region.first + std::uint64_t{version} * kVersionStep;
  return region.map[at % region.map.size()];
}

}  // namespace pagepress::reclaim
