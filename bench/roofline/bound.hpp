// SPDX-License-Identifier: Apache-2.0
// What a device behind a link can reach at best, in uncompressed page bytes, from the
// configuration alone: docs/roofline.md derives it.
//
// Limitations: steady state; sources and destinations begin with a page; the host rings both
// doorbells for each page and takes no interrupts, as the bench's does.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "bench/roofline/load.hpp"
#include "model/device/fast/geometry.hpp"
#include "model/link/link_config.hpp"

namespace pagepress::bench {

// What one page moves, on average over the units.
struct Traffic {
  double read_beats = 0;  // of the AXI bus
  double write_beats = 0;
  double downstream_bytes = 0;  // on the link's wires, with headers
  double upstream_bytes = 0;
  double memory_bytes = 0;
};

[[nodiscard]] Traffic traffic_of(const model::LinkConfig& link,
                                 const model::fast::Geometry& geometry,
                                 std::span<const Unit> units);

struct Term {
  std::string_view name;  // "engines", "link_downstream", ...
  double bytes_per_ns = 0;
};

// The device: its geometry and clock; and one engine's pace.
struct Machine {
  model::LinkConfig link;
  model::fast::Geometry geometry;
  double clock_ghz = 1;
};

// What binds whatever the depth is. Terms that do not apply (memory without a limit) are left out.
[[nodiscard]] std::vector<Term> terms_of(const Machine& machine, const Traffic& traffic,
                                         const Pace& pace);
[[nodiscard]] const Term& least(std::span<const Term> terms);

// From the host's doorbell to the completion in memory, of a page that is alone: latencies of link,
// memory, IOMMU (a walk for source and destination, as with more pages than translations) and
// engine. The wires' time and what the device's own pipelines add are left out: no page is faster.
[[nodiscard]] double round_trip_ns(const Machine& machine, const Pace& pace);

// Little's law: so many pages in flight, each for a round trip.
[[nodiscard]] double latency_bound(unsigned depth, double round_trip_ns);

}  // namespace pagepress::bench
