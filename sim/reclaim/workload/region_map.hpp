// SPDX-License-Identifier: Apache-2.0
// What the pages of a region contain: pages of the page files in their order, as neighbours in a
// real process are, from a random start on; or a share of zero and of random pages instead.
#pragma once

#include <cstdint>
#include <vector>

#include "sim/reclaim/random.hpp"

namespace pagepress::reclaim {

// Content indices (contents.hpp): `files` pages of files, then a zero page, then random ones.
struct ContentRange {
  std::size_t files = 0;
  std::size_t all = 0;
};

struct ContentShares {
  double zero = -1;    // -1: as the files have it
  double random = -1;  // likewise
};

// Throws std::invalid_argument: a share that there are no pages for.
[[nodiscard]] std::vector<std::uint32_t> make_region_map(std::size_t pages,
                                                         const ContentRange& range,
                                                         const ContentShares& shares,
                                                         RandomStream& random);

}  // namespace pagepress::reclaim
