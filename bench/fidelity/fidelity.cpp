// SPDX-License-Identifier: Apache-2.0
#include "bench/fidelity/fidelity.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "sim/stats/stats.hpp"

namespace pagepress::bench {
namespace {

constexpr double kMostThroughputError = 0.02;
constexpr double kMostP99Error = 0.05;
constexpr double kLeastSpeedup = 50;
constexpr double kLeastPagesPerSecond = 10'000;

std::uint64_t latency(const Outcome& outcome) { return outcome.arrive_ps - outcome.submit_ps; }

Timing timing_of(const SessionResult& run) {
  std::uint64_t first = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t last = 0;
  std::vector<std::uint64_t> latencies;
  for (const Outcome& outcome : run.units) {
    first = std::min(first, outcome.submit_ps);
    last = std::max(last, outcome.arrive_ps);
    latencies.push_back(latency(outcome));
  }
  const sim::Sample sample(std::move(latencies));
  return {.units_per_us =
              1e6 * static_cast<double>(run.units.size()) / static_cast<double>(last - first),
          .p50_ns = 1e-3 * static_cast<double>(sample.percentile(500)),
          .p99_ns = 1e-3 * static_cast<double>(sample.percentile(990)),
          .host_us = host_us(run)};
}

std::string difference(const Outcome& a, const Outcome& b) {
  const auto differ = [](const char* what, auto x, auto y) -> std::string {
    return x == y ? "" : fmt::format("{}: RTL {:#x}, fast {:#x}", what, x, y);
  };
  for (std::string text :
       {differ("status", a.status, b.status), differ("flags", a.flags, b.flags),
        differ("out_len", a.out_len, b.out_len), differ("crc32c", a.crc32c, b.crc32c),
        differ("info", a.info, b.info), differ("output's CRC", a.out_crc32c, b.out_crc32c),
        differ("order in its queue", a.order, b.order)}) {
    if (!text.empty()) return text;
  }
  return {};
}

double relative(double value, double truth) { return std::abs(value / truth - 1); }

nlohmann::json to_json(const Timing& timing) {
  return {{"units_per_us", timing.units_per_us},
          {"p50_latency_ns", timing.p50_ns},
          {"p99_latency_ns", timing.p99_ns},
          {"host_us_per_unit", timing.host_us}};
}

nlohmann::json to_json(const Fidelity& f) {
  return {{"operation", kWorkNames[static_cast<unsigned>(f.point.work)]},
          {"link", f.point.link},
          {"engines", f.point.engines},
          {"depth", f.point.depth},
          {"batch", f.point.batch},
          {"pages", kMixNames[static_cast<unsigned>(f.point.mix)]},
          {"clock_mhz", f.point.clock_mhz},
          {"units", f.units},
          {"rtl", to_json(f.rtl)},
          {"fast", to_json(f.fast)},
          {"difference", f.difference},
          {"throughput_error", f.throughput_error},
          {"p99_latency_error", f.p99_latency_error},
          {"completion_error", f.completion_error},
          {"speedup", f.speedup()}};
}

}  // namespace

double host_us(const SessionResult& run) {
  return 1e6 * run.host_s / static_cast<double>(run.units.size());
}

Fidelity compare(const Point& point, const SessionResult& rtl, const SessionResult& fast) {
  Fidelity f{.point = point,
             .units = rtl.units.size(),
             .rtl = timing_of(rtl),
             .fast = timing_of(fast),
             .difference = {}};
  f.throughput_error = relative(f.fast.units_per_us, f.rtl.units_per_us);
  f.p99_latency_error = relative(f.fast.p99_ns, f.rtl.p99_ns);
  for (std::size_t n = 0; n < rtl.units.size(); ++n) {
    const Outcome& a = rtl.units[n];
    const Outcome& b = fast.units[n];
    const std::string text = difference(a, b);
    if (f.difference.empty() && !text.empty()) f.difference = fmt::format("unit {}: {}", n, text);
    const double apart =
        1e-3 * std::abs(static_cast<double>(latency(b)) - static_cast<double>(latency(a)));
    f.completion_error = std::max(f.completion_error, apart / f.rtl.p99_ns);
  }
  return f;
}

Summary summarize(const std::vector<Fidelity>& points) {
  Summary all;
  all.speedup_min = std::numeric_limits<double>::max();
  for (const Fidelity& f : points) {
    all.max_throughput_error = std::max(all.max_throughput_error, f.throughput_error);
    all.max_p99_latency_error = std::max(all.max_p99_latency_error, f.p99_latency_error);
    all.speedup_min = std::min(all.speedup_min, f.speedup());
    if (!f.difference.empty()) ++all.different;
  }
  return all;
}

std::vector<std::string> misses(const Summary& all, bool speed) {
  std::vector<std::string> lines;
  const auto at_most = [&](const char* what, double value, double bound) {
    if (!(value <= bound))
      lines.push_back(fmt::format("{}: {:.4f}, at most {}", what, value, bound));
  };
  const auto at_least = [&](const char* what, double value, double bound) {
    if (!(value >= bound))
      lines.push_back(fmt::format("{}: {:.1f}, at least {}", what, value, bound));
  };
  at_most("points whose answers differ", static_cast<double>(all.different), 0);
  at_most("max_throughput_error", all.max_throughput_error, kMostThroughputError);
  at_most("max_p99_latency_error", all.max_p99_latency_error, kMostP99Error);
  if (speed) at_least("speedup_min", all.speedup_min, kLeastSpeedup);
  if (speed && all.fast_pages_per_s) {
    at_least("fast_pages_per_s", *all.fast_pages_per_s, kLeastPagesPerSecond);
  }
  return lines;
}

nlohmann::json to_json(const Summary& all, const std::vector<Fidelity>& points) {
  nlohmann::json json = {{"version", 1},
                         {"points_measured", points.size()},
                         {"points_that_differ", all.different},
                         {"max_throughput_error", all.max_throughput_error},
                         {"max_p99_latency_error", all.max_p99_latency_error},
                         {"speedup_min", all.speedup_min},
                         {"fast_pages_per_s", nullptr},
                         {"points", nlohmann::json::array()}};
  if (all.fast_pages_per_s) json["fast_pages_per_s"] = *all.fast_pages_per_s;
  for (const Fidelity& f : points) json["points"].push_back(to_json(f));
  return json;
}

}  // namespace pagepress::bench
