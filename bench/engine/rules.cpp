// SPDX-License-Identifier: Apache-2.0
#include "bench/engine/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace pagepress::bench {
namespace {

constexpr const char* kProcess = "process";
constexpr const char* kFile = "file";
constexpr unsigned kLeastPrograms = 5;

template <class Set>
const auto& group(const Set& set, const char* name) {
  const auto found = set.groups.find(name);
  if (found == set.groups.end()) {
    throw std::runtime_error(fmt::format(
        "no pages of a folder named {}: --check needs what scripts/make_corpus.sh makes", name));
  }
  return found->second;
}

void judge_default(const PointFigures& point, std::vector<Verdict>& out) {
  const Compression& process = group(point.compression, kProcess);
  const Compression& files = group(point.compression, kFile);
  const std::string& name = point.point.name;
  out.push_back({name + ": B/cycle, process pages", process.bytes_per_cycle, 15.5, true});
  const auto p99 = static_cast<double>(std::max(process.held.p99, process.interval.p99));
  out.push_back({name + ": p99 cycles a page, process pages", p99, 280, false});
  out.push_back({name + ": ratio over lz4 fast 1, process pages", process.over_fast, 0.06, true});
  out.push_back({name + ": ratio over lz4 fast 1, file pages", files.over_fast, 0.02, true});
  unsigned programs = 0;
  for (const auto& [file, figures] : point.compression.files) {
    if (!file.starts_with(std::string(kProcess) + "/")) continue;
    ++programs;
    out.push_back({name + ": ratio over lz4 fast 1, " + file, figures.over_fast, -0.01, true});
  }
  if (programs < kLeastPrograms) {
    throw std::runtime_error(
        fmt::format("pages of {} programs: --check needs {} or more", programs, kLeastPrograms));
  }
  if (point.synthesis) {
    out.push_back(
        {name + ": levels of logic", static_cast<double>(point.synthesis->levels), 40, false});
  }
}

}  // namespace

std::vector<Verdict> judge(const Figures& figures) {
  std::vector<Verdict> out;
  const PointFigures& first = figures.points.front();
  judge_default(first, out);
  const auto wide = std::find_if(figures.points.begin(), figures.points.end(),
                                 [](const PointFigures& p) { return p.point.config.w == 32; });
  if (wide != figures.points.end()) {
    const Compression& process = group(wide->compression, kProcess);
    const std::string& name = wide->point.name;
    out.push_back({name + ": B/cycle, process pages", process.bytes_per_cycle, 30, true});
    out.push_back({name + ": ratio over lz4 fast 1, process pages", process.over_fast, 0.04, true});
  }
  for (const DecoderFigures& decoder : figures.decoder) {
    const Decompression& process = group(decoder.decompression, kProcess);
    const std::string name = "decoder, blocks of " + decoder.streams;
    const bool own = decoder.streams == first.point.name;
    if (decoder.streams == "lz4_fast" || own) {
      out.push_back({name + ": B/cycle", process.bytes_per_cycle, own ? 24.0 : 20.0, true});
    }
    if (own) out.push_back({name + ": B/cycle of the worst page", process.worst_page, 14, true});
    out.push_back({name + ": most cycles from first beat to first byte",
                   static_cast<double>(process.first_byte.max), 30, false});
  }
  if (figures.decoder_synthesis) {
    out.push_back({"decoder: levels of logic",
                   static_cast<double>(figures.decoder_synthesis->levels), 40, false});
  }
  return out;
}

}  // namespace pagepress::bench
