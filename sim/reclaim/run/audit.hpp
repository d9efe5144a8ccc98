// SPDX-License-Identifier: Apache-2.0
// What must hold when a run has ended: nothing is lost, duplicated or changed.
#pragma once

#include <pagepress/codec.hpp>

#include "sim/reclaim/contents.hpp"
#include "sim/reclaim/mm/mm.hpp"
#include "sim/reclaim/swap/swap_store.hpp"

namespace pagepress::reclaim {

// Takes no simulated time. Mm and store agree with themselves (check()); every page that is not
// resident has a copy, of the version that it was written with; every copy decodes to the bytes of
// that version; no copy is of a page that nobody has; the frames
// that Mm gave to the pool are those that the store has. `decoder`: of the store's blocks. Throws
// ConservationError: names the page.
void audit(const Mm& mm, const SwapStore& store, const Contents& contents, Codec& decoder);

}  // namespace pagepress::reclaim
