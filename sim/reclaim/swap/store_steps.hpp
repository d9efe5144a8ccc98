// SPDX-License-Identifier: Apache-2.0
// Steps that zswap and zram have in common. Private to sim/reclaim/swap.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <pagepress/codec.hpp>

#include "sim/reclaim/costs.hpp"
#include "sim/reclaim/swap/copy_table.hpp"
#include "sim/reclaim/swap/swap_config.hpp"

namespace pagepress::reclaim {

// What compressing a page came to.
enum class Compressed : std::uint8_t { kSameFilled, kBlock, kPoor };

// Throws std::invalid_argument unless it is 1 to a page.
[[nodiscard]] std::uint32_t block_limit(const StoreConfig& store);

// Longer than `limit_bytes` is kPoor. Throws std::invalid_argument: a status that is no answer, or
// `out` of another length than it says.
[[nodiscard]] Compressed classify(const Completion& done, std::span<const std::byte> out,
                                  std::uint32_t limit_bytes);

// CPU time to enter a page: look-up and insertion, and for what goes to the pool zs_malloc() and
// the copy. kPoor: a whole page is copied.
[[nodiscard]] Ns store_ns(const KernelCosts& costs, Compressed result, std::size_t block_bytes);

// Throws ConservationError: there is no copy in memory.
void expect_in_store(const CopyTable& copies, PageId page);

}  // namespace pagepress::reclaim
