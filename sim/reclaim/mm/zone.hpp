// SPDX-License-Identifier: Apache-2.0
// Zones: frames, watermarks and the reserve against allocations that could use a higher zone,
// after mm/page_alloc.c.
// Limitations: no free lists by order, so no fragmentation; no per-CPU lists; no watermark boost;
// MIGRATE_HIGHATOMIC and CMA are left out.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "sim/reclaim/mm/mm.hpp"

namespace pagepress::reclaim {

inline constexpr std::uint64_t kPageKib = 4;

enum class Mark : std::uint8_t { kNone, kMin, kLow, kHigh };  // kNone: PF_MEMALLOC

struct Zone {
  std::string name;
  std::uint64_t managed = 0;  // frames
  std::uint64_t free = 0;
  std::uint64_t pool = 0;              // taken by pools
  std::uint64_t freeing = 0;           // in a reclaimer's batch, free at its end
  std::array<std::uint64_t, 2> lru{};  // on LRU lists: anonymous, file
  Mm::Watermarks marks{};
  std::uint64_t reserve = 0;  // lowmem_reserve against allocations of the highest zone

  [[nodiscard]] std::uint64_t mark(Mark which) const noexcept;
  // __zone_watermark_ok(): with `free` frames. Allocations are all of the highest zone's kind.
  [[nodiscard]] bool ok(std::uint64_t free_frames, std::uint64_t pages, Mark which) const noexcept;
};

// int_sqrt(): the root, rounded down.
[[nodiscard]] std::uint64_t int_sqrt(std::uint64_t value) noexcept;
// calculate_min_free_kbytes().
[[nodiscard]] std::uint64_t default_min_free_kbytes(std::uint64_t lowmem_kbytes) noexcept;
// All frames free. Throws std::invalid_argument: names the setting.
[[nodiscard]] std::vector<Zone> make_zones(const MmConfig& config);

}  // namespace pagepress::reclaim
