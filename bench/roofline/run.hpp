// SPDX-License-Identifier: Apache-2.0
// Runs the points of a roofline, one after the other, in one simulation.
//
// Limitation: SystemC elaborates once a process, so only one call a process.
#pragma once

#include <string>
#include <vector>

#include "bench/roofline/load.hpp"
#include "bench/roofline/point.hpp"

namespace pagepress::bench {

struct Sweep {
  std::vector<std::string> links;  // presets
  std::vector<unsigned> engines;
  std::vector<unsigned> depths;
  std::vector<const Load*> loads;
  model::fast::Geometry geometry;  // engines and ID bits aside; its queues share the depth
  double clock_ghz = 1;
};

// Throws std::invalid_argument for what cannot be,
// std::runtime_error if a device fails.
[[nodiscard]] std::vector<Point> run_sweep(const Sweep& sweep);

}  // namespace pagepress::bench
