// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/mm/zone.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/reclaim/mm/page.hpp"

namespace pagepress::reclaim {
namespace {

constexpr std::uint64_t kPagesPerMib = 1024 / kPageKib;
constexpr std::uint64_t kMostMib = std::uint64_t{1} << 24;  // 16 TiB; PageId has 32 bits

// mult_frac(): without overflow.
std::uint64_t mult_frac(std::uint64_t x, std::uint64_t numerator, std::uint64_t denominator) {
  return x / denominator * numerator + x % denominator * numerator / denominator;
}

// sysctl_lowmem_reserve_ratio of mm/page_alloc.c.
std::uint64_t reserve_ratio(const std::string& zone) {
  return zone == "DMA" || zone == "DMA32" ? 256 : 32;
}

// __setup_per_zone_wmarks().
void set_watermarks(std::vector<Zone>& zones, std::uint64_t min_free_kbytes, std::uint64_t scale) {
  std::uint64_t all = 0;
  for (const Zone& zone : zones) all += zone.managed;
  const std::uint64_t pages_min = min_free_kbytes / kPageKib;
  for (Zone& zone : zones) {
    zone.marks.min = mult_frac(pages_min, zone.managed, all);
    const std::uint64_t gap = std::max(zone.marks.min / 4, mult_frac(zone.managed, scale, 10'000));
    zone.marks.low = zone.marks.min + gap;
    zone.marks.high = zone.marks.low + gap;
  }
}

}  // namespace

std::uint64_t Zone::mark(Mark which) const noexcept {
  switch (which) {
    case Mark::kNone:
      break;
    case Mark::kMin:
      return marks.min;
    case Mark::kLow:
      return marks.low;
    case Mark::kHigh:
      return marks.high;
  }
  return 0;
}

bool Zone::ok(std::uint64_t free_frames, std::uint64_t pages, Mark which) const noexcept {
  if (which == Mark::kNone) return free_frames >= pages;
  return free_frames > mark(which) + reserve + (pages - 1);
}

std::uint64_t int_sqrt(std::uint64_t value) noexcept {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    const std::uint64_t more = root | bit;
    if (more * more <= value) root = more;
  }
  return root;
}

std::uint64_t default_min_free_kbytes(std::uint64_t lowmem_kbytes) noexcept {
  return std::clamp<std::uint64_t>(int_sqrt(lowmem_kbytes * 16), 128, 262'144);
}

std::vector<Zone> make_zones(const MmConfig& config) {
  if (config.zones.empty()) throw std::invalid_argument("memory: zones: there is none");
  std::vector<Zone> zones;
  std::uint64_t managed = 0;
  for (const ZoneConfig& from : config.zones) {
    if (from.managed_mib == 0 || from.managed_mib > kMostMib) {
      throw std::invalid_argument(fmt::format("memory: zone {}: managed_mib = {}, not 1 to {}",
                                              from.name, from.managed_mib, kMostMib));
    }
    Zone zone;
    zone.name = from.name;
    zone.managed = zone.free = from.managed_mib * kPagesPerMib;
    managed += zone.managed;
    zones.push_back(std::move(zone));
  }
  const std::uint64_t kbytes = config.min_free_kbytes != 0
                                   ? config.min_free_kbytes
                                   : default_min_free_kbytes(managed * kPageKib);
  if (kbytes >= managed * kPageKib) {
    throw std::invalid_argument(fmt::format("memory: min_free_kbytes = {}, of {} KiB in all zones",
                                            kbytes, managed * kPageKib));
  }
  if (config.watermark_scale_factor == 0 || config.watermark_scale_factor > 3'000) {
    throw std::invalid_argument(fmt::format("memory: watermark_scale_factor = {}, not 1 to 3000",
                                            config.watermark_scale_factor));
  }
  set_watermarks(zones, kbytes, config.watermark_scale_factor);
  // setup_per_zone_lowmem_reserve(), of the row that allocations of the highest zone use.
  std::uint64_t above = 0;
  for (std::size_t i = zones.size(); i-- > 0;) {
    zones[i].reserve = above / reserve_ratio(zones[i].name);
    above += zones[i].managed;
  }
  return zones;
}

}  // namespace pagepress::reclaim
