// SPDX-License-Identifier: Apache-2.0
// What can be said of a page before it is compressed: zero, or one 8-byte word
// repeated, as zswap, zram and the engine (PP_STATUS_SAME_FILLED) tell them apart.
#pragma once

#include <cstdint>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::sim {

enum class PageKind : std::uint8_t {
  kZero,        // every byte is 0: a same-filled page, too
  kSameFilled,  // one 8-byte word, not 0, repeated
  kOther,
};

[[nodiscard]] PageKind classify(PageView page) noexcept;

}  // namespace pagepress::sim
