// SPDX-License-Identifier: Apache-2.0
// PageLru: pages in the order of their last use, as a list in arrays indexed by page.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

class PageLru {
 public:
  [[nodiscard]] bool holds(PageId page) const noexcept {
    return page < links_.size() && links_[page].held;
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] PageId oldest() const noexcept { return oldest_; }  // kNoPage: it is empty

  // As the newest; moves a page that it holds.
  void add(PageId page) {
    remove(page);
    if (page >= links_.size()) links_.resize(std::size_t{page} + 1);
    links_[page] = {newest_, kNoPage, true};
    (newest_ == kNoPage ? oldest_ : links_[newest_].newer) = page;
    newest_ = page;
    ++size_;
  }
  // Nothing for a page that it does not hold.
  void remove(PageId page) noexcept {
    if (!holds(page)) return;
    const Links links = links_[page];
    links_[page].held = false;
    (links.older == kNoPage ? oldest_ : links_[links.older].newer) = links.newer;
    (links.newer == kNoPage ? newest_ : links_[links.newer].older) = links.older;
    --size_;
  }

 private:
  struct Links {
    PageId older = kNoPage;
    PageId newer = kNoPage;
    bool held = false;
  };
  std::vector<Links> links_;
  PageId oldest_ = kNoPage;
  PageId newest_ = kNoPage;
  std::size_t size_ = 0;
};

}  // namespace pagepress::reclaim
