// SPDX-License-Identifier: Apache-2.0
// Whether a copy in swap gives back the page that was stored: block decoded, word compared.
// Limitations: of a whole page, raw or on the device, the version is all there is to check (it is
// not copied; the swap device checks page and version itself). A block's CRC32C is checked only if
// it is known and the decoder computes one.
#pragma once

#include <cstddef>
#include <span>

#include <pagepress/codec.hpp>

#include "sim/pagefile/page_file.hpp"
#include "sim/reclaim/ids.hpp"
#include "sim/reclaim/swap/swap_store.hpp"

namespace pagepress::reclaim {

// `decoder`: of the format of the store's blocks, idle, done in submit() (make_cpu_codec()).
// `version` and `expected`: what was written last of the page, and its bytes.
// Throws ConservationError: names page, version and what differs.
void verify_copy(Codec& decoder, PageId page, Version version, const Copy& copy,
                 sim::PageView expected);
// The same for a block that an engine has decoded, to a page of bytes.
void verify_decoded(PageId page, Version version, const Copy& copy,
                    std::span<const std::byte> decoded, sim::PageView expected);

}  // namespace pagepress::reclaim
