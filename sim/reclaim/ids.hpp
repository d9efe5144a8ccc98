// SPDX-License-Identifier: Apache-2.0
// Names of pages and units of time that all of sim/reclaim shares.
#pragma once

#include <cstdint>
#include <limits>

namespace pagepress::reclaim {

// A virtual page of the simulated machine: anonymous, or of a file. Contiguous regions of them are
// processes' mappings and files.
using PageId = std::uint32_t;
inline constexpr PageId kNoPage = std::numeric_limits<PageId>::max();

// Simulated time, or CPU time, in nanoseconds.
using Ns = std::uint64_t;

// How often a page has been given other contents: each write after a read from swap, or after its
// first use, is a new version (contents.hpp says which bytes a version has).
using Version = std::uint32_t;

}  // namespace pagepress::reclaim
