// SPDX-License-Identifier: Apache-2.0
// A point of the roofline: what was measured against what could be, and what binds it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bench/roofline/bound.hpp"
#include "bench/roofline/closed_loop.hpp"

namespace pagepress::bench {

inline constexpr double kLeastRatio = 0.95;
inline constexpr unsigned kLeastDepth = 64;

struct Point {
  std::string link;
  std::string operation;
  unsigned engines = 0;
  unsigned depth = 0;
  unsigned queues = 0;  // that share the depth
  std::vector<Term> terms;
  double round_trip_ns = 0;
  Measured measured;

  [[nodiscard]] const Term& bound() const { return least(terms); }
  [[nodiscard]] double ratio() const { return measured.bytes_per_ns / bound().bytes_per_ns; }
  // The bound's, and of so many pages in flight.
  [[nodiscard]] double latency() const { return latency_bound(depth, round_trip_ns); }
};

// What the engines' cycles went to, on average: each in 0..1, together 1.
struct Cycles {
  double work = 0;
  double wait_input = 0;
  double wait_output = 0;
  double idle = 0;  // no unit inside
};
[[nodiscard]] Cycles cycles_of(std::span<const EngineShares> engines);

// What the counters say binds: "engines", "input", "output" or "units"; a sentence about it.
[[nodiscard]] std::string_view binds(const Cycles& cycles);
[[nodiscard]] std::string explanation(const Point& point);

// Whether the rule is about this point: on pcie5x16 and soc, at depth 64 or more.
[[nodiscard]] bool ruled(const Point& point);
[[nodiscard]] inline bool good(const Point& point) {
  return !ruled(point) || point.ratio() >= kLeastRatio;
}

}  // namespace pagepress::bench
