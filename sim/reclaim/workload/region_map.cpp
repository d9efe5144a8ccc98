// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/workload/region_map.hpp"

#include <algorithm>
#include <stdexcept>

namespace pagepress::reclaim {

std::vector<std::uint32_t> make_region_map(std::size_t pages, const ContentRange& range,
                                           const ContentShares& shares, RandomStream& random) {
  const double zero = std::max(0.0, shares.zero);
  const double incompressible = std::max(0.0, shares.random);
  if (range.files == 0) throw std::invalid_argument("a workload needs pages of files");
  const std::size_t generated = range.all - range.files;
  if ((zero > 0 && generated < 1) || (incompressible > 0 && generated < 2)) {
    throw std::invalid_argument(
        "workload.zero_share, workload.random_share: there are no generated pages");
  }
  const auto files = static_cast<std::uint32_t>(range.files);
  std::uint32_t next = random.below(files);
  std::vector<std::uint32_t> map(pages);
  for (std::uint32_t& content : map) {
    content = next;
    next = next + 1 == files ? 0 : next + 1;
    const double drawn = random.share();
    if (drawn < zero) {
      content = files;
    } else if (drawn < zero + incompressible) {
      content = files + 1 + random.below(static_cast<std::uint32_t>(generated - 1));
    }
  }
  return map;
}

}  // namespace pagepress::reclaim
