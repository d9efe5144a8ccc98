// SPDX-License-Identifier: Apache-2.0
// bench_device [--json FILE] [--check]: what the whole device reaches, in cycles.
//
// - scaling: page data per cycle of one engine and of two, on a bus of fixed latency;
// - priority: latency of single decompressions (page faults) while compressions keep every
//   engine busy: in the same queue, in a queue of the same class, in one of the highest class.
//
// --check fails unless two engines are 1.9 times as fast as one, and a fault in a queue of
// its own waits no longer than for the units that the engines hold already, and 5 %.
// Cycles are the same on every machine. Limitation: a bus of 512 bits without stalls.
#include <Vone_engine.h>
#include <Vpagepress_top.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "bench/command/bench_main.hpp"
#include "bench/rtl/bulk.hpp"
#include "tests/rtl/device/reference.hpp"
#include "tests/rtl/device/verilated_device.hpp"

namespace pagepress::bench {
namespace {

constexpr unsigned kLatency = 100;  // of the bus
constexpr std::uint64_t kSeed = 7;
constexpr double kLeastScaling = 1.9;
constexpr double kMargin = 1.05;

// Page bytes per cycle with every queue full.
template <class Model>
double throughput(std::uint8_t opcode, unsigned engines) {
  VerilatedDevice<Model> device(kSeed);
  Bulk bulk(device, kLatency, kSeed);
  for (unsigned q = 0; q < 4; ++q) {
    bulk.start(q, 0);
    bulk.load(q, opcode);
  }
  bulk.run(std::uint64_t{48} * engines);
  const std::uint64_t units = std::uint64_t{128} * engines;
  const std::uint64_t cycles = bulk.run(units);
  return static_cast<double>(units * kLargestUnit) / static_cast<double>(cycles);
}

nlohmann::json percentiles(std::vector<std::uint64_t> cycles) {
  std::sort(cycles.begin(), cycles.end());
  const auto at = [&cycles](std::size_t percent) {
    return cycles[std::min(cycles.size() - 1, cycles.size() * percent / 100)];
  };
  return {{"p50", at(50)}, {"p99", at(99)}, {"max", cycles.back()}, {"samples", cycles.size()}};
}

struct Faults {
  nlohmann::json idle, own_queue_highest, own_queue_same, bulk_queue;
  std::uint64_t unit = 0;  // cycles that a compression holds an engine
};

Faults faults() {
  VerilatedDevice<Vpagepress_top> device(kSeed);
  Bulk bulk(device, kLatency, kSeed);
  constexpr unsigned kBulk = 0;
  constexpr unsigned kSame = 4;
  constexpr unsigned kHighest = 5;
  for (unsigned q = 0; q < 4; ++q) bulk.start(q, 0);
  bulk.start(kSame, 0);
  bulk.start(kHighest, 7);
  const auto sample = [&bulk](unsigned q, unsigned count) {
    std::vector<std::uint64_t> cycles;
    for (unsigned i = 0; i < count; ++i) {
      cycles.push_back(bulk.latency(q, PP_OP_DECOMPRESS));
      bulk.run(i % 3);  // not in step with the load
    }
    return percentiles(std::move(cycles));
  };
  Faults result;
  std::vector<std::uint64_t> idle;
  for (unsigned i = 0; i < 30; ++i) idle.push_back(bulk.latency(kHighest, PP_OP_DECOMPRESS));
  result.idle = percentiles(std::move(idle));
  for (unsigned q = 0; q < 4; ++q) bulk.load(q, PP_OP_COMPRESS);
  bulk.run(128);
  result.unit = 2 * bulk.run(256) / 256;  // two engines
  result.own_queue_highest = sample(kHighest, 80);
  result.own_queue_same = sample(kSame, 80);
  result.bulk_queue = sample(kBulk, 8);
  return result;
}

int run(const std::string& json_path, bool check) {
  nlohmann::json report;
  bool good = true;
  for (const auto& [name, opcode] :
       {std::pair{"compress", PP_OP_COMPRESS}, std::pair{"decompress", PP_OP_DECOMPRESS}}) {
    const auto op = static_cast<std::uint8_t>(opcode);
    const double one = throughput<Vone_engine>(op, 1);
    const double two = throughput<Vpagepress_top>(op, 2);
    report["scaling"][name] = {
        {"one_engine", one}, {"two_engines", two}, {"ratio", two / one}, {"unit", "bytes/cycle"}};
    fmt::print(stderr, "{}: {:.2f} B/cycle with one engine, {:.2f} with two: {:.3f} times\n", name,
               one, two, two / one);
    good = good && two / one >= kLeastScaling;
  }
  const Faults f = faults();
  // A fault needs what it needs on an idle device, and may find one unit ahead of it.
  const double bound = kMargin * static_cast<double>(f.idle["p99"].get<std::uint64_t>() + f.unit);
  report["priority"] = {{"idle", f.idle},
                        {"own_queue_class_7", f.own_queue_highest},
                        {"own_queue_same_class", f.own_queue_same},
                        {"bulk_queue", f.bulk_queue},
                        {"compression", f.unit},
                        {"bound", bound},
                        {"unit", "cycles"}};
  for (const auto& [name, figure] :
       {std::pair{"idle device", f.idle}, std::pair{"own queue, class 7", f.own_queue_highest},
        std::pair{"own queue, same class", f.own_queue_same},
        std::pair{"bulk queue", f.bulk_queue}}) {
    fmt::print(stderr, "fault in {}: p50 {} p99 {} max {} cycles\n", name,
               figure["p50"].get<std::uint64_t>(), figure["p99"].get<std::uint64_t>(),
               figure["max"].get<std::uint64_t>());
  }
  fmt::print(stderr, "a compression holds an engine for {} cycles; bound {:.0f}\n", f.unit, bound);
  good = good && static_cast<double>(f.own_queue_highest["p99"].get<std::uint64_t>()) <= bound;
  put_json(json_path, report);
  return check && !good ? 1 : 0;
}

}  // namespace
}  // namespace pagepress::bench

int main(int argc, char** argv) {
  CLI::App app{"Throughput and latency of the whole device in cycles"};
  std::string json;
  bool check = false;
  pagepress::bench::add_json_option(app, json);
  app.add_flag("--check", check, "fail if they are not what the device must reach");
  return pagepress::bench::bench_main(app, argc, argv,
                                      [&] { return pagepress::bench::run(json, check); });
}
