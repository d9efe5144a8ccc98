// SPDX-License-Identifier: Apache-2.0
// How far apart two runs of the same point are, and the verdict over all points.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "bench/fidelity/point.hpp"
#include "bench/session/session.hpp"

namespace pagepress::bench {

// Of one device.
struct Timing {
  double units_per_us = 0;  // from the first submission to the last completion
  double p50_ns = 0;        // of latencies, from submission to completion
  double p99_ns = 0;
  double host_us = 0;  // of host CPU time a unit
};

struct Fidelity {
  Point point;
  std::size_t units = 0;
  Timing rtl, fast;
  std::string difference;        // of bytes, statuses or order: the first, or none
  double throughput_error = 0;   // relative, of units_per_us
  double p99_latency_error = 0;  // relative
  double completion_error = 0;  // the largest of a completion's latency, relative to p99 of the RTL
  [[nodiscard]] double speedup() const { return rtl.host_us / fast.host_us; }
};

// Host CPU time of a unit, us.
[[nodiscard]] double host_us(const SessionResult& run);

[[nodiscard]] Fidelity compare(const Point& point, const SessionResult& rtl,
                               const SessionResult& fast);

// What all points come to, and what bench_fidelity --check holds it to.
struct Summary {
  double max_throughput_error = 0;
  double max_p99_latency_error = 0;
  double speedup_min = 0;
  std::size_t different = 0;               // points whose answers differ
  std::optional<double> fast_pages_per_s;  // none if it was not measured
};

[[nodiscard]] Summary summarize(const std::vector<Fidelity>& points);
// What is missed, a line each; none: all is well. Answers and simulated times are the same on every
// machine; host times only count with `speed`.
[[nodiscard]] std::vector<std::string> misses(const Summary& summary, bool speed);

[[nodiscard]] nlohmann::json to_json(const Summary& summary, const std::vector<Fidelity>& points);

}  // namespace pagepress::bench
