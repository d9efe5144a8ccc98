// SPDX-License-Identifier: Apache-2.0
// The pages of a point and their descriptors.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "bench/fidelity/point.hpp"
#include "bench/session/session.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::bench {

using Page = std::array<std::uint8_t, sim::kPageBytes>;

// Pages of a mix, always the same ones: from all files in turns, spread over each.
[[nodiscard]] std::vector<Page> make_pages(Mix mix, const std::vector<sim::PageFile>& files,
                                           std::size_t count);

// Their descriptors. A page to be decompressed comes as the engine's own block of it, or liblz4's
// where the engine has none. kBoth takes turns; its decompression has queue 1.
[[nodiscard]] std::vector<Unit> make_units(Work work, const std::vector<Page>& pages);

}  // namespace pagepress::bench
