// SPDX-License-Identifier: Apache-2.0
#include "bench/roofline/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "model/link/link_config.hpp"

namespace pagepress::bench {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const Load& load) {
  double source = 0;
  double output = 0;
  for (const Unit& unit : load.units) {
    source += unit.src_len;
    output += unit.out_len;
  }
  const auto count = static_cast<double>(load.units.size());
  return {{"pages", load.units.size()},
          {"mean_src_bytes", source / count},
          {"mean_out_bytes", output / count},
          {"engine_bytes_per_cycle", load.pace.bytes_per_cycle},
          {"engine_latency_cycles", load.pace.latency_cycles}};
}

ordered_json json_of(const model::fast::Geometry& geometry) {
  return {{"w", geometry.w},
          {"queues", geometry.queues},
          {"beat_bytes", geometry.beat_bytes},
          {"burst_beats", geometry.burst_beats},
          {"read_buffer", geometry.read_buffer},
          {"sq_prefetch", geometry.sq_prefetch},
          {"channel_units", geometry.channel_units},
          {"write_bursts", geometry.write_bursts}};
}

ordered_json json_of(const Point& point) {
  const Cycles cycles = cycles_of(point.measured.engines);
  ordered_json one = {{"link", point.link},
                      {"operation", point.operation},
                      {"engines", point.engines},
                      {"depth", point.depth},
                      {"queues", point.queues},
                      {"bytes_per_ns", point.measured.bytes_per_ns},
                      {"bound_bytes_per_ns", point.bound().bytes_per_ns},
                      {"bound_by", point.bound().name},
                      {"ratio", point.ratio()},
                      {"ruled", ruled(point)},
                      {"good", good(point)}};
  one["terms"] = ordered_json::object();
  for (const Term& term : point.terms) one["terms"][std::string(term.name)] = term.bytes_per_ns;
  one["round_trip_ns"] = point.round_trip_ns;
  one["latency_bytes_per_ns"] = point.latency();
  one["ratio_with_latency"] =
      point.measured.bytes_per_ns / std::min(point.latency(), point.bound().bytes_per_ns);
  one["pages"] = point.measured.pages;
  one["ns"] = point.measured.ns;
  one["wires"] = {{"downstream", point.measured.downstream}, {"upstream", point.measured.upstream}};
  one["counters"] = {{"work", cycles.work},
                     {"stall_input", cycles.wait_input},
                     {"stall_output", cycles.wait_output},
                     {"idle", cycles.idle},
                     {"stall_queue", point.measured.stall_queue},
                     {"engines", ordered_json::array()}};
  for (const EngineShares& engine : point.measured.engines) {
    one["counters"]["engines"].push_back({{"busy", engine.busy},
                                          {"stall_input", engine.stall_input},
                                          {"stall_output", engine.stall_output}});
  }
  one["counters_say"] = binds(cycles);
  one["explanation"] =
      point.ratio() < kLeastRatio ? ordered_json(explanation(point)) : ordered_json(nullptr);
  return one;
}

}  // namespace

ordered_json to_json(const Setting& setting, std::span<const Point> points) {
  ordered_json json = {{"schema", "pagepress.roofline/1"}};
  json["inputs"] = ordered_json::array();
  for (const PageSet& file : setting.corpus) {
    json["inputs"].push_back({{"path", file.file.path().string()},
                              {"pages", file.file.page_count()},
                              {"same_filled_pages", file.same_filled}});
  }
  json["clock_ghz"] = setting.clock_ghz;
  json["geometry"] = json_of(setting.geometry);
  json["loads"] = {{"compress", json_of(setting.loads.compress)},
                   {"decompress", json_of(setting.loads.decompress)}};
  json["links"] = ordered_json::object();
  for (const Point& point : points) {
    ordered_json& link = json["links"][point.link];
    if (!link.is_null()) continue;
    for (const model::LinkSetting& one : model::describe(model::link_preset(point.link))) {
      link[one.name] = one.value;
    }
  }
  json["points"] = ordered_json::array();
  for (const Point& point : points) json["points"].push_back(json_of(point));
  return json;
}

std::string to_text(const Setting& setting, std::span<const Point> points) {
  std::string text;
  for (const Load* load : {&setting.loads.compress, &setting.loads.decompress}) {
    text += fmt::format("{}: {} pages, an engine alone {:.2f} B/cycle, latency {:.0f} cycles\n",
                        load->name, load->units.size(), load->pace.bytes_per_cycle,
                        load->pace.latency_cycles);
  }
  text += fmt::format("\n{:<10}{:<12}{:>8}{:>7}{:>8}{:>8}  {:<16}{:>7}{:>9}{:>7}{:>7}{:>7}{:>7}\n",
                      "link", "operation", "engines", "depth", "B/ns", "bound", "by", "ratio",
                      "latency", "work", "input", "output", "idle");
  for (const Point& point : points) {
    const Cycles cycles = cycles_of(point.measured.engines);
    text += fmt::format(
        "{:<10}{:<12}{:>8}{:>7}{:>8.2f}{:>8.2f}  {:<16}{:>7.3f}{:>9.1f}{:>7.3f}{:>7.3f}{:>7.3f}"
        "{:>7.3f}{}\n",
        point.link, point.operation, point.engines, point.depth, point.measured.bytes_per_ns,
        point.bound().bytes_per_ns, point.bound().name, point.ratio(), point.latency(), cycles.work,
        cycles.wait_input, cycles.wait_output, cycles.idle, good(point) ? "" : "  MISSED");
  }
  return text;
}

std::string misses(std::span<const Point> points) {
  std::string text;
  for (const Point& point : points) {
    if (good(point)) continue;
    text +=
        fmt::format("MISSED: {} on {}, {} engines, depth {}: {:.1f} % of {:.2f} B/ns ({}); {}\n",
                    point.operation, point.link, point.engines, point.depth, 100 * point.ratio(),
                    point.bound().bytes_per_ns, point.bound().name, explanation(point));
  }
  return text;
}

}  // namespace pagepress::bench
