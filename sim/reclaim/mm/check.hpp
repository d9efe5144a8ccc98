// SPDX-License-Identifier: Apache-2.0
// Whether every page is in one place, and counts agree with what they count.
#pragma once

#include "sim/reclaim/mm/node.hpp"

namespace pagepress::reclaim {

// Throws ConservationError. Holds whenever no task's own step is half done: in any task.
void check(const Node& node);

}  // namespace pagepress::reclaim
