// SPDX-License-Identifier: Apache-2.0
// The matrix of bench_fidelity: what is asked of both devices.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pagepress::bench {

enum class Work : std::uint8_t { kCompress, kVerify, kDecompress, kBoth };
inline constexpr std::string_view kWorkNames[] = {"compress", "verify", "decompress", "both"};

// What the pages hold: those of the page files; every other one of them same-filled; random bytes;
// short matches with hardly a literal, the most work for the encoder; and all of these in turns.
enum class Mix : std::uint8_t { kFiles, kSameFilled, kRandom, kShort, kAll };
inline constexpr std::string_view kMixNames[] = {"files", "same-filled", "random", "short", "all"};

struct Point {
  Work work = Work::kCompress;
  unsigned engines = 2;
  unsigned depth = 64;  // units in flight, both queues of kBoth together
  unsigned batch = 32;
  std::string link = "soc";
  Mix mix = Mix::kFiles;
  unsigned clock_mhz = 1000;

  // More where more are in flight: the loop's start and end are part of a run.
  [[nodiscard]] unsigned units() const;
  [[nodiscard]] std::string name() const;
};

// Each work on each link with one engine and two at five depths and batches; then each mix of
// pages, and slower clocks, at the defaults.
[[nodiscard]] std::vector<Point> matrix();

}  // namespace pagepress::bench
