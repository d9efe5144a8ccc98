// SPDX-License-Identifier: Apache-2.0
// Pages of every sort that matters to a driver: same-filled, incompressible, and between.
#pragma once

#include <pagepress/codec.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace pagepress::bench {

struct alignas(kPageSize) Page : std::array<std::byte, kPageSize> {};

// Same seed: same pages.
[[nodiscard]] std::vector<Page> make_pages(std::uint64_t seed, std::size_t count);

}  // namespace pagepress::bench
