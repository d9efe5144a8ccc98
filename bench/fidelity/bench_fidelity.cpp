// SPDX-License-Identifier: Apache-2.0
// bench_fidelity FILE... [--json FILE] [--check[-speed]]: FastDevice against RtlDevice, the same
// units through both, over a matrix of operations, links, engines, depths, batches, clocks and
// pages; docs/fast-device.md says what the figures mean.
//
// Exit code 0; 1: a figure is missed (--check, --check-speed), or an error; 2: wrong usage.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "bench/command/bench_main.hpp"
#include "bench/fidelity/fidelity.hpp"
#include "bench/fidelity/load.hpp"
#include "bench/fidelity/one_engine_top.hpp"
#include "model/device/fast_device.hpp"
#include "model/device/rtl_device.hpp"
#include "sim/experiment/child_process.hpp"
#include "sim/pagefile/output_file.hpp"

namespace pagepress::bench {
namespace {

constexpr unsigned kDecompressPriority = 1;  // a swap-in is waited for
// Host times: the least of some runs counts, as another process only makes them longer; of both
// devices in turns, as it does so for a while. One round where nobody holds them to a bound.
constexpr unsigned kRounds = 3;
constexpr unsigned kRepeats = 2;   // of runs of the fast device in a round
constexpr double kRtlSeconds = 1;  // no other run of the RTL once they have taken so long
constexpr unsigned kLonger = 8;    // the fast device's runs than the RTL's: their start counts less

struct Flags {
  std::vector<std::string> files;
  std::string json;
  std::string only;
  std::string trace;
  std::size_t every = 1;
  std::size_t speed_pages = 20'000;
  bool check = false;
  bool check_speed = false;
};

std::unique_ptr<model::Device> make_fast(const Point& point) {
  model::FastDeviceConfig config;
  config.clock_period = sc_core::sc_time(1e6 / point.clock_mhz, sc_core::SC_PS);
  config.geometry.engines = point.engines;
  return std::make_unique<model::FastDevice>("device", config);
}

std::unique_ptr<model::Device> make_rtl(const Point& point) {
  model::RtlDeviceConfig config;
  config.clock_period = sc_core::sc_time(1e6 / point.clock_mhz, sc_core::SC_PS);
  return std::make_unique<model::RtlDevice>(
      "device", point.engines == 1 ? make_one_engine_top() : model::make_pagepress_top(), config);
}

// Between processes.
nlohmann::json to_json(const SessionResult& run) {
  nlohmann::json units = nlohmann::json::array();
  for (const Outcome& o : run.units) {
    units.push_back({o.status, o.flags, o.out_len, o.crc32c, o.info, o.out_crc32c, o.order,
                     o.submit_ps, o.arrive_ps});
  }
  return {{"units", std::move(units)}, {"host_s", run.host_s}};
}

SessionResult from_json(const nlohmann::json& json) {
  SessionResult run;
  run.host_s = json.at("host_s");
  for (const nlohmann::json& u : json.at("units")) {
    run.units.push_back({u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8]});
  }
  return run;
}

SessionResult run_point(const Point& point, bool fast, const std::vector<Descriptor>& units) {
  SessionConfig config;
  config.link = model::link_preset(point.link);
  if (point.work == Work::kBoth) config.priorities = {0, kDecompressPriority};
  config.depth = point.depth;
  config.batch = point.batch;
  const auto make = [&] { return fast ? make_fast(point) : make_rtl(point); };
  const auto body = [&](const sim::Emit&) { return to_json(run_session(make, config, units)); };
  return from_json(sim::run_in_child((fast ? "fast: " : "RTL: ") + point.name(), body,
                                     [](const nlohmann::json&) {}));
}

// The fast device's host CPU time of a unit of the point's.
double fast_host_us(const Point& point, const std::vector<Descriptor>& units) {
  double least = std::numeric_limits<double>::max();
  for (unsigned n = 0; n < kRepeats; ++n) {
    least = std::min(least, host_us(run_point(point, true, units)));
  }
  return least;
}

std::vector<Descriptor> units_of(const Point& point, const std::vector<sim::PageFile>& files,
                                 std::size_t count) {
  return make_units(point.work, make_pages(point.mix, files, count));
}

// Host CPU times of both devices, in place of those of the runs that were compared.
void measure_speed(Fidelity& result, double rtl_s, const std::vector<Descriptor>& units,
                   const std::vector<sim::PageFile>& files, unsigned rounds) {
  const Point& point = result.point;
  const std::vector<Descriptor> longer = units_of(point, files, kLonger * units.size());
  result.fast.host_us = fast_host_us(point, longer);
  for (unsigned round = 1; round < rounds; ++round) {
    if (rtl_s < kRtlSeconds) {
      const SessionResult rtl = run_point(point, false, units);
      rtl_s += rtl.host_s;
      result.rtl.host_us = std::min(result.rtl.host_us, host_us(rtl));
    }
    result.fast.host_us = std::min(result.fast.host_us, fast_host_us(point, longer));
  }
}

std::vector<Point> chosen_points(const Flags& flags) {
  std::vector<Point> points;
  std::size_t n = 0;
  for (const Point& point : matrix()) {
    if (n++ % flags.every == 0 && point.name().find(flags.only) != std::string::npos) {
      points.push_back(point);
    }
  }
  if (points.empty()) throw std::runtime_error(fmt::format("no point is named '{}'", flags.only));
  return points;
}

void print(const Fidelity& f) {
  fmt::print(
      "{:70}  throughput {:6.2f} {:6.2f} /us {:5.2f} %  p99 {:8.0f} {:8.0f} ns {:5.2f} %  "
      "x{:.0f}{}{}\n",
      f.point.name(), f.rtl.units_per_us, f.fast.units_per_us, 100 * f.throughput_error,
      f.rtl.p99_ns, f.fast.p99_ns, 100 * f.p99_latency_error, f.speedup(),
      f.difference.empty() ? "" : "  DIFFERENT: ", f.difference);
  std::fflush(stdout);
}

// When each unit came and went, for those who look for the cause of an error.
std::string trace(const Point& point, const std::vector<Descriptor>& units,
                  const SessionResult& rtl, const SessionResult& fast) {
  std::string text;
  for (std::size_t n = 0; n < units.size(); ++n) {
    text += fmt::format("{};{};{};{};{};{};{};{}\n", point.name(), n, units[n].opcode,
                        units[n].source.size(), rtl.units[n].submit_ps, rtl.units[n].arrive_ps,
                        fast.units[n].submit_ps, fast.units[n].arrive_ps);
  }
  return text;
}

int run(const Flags& flags) {
  std::vector<sim::PageFile> files;
  for (const std::string& file : flags.files) files.emplace_back(file);
  const bool text = flags.json != "-";

  std::vector<Fidelity> results;
  std::string traces =
      "point;unit;opcode;bytes;rtl_submit_ps;rtl_arrive_ps;fast_submit_ps;fast_arrive_ps\n";
  for (const Point& point : chosen_points(flags)) {
    const std::vector<Descriptor> units = units_of(point, files, point.units());
    const SessionResult rtl = run_point(point, false, units);
    const SessionResult fast = run_point(point, true, units);
    results.push_back(compare(point, rtl, fast));
    measure_speed(results.back(), rtl.host_s, units, files, flags.check_speed ? kRounds : 1);
    traces += trace(point, units, rtl, fast);
    if (text) print(results.back());
  }
  if (!flags.trace.empty()) sim::write_file(flags.trace, traces);
  Summary summary = summarize(results);
  if (flags.speed_pages != 0) {
    summary.fast_pages_per_s =
        1e6 / fast_host_us(Point{}, units_of(Point{}, files, flags.speed_pages));
  }

  if (text) {
    fmt::print("max_throughput_error {:.4f}\nmax_p99_latency_error {:.4f}\nspeedup_min {:.1f}\n",
               summary.max_throughput_error, summary.max_p99_latency_error, summary.speedup_min);
    if (summary.fast_pages_per_s)
      fmt::print("fast_pages_per_s {:.0f}\n", *summary.fast_pages_per_s);
  }
  put_json(flags.json, to_json(summary, results));
  const std::vector<std::string> missed = flags.check || flags.check_speed
                                              ? misses(summary, flags.check_speed)
                                              : std::vector<std::string>{};
  for (const std::string& line : missed) fmt::print(stderr, "FAIL: {}\n", line);
  return missed.empty() ? 0 : 1;
}

}  // namespace
}  // namespace pagepress::bench

int main(int argc, char** argv) {
  pagepress::bench::Flags flags;
  CLI::App app{"How far the fast device is from the RTL, and how much faster it runs"};
  app.add_option("FILE", flags.files, "page files")->required();
  pagepress::bench::add_json_option(app, flags.json);
  app.add_option("--only", flags.only, "only points with this in their names");
  app.add_option("--every", flags.every, "only every Nth point")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--trace", flags.trace, "write the times of every unit there, as CSV");
  app.add_option("--speed-pages", flags.speed_pages,
                 "pages of the run for fast_pages_per_s; 0: none")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app.add_flag("--check", flags.check, "fail if answers differ, or a time by too much");
  app.add_flag("--check-speed", flags.check_speed, "likewise, or if the fast device is not fast");
  return pagepress::bench::bench_main(app, argc, argv,
                                      [&flags] { return pagepress::bench::run(flags); });
}
