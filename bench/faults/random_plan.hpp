// SPDX-License-Identifier: Apache-2.0
// Random fault plans: one to six faults of random kinds, at random times of a short run.
#pragma once

#include <cstdint>
#include <string>

namespace pagepress::bench {

// A plan's text, for a run of so many pages there and back. Same arguments: same plan.
[[nodiscard]] std::string random_plan(std::uint64_t seed, std::uint64_t pages);

}  // namespace pagepress::bench
