// SPDX-License-Identifier: Apache-2.0
// The units that a device is loaded with, and what its engine alone makes of them.
//
// Limitation: 4 KiB pages, each source and destination at the start of a page of its own.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::bench {

struct Unit {
  std::uint32_t src_len = 0;  // bytes
  std::uint32_t out_len = 0;  // bytes that leave; 0: incompressible
};

// How fast one engine is if nothing outside makes it wait: the reference codec's timelines.
struct Pace {
  double bytes_per_cycle = 0;  // page bytes, units one behind the other
  double latency_cycles = 0;   // mean, from a unit's first beat to its result, alone
};

struct Load {
  std::string name;
  std::uint8_t opcode = 0;
  std::vector<Unit> units;
  std::vector<std::uint8_t> sources;  // kPageBytes a unit
  Pace pace;
};

struct Loads {
  Load compress;
  Load decompress;  // of the blocks that compression makes; pages that do not shrink have none
};

// By the default engine of this width. Throws std::invalid_argument for a width that it does not
// have, std::runtime_error if no page shrinks.
[[nodiscard]] Loads loads_of(std::span<const sim::PageView> pages, unsigned w);

}  // namespace pagepress::bench
