// SPDX-License-Identifier: Apache-2.0
#include "bench/engine/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace pagepress::bench {
namespace {

using nlohmann::ordered_json;

ordered_json json_of(const Cycles& cycles) {
  return {{"mean", cycles.mean}, {"p50", cycles.p50}, {"p99", cycles.p99}, {"max", cycles.max}};
}

ordered_json json_of(const Compression& figures) {
  return {{"pages", figures.pages},
          {"stored_bytes", figures.stored_bytes},
          {"ratio", figures.ratio},
          {"ratio_over_lz4_fast", figures.over_fast},
          {"ratio_over_lz4_hc", figures.over_hc},
          {"bytes_per_cycle", figures.bytes_per_cycle},
          {"held_cycles", json_of(figures.held)},
          {"interval_cycles", json_of(figures.interval)}};
}

ordered_json json_of(const Decompression& figures) {
  return {{"pages", figures.pages},
          {"bytes_per_cycle", figures.bytes_per_cycle},
          {"worst_page_bytes_per_cycle", figures.worst_page},
          {"cycles", json_of(figures.cycles)},
          {"first_byte_cycles", json_of(figures.first_byte)},
          {"latency_cycles", json_of(figures.latency)}};
}

ordered_json json_of(const std::optional<Synthesis>& synthesis) {
  if (!synthesis) return nullptr;
  return {{"cells", synthesis->cells},
          {"flops", synthesis->flops},
          {"memory_bits", synthesis->memory_bits},
          {"levels", synthesis->levels},
          {"source_hash", synthesis->hash}};
}

template <class Figures>
void add_sets(ordered_json& json, const Sets<Figures>& sets) {
  json["groups"] = ordered_json::object();
  for (const auto& [name, figures] : sets.groups) json["groups"][name] = json_of(figures);
  json["files"] = ordered_json::object();
  for (const auto& [name, figures] : sets.files) json["files"][name] = json_of(figures);
}

ordered_json json_of(const model::EngineConfig& config) {
  return {{"w", config.w},         {"banks", config.banks},         {"ways", config.ways},
          {"rows", config.rows},   {"long_rows", config.long_rows}, {"near", config.near},
          {"units", config.units}, {"starts", config.starts}};
}

struct Baseline {
  std::uint64_t pages = 0, fast = 0, hc = 0;
};

std::map<std::string, Baseline> baselines(const std::vector<Pages>& corpus) {
  std::map<std::string, Baseline> groups;
  for (const Pages& file : corpus) {
    Baseline& group = groups[file.group];
    group.pages += file.pages.size();
    group.fast += file.lz4_fast_bytes;
    group.hc += file.lz4_hc_bytes;
  }
  return groups;
}

std::string percent(double value) { return fmt::format("{:+.2f} %", 100 * value); }

}  // namespace

ordered_json to_json(const Figures& figures, const std::vector<Pages>& corpus,
                     const std::vector<Verdict>& verdicts) {
  ordered_json json = {{"schema", "pagepress.engine_bench/1"}};
  json["inputs"] = ordered_json::array();
  for (const Pages& file : corpus) {
    json["inputs"].push_back({{"path", file.file.path().string()},
                              {"group", file.group},
                              {"name", file.name},
                              {"pages", file.file.page_count()},
                              {"same_filled_pages", file.same_filled},
                              {"measured_pages", file.pages.size()}});
  }
  json["software"] = ordered_json::object();
  for (const auto& [name, group] : baselines(corpus)) {
    if (group.pages == 0) continue;
    json["software"][name] = {{"lz4_fast_ratio", ratio_of(group.pages, group.fast)},
                              {"lz4_hc_ratio", ratio_of(group.pages, group.hc)}};
  }
  json["points"] = ordered_json::array();
  for (const PointFigures& point : figures.points) {
    ordered_json one = {{"name", point.point.name},
                        {"default", &point == &figures.points.front()},
                        {"parameters", json_of(point.point.config)},
                        {"synthesis", json_of(point.synthesis)},
                        {"latency_cycles", point.latency ? json_of(*point.latency) : nullptr}};
    add_sets(one, point.compression);
    json["points"].push_back(std::move(one));
  }
  json["decoder"] = {{"synthesis", json_of(figures.decoder_synthesis)},
                     {"streams", ordered_json::array()}};
  for (const DecoderFigures& decoder : figures.decoder) {
    ordered_json one = {{"made_by", decoder.streams}};
    add_sets(one, decoder.decompression);
    json["decoder"]["streams"].push_back(std::move(one));
  }
  json["checks"] = ordered_json::array();
  for (const Verdict& verdict : verdicts) {
    json["checks"].push_back({{"what", verdict.what},
                              {"value", verdict.value},
                              {verdict.at_least ? "at_least" : "at_most", verdict.bound},
                              {"good", verdict.good()}});
  }
  return json;
}

std::string to_text(const Figures& figures, const std::vector<Pages>& corpus) {
  std::string text;
  for (const auto& [name, group] : baselines(corpus)) {
    if (group.pages == 0) continue;
    text +=
        fmt::format("{}: {} pages; ratio of lz4 fast 1 {:.3f}, HC 12 {:.3f}\n", name, group.pages,
                    ratio_of(group.pages, group.fast), ratio_of(group.pages, group.hc));
  }
  text += fmt::format("\n{:<16}{:<10}{:>8}{:>12}{:>12}{:>9}{:>7}{:>6}{:>6}{:>10}{:>8}\n", "point",
                      "pages", "ratio", "over fast", "over HC", "B/cycle", "mean", "p50", "p99",
                      "gates", "levels");
  for (const PointFigures& point : figures.points) {
    for (const auto& [name, set] : point.compression.groups) {
      text +=
          fmt::format("{:<16}{:<10}{:>8.3f}{:>12}{:>12}{:>9.2f}{:>7.1f}{:>6}{:>6}{:>10}{:>8}\n",
                      point.point.name, name, set.ratio, percent(set.over_fast),
                      percent(set.over_hc), set.bytes_per_cycle, set.held.mean, set.held.p50,
                      set.held.p99, point.synthesis ? std::to_string(point.synthesis->cells) : "-",
                      point.synthesis ? std::to_string(point.synthesis->levels) : "-");
    }
  }
  text += fmt::format("\n{:<16}{:<10}{:>9}{:>9}{:>7}{:>6}{:>6}{:>12}\n", "decoder", "pages",
                      "B/cycle", "worst", "mean", "p50", "p99", "first byte");
  for (const DecoderFigures& decoder : figures.decoder) {
    for (const auto& [name, set] : decoder.decompression.groups) {
      text +=
          fmt::format("{:<16}{:<10}{:>9.2f}{:>9.2f}{:>7.1f}{:>6}{:>6}{:>5} to {:>3}\n",
                      decoder.streams, name, set.bytes_per_cycle, set.worst_page, set.cycles.mean,
                      set.cycles.p50, set.cycles.p99, set.first_byte.p50, set.first_byte.max);
    }
  }
  return text;
}

std::string to_text(const std::vector<Verdict>& verdicts) {
  std::string text;
  for (const Verdict& verdict : verdicts) {
    text += fmt::format("{}: {}: {:.4g}, {} {:.4g}\n", verdict.good() ? "ok" : "FAIL", verdict.what,
                        verdict.value, verdict.at_least ? "at least" : "at most", verdict.bound);
  }
  return text;
}

}  // namespace pagepress::bench
