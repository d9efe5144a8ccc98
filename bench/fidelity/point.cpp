// SPDX-License-Identifier: Apache-2.0
#include "bench/fidelity/point.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace pagepress::bench {
namespace {

constexpr Work kWorks[] = {Work::kCompress, Work::kVerify, Work::kDecompress, Work::kBoth};
constexpr Mix kOtherMixes[] = {Mix::kSameFilled, Mix::kRandom, Mix::kShort, Mix::kAll};
constexpr std::string_view kLinks[] = {"soc", "pcie4x8", "pcie5x16", "cxl"};

}  // namespace

unsigned Point::units() const { return std::clamp(4 * depth, 48U, 384U); }

std::string Point::name() const {
  return fmt::format("{}, {}, {} engine{}, depth {}, batch {}, {} pages, {} MHz",
                     kWorkNames[static_cast<unsigned>(work)], link, engines,
                     engines == 1 ? "" : "s", depth, batch, kMixNames[static_cast<unsigned>(mix)],
                     clock_mhz);
}

std::vector<Point> matrix() {
  constexpr std::pair<unsigned, unsigned> kInFlight[] = {
      {1, 1}, {8, 1}, {32, 8}, {64, 32}, {256, 32}};
  std::vector<Point> points;
  for (const std::string_view link : kLinks) {
    for (const unsigned engines : {1U, 2U}) {
      for (const auto& [depth, batch] : kInFlight) {
        for (const Work work : kWorks) {
          points.push_back({.work = work,
                            .engines = engines,
                            .depth = depth,
                            .batch = batch,
                            .link = std::string(link)});
        }
      }
    }
  }
  for (const Mix mix : kOtherMixes) {
    for (const std::string_view link : {"soc", "pcie5x16"}) {
      for (const Work work : kWorks) {
        points.push_back({.work = work, .link = std::string(link), .mix = mix});
      }
    }
  }
  for (const unsigned clock_mhz : {500U, 1400U}) {
    for (const Work work : kWorks) points.push_back({.work = work, .clock_mhz = clock_mhz});
  }
  return points;
}

}  // namespace pagepress::bench
