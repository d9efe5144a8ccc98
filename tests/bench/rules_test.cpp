// SPDX-License-Identifier: Apache-2.0
// Each figure that the engine must reach fails the check when it is missed by a little.
#include "bench/engine/rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace pagepress::bench {
namespace {

Figures good_figures() {
  Figures figures;
  for (const unsigned w : {16U, 32U}) {
    PointFigures point;
    point.point = {"w" + std::to_string(w), model::EngineConfig::of(w)};
    Compression process;
    process.bytes_per_cycle = w - 0.4;
    process.over_fast = 0.07;
    process.held.p99 = process.interval.p99 = 280;
    Compression file = process;
    file.over_fast = 0.03;
    point.compression.groups = {{"process", process}, {"file", file}};
    for (const char* name : {"a", "b", "c", "d", "e"}) {
      point.compression.files[std::string("process/") + name] = process;
    }
    point.synthesis = Synthesis{1, 1, 1, 40, "0"};
    figures.points.push_back(point);
  }
  for (const char* streams : {"lz4_fast", "lz4_hc", "w16"}) {
    DecoderFigures decoder;
    decoder.streams = streams;
    Decompression& process = decoder.decompression.groups["process"];
    process.bytes_per_cycle = 24.5;
    process.worst_page = 14.2;
    process.first_byte.max = 30;
    figures.decoder.push_back(decoder);
  }
  figures.decoder_synthesis = Synthesis{1, 1, 1, 40, "0"};
  return figures;
}

bool all_good(const Figures& figures) {
  const std::vector<Verdict> verdicts = judge(figures);
  return std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.good(); });
}

TEST(Rules, FiguresAtTheBoundsAreGood) { EXPECT_TRUE(all_good(good_figures())); }

TEST(Rules, EachMissIsFound) {
  const auto process = [](Figures& f, std::size_t point) -> Compression& {
    return f.points[point].compression.groups["process"];
  };
  const auto decoded = [](Figures& f, std::size_t streams) -> Decompression& {
    return f.decoder[streams].decompression.groups["process"];
  };
  const std::vector<std::function<void(Figures&)>> misses = {
      [&](Figures& f) { process(f, 0).bytes_per_cycle = 15.4; },
      [&](Figures& f) { process(f, 0).held.p99 = 281; },
      [&](Figures& f) { process(f, 0).interval.p99 = 281; },
      [&](Figures& f) { process(f, 0).over_fast = 0.059; },
      [&](Figures& f) { f.points[0].compression.groups["file"].over_fast = 0.019; },
      [&](Figures& f) { f.points[0].compression.files["process/c"].over_fast = -0.011; },
      [&](Figures& f) { f.points[0].synthesis->levels = 41; },
      [&](Figures& f) { process(f, 1).bytes_per_cycle = 29.9; },
      [&](Figures& f) { process(f, 1).over_fast = 0.039; },
      [&](Figures& f) { decoded(f, 0).bytes_per_cycle = 19.9; },
      [&](Figures& f) { decoded(f, 2).bytes_per_cycle = 23.9; },
      [&](Figures& f) { decoded(f, 2).worst_page = 13.9; },
      [&](Figures& f) { decoded(f, 1).first_byte.max = 31; },
      [&](Figures& f) { f.decoder_synthesis->levels = 41; },
  };
  for (std::size_t n = 0; n < misses.size(); ++n) {
    Figures figures = good_figures();
    misses[n](figures);
    EXPECT_FALSE(all_good(figures)) << "miss " << n;
  }
}

TEST(Rules, FiguresOfTooFewPagesAreRefused) {
  Figures figures = good_figures();
  figures.points[0].compression.files.erase("process/a");
  EXPECT_THROW((void)judge(figures), std::runtime_error);
  figures = good_figures();
  figures.points[0].compression.groups.erase("file");
  EXPECT_THROW((void)judge(figures), std::runtime_error);
}

}  // namespace
}  // namespace pagepress::bench
