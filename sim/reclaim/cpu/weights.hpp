// SPDX-License-Identifier: Apache-2.0
// CFS's weights: a nice level is worth a factor of about 1.25, so that of two tasks one level apart
// one gets 55 % and the other 45 %. Source: kernel/sched/core.c, sched_prio_to_weight, 6.12.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

inline constexpr int kLeastNice = -20;
inline constexpr int kMostNice = 19;
inline constexpr std::uint64_t kNice0Weight = 1024;

// By nice level, from -20.
inline constexpr std::array<std::uint32_t, kMostNice - kLeastNice + 1> kNiceWeights = {
    88761, 71755, 56483, 46273, 36291,  // -20
    29154, 23254, 18705, 14949, 11916,  // -15
    9548,  7620,  6100,  4904,  3906,   // -10
    3121,  2501,  1991,  1586,  1277,   // -5
    1024,  820,   655,   526,   423,    // 0
    335,   272,   215,   172,   137,    // 5
    110,   87,    70,    56,    45,     // 10
    36,    29,    23,    18,    15,     // 15
};

[[nodiscard]] constexpr std::uint64_t weight_of(int nice) {
  return kNiceWeights.at(static_cast<std::size_t>(nice - kLeastNice));
}

// Virtual run time is counted finer than time: a nanosecond of a heavy task would be none.
inline constexpr std::uint64_t kVruntimeUnits = 1024;  // a nanosecond of nice level 0

[[nodiscard]] constexpr std::uint64_t to_vruntime(Ns ns, std::uint64_t weight) {
  return ns * (kVruntimeUnits * kNice0Weight) / weight;
}

}  // namespace pagepress::reclaim
