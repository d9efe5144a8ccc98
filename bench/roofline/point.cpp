// SPDX-License-Identifier: Apache-2.0
#include "bench/roofline/point.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pagepress::bench {

Cycles cycles_of(std::span<const EngineShares> engines) {
  Cycles sum;
  for (const EngineShares& engine : engines) {
    sum.wait_input += engine.stall_input;
    sum.wait_output += engine.stall_output;
    sum.idle += std::max(0.0, 1 - engine.busy);  // a share is right within some cycles
    // Waits for both may overlap.
    sum.work += std::max(0.0, engine.busy - engine.stall_input - engine.stall_output);
  }
  const auto count = static_cast<double>(engines.size());
  return {sum.work / count, sum.wait_input / count, sum.wait_output / count, sum.idle / count};
}

std::string_view binds(const Cycles& cycles) {
  if (cycles.work >= kLeastRatio) return "engines";
  const double most = std::max({cycles.wait_input, cycles.wait_output, cycles.idle});
  if (most == cycles.idle) return "units";
  return most == cycles.wait_input ? "input" : "output";
}

std::string explanation(const Point& point) {
  const Cycles cycles = cycles_of(point.measured.engines);
  std::string text = fmt::format(
      "engines: {:.1f} % of their cycles at work, {:.1f} % waiting for input, {:.1f} % for output, "
      "{:.1f} % without a unit; wires in use: {:.1f} % downstream, {:.1f} % upstream",
      100 * cycles.work, 100 * cycles.wait_input, 100 * cycles.wait_output, 100 * cycles.idle,
      100 * point.measured.downstream, 100 * point.measured.upstream);
  if (point.latency() < point.bound().bytes_per_ns) {
    text += fmt::format("; {} pages in flight for {:.0f} ns each give {:.1f} B/ns at most",
                        point.depth, point.round_trip_ns, point.latency());
  }
  return text;
}

bool ruled(const Point& point) {
  return point.depth >= kLeastDepth && (point.link == "pcie5x16" || point.link == "soc");
}

}  // namespace pagepress::bench
