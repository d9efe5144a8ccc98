// SPDX-License-Identifier: Apache-2.0
// Pages for a run without page files: a fixed mix, the same on every machine. In turn: text of a
// small vocabulary; records of counters and pointers; words of which most are zero; a page of
// which a part is noise. docs/roofline.md says how they compress.
//
// Limitation: a stand-in for real pages, of roughly their ratio and pace; figures are given for
// page files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace pagepress::bench {

// One behind the other.
[[nodiscard]] std::vector<std::uint8_t> synthetic_pages(std::size_t count);

}  // namespace pagepress::bench
