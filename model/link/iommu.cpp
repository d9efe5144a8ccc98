// SPDX-License-Identifier: Apache-2.0
#include "model/link/iommu.hpp"

namespace pagepress::model {

unsigned Iotlb::misses(std::uint64_t address, std::uint64_t len) {
  if (entries_ == 0 || len == 0) return 0;
  unsigned count = 0;
  const std::uint64_t last = (address + (len - 1)) / page_bytes_;
  for (std::uint64_t page = address / page_bytes_; page <= last; ++page) count += hit(page) ? 0 : 1;
  return count;
}

bool Iotlb::hit(std::uint64_t page) {
  if (const auto known = where_.find(page); known != where_.end()) {
    pages_.splice(pages_.begin(), pages_, known->second);
    return true;
  }
  if (pages_.size() == entries_) {
    where_.erase(pages_.back());
    pages_.pop_back();
  }
  pages_.push_front(page);
  where_.emplace(page, pages_.begin());
  return false;
}

}  // namespace pagepress::model
