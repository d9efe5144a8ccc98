// SPDX-License-Identifier: Apache-2.0
// Parts of the workload that need no simulation: Zipf, contents of regions, recordings.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "sim/pagefile/file_error.hpp"
#include "sim/reclaim/workload/recording.hpp"
#include "sim/reclaim/workload/region_map.hpp"
#include "sim/reclaim/workload/zipf.hpp"
#include "tests/app/temporary_folder.hpp"
#include "tests/sim/thrown.hpp"

namespace pagepress::reclaim {
namespace {

using ::testing::HasSubstr;

// Chi square of ranks drawn, against the law. Its mean is n - 1, its deviation sqrt(2 (n - 1)).
double chi_square(std::uint32_t n, double exponent, double law) {
  constexpr std::uint64_t kDraws = 400'000;
  const Zipf zipf(n, exponent);
  RandomStream random(1);
  std::vector<std::uint64_t> drawn(n);
  for (std::uint64_t i = 0; i < kDraws; ++i) ++drawn.at(zipf.rank(random));
  double sum = 0;
  for (std::uint32_t k = 0; k < n; ++k) sum += std::pow(k + 1.0, -law);
  double chi = 0;
  for (std::uint32_t k = 0; k < n; ++k) {
    const double expected = kDraws * std::pow(k + 1.0, -law) / sum;
    chi += std::pow(static_cast<double>(drawn[k]) - expected, 2) / expected;
  }
  return chi;
}

TEST(Zipf, DrawsItsLaw) {
  for (const std::uint32_t n : {2u, 100u, 1000u}) {
    for (const double exponent : {0.0, 0.5, 0.9, 1.2}) {
      const double bound = n - 1 + 5 * std::sqrt(2.0 * (n - 1)) + 5;
      EXPECT_LT(chi_square(n, exponent, exponent), bound) << n << " pages, " << exponent;
      EXPECT_GT(chi_square(n, exponent, exponent + 0.1), bound) << n << " pages, " << exponent;
    }
  }
}

TEST(Zipf, OnePage) {
  RandomStream random(1);
  EXPECT_EQ(Zipf(1, 0.9).page(random), 0);
}

TEST(Zipf, EveryRankHasAPageOfItsOwn) {
  for (const std::uint32_t n : {1u, 2u, 6u, 1000u, 24576u}) {
    const Zipf zipf(n, 1);
    std::set<std::uint32_t> pages;
    for (std::uint32_t rank = 0; rank < n; ++rank) pages.insert(zipf.page_of(rank));
    EXPECT_EQ(pages.size(), n);
    EXPECT_EQ(*pages.rbegin(), n - 1);
  }
}

TEST(RandomStream, StreamsDiffer) {
  EXPECT_EQ(RandomStream(1, 2).next(), RandomStream(1, 2).next());
  EXPECT_NE(RandomStream(1, 2).next(), RandomStream(1, 3).next());
  EXPECT_NE(RandomStream(1, 2).next(), RandomStream(2, 2).next());
}

TEST(RegionMap, PagesOfFilesInOrderFromSomewhere) {
  RandomStream random(3);
  const auto map = make_region_map(250, {.files = 100, .all = 357}, {}, random);
  for (std::size_t i = 1; i < map.size(); ++i) EXPECT_EQ(map[i], (map[i - 1] + 1) % 100);
  RandomStream other(4);
  EXPECT_NE(make_region_map(1, {100, 357}, {}, other), make_region_map(1, {100, 357}, {}, random));
}

TEST(RegionMap, SharesOfGeneratedPages) {
  RandomStream random(3);
  const auto map =
      make_region_map(100'000, {.files = 100, .all = 357}, {.zero = 0.5, .random = 0.2}, random);
  EXPECT_NEAR(static_cast<double>(std::count(map.begin(), map.end(), 100u)), 50'000, 1000);
  const auto is_random = [](std::uint32_t content) { return content > 100; };
  EXPECT_NEAR(static_cast<double>(std::count_if(map.begin(), map.end(), is_random)), 20'000, 1000);
  EXPECT_EQ(*std::max_element(map.begin(), map.end()), 356);
  EXPECT_THROW((void)make_region_map(1, {100, 100}, {.zero = 0.5}, random), std::invalid_argument);
}

Recording sample_recording() {
  Recording recording;
  recording.header = {{"command", {"python3"}}, {"interval_ms", 100}};
  recording.pages = 100'000;
  recording.intervals = {
      {.end_us = 100'000, .touched = {{0, 300}, {500, 1}}, .written = {{7, 3}}, .gone = {}},
      {.end_us = 200'017, .touched = {}, .written = {}, .gone = {{99'999, 1}}},
      {.end_us = 200'017, .touched = {{0, 100'000}}, .written = {{0, 100'000}}, .gone = {}}};
  return recording;
}

TEST(Recording, ComesBackAsItWas) {
  const Recording made = sample_recording();
  const Recording read = decode("x", encode(made));
  EXPECT_EQ(read.pages, made.pages);
  EXPECT_EQ(read.intervals, made.intervals);
  EXPECT_EQ(read.header["command"], made.header["command"]);
  EXPECT_EQ(read.header["intervals"], 3);
}

TEST(Recording, RunsOfPages) {
  EXPECT_EQ(to_runs({1, 2, 3, 7, 9, 10}), (PageSet{{1, 3}, {7, 1}, {9, 2}}));
  EXPECT_EQ(page_count(to_runs({1, 2, 3, 7, 9, 10})), 6);
  EXPECT_TRUE(to_runs({}).empty());
}

TEST(Recording, EveryTruncationIsRefused) {
  const std::string bytes = encode(sample_recording());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const std::string error = sim::testing::thrown<sim::FileError>(
        [&] { return decode("torn.record", bytes.substr(0, size)); });
    ASSERT_THAT(error, HasSubstr("torn.record: ")) << size;
  }
  EXPECT_THROW((void)decode("x", bytes + "x"), sim::FileError);
}

TEST(Recording, EveryChangedByteIsRefused) {
  const std::string bytes = encode(sample_recording());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ 0x10);
    EXPECT_THROW((void)decode("x", changed), sim::FileError) << i;
  }
}

// Files whose CRC is right, but that say what cannot be.
TEST(Recording, ImpossibleContentsAreRefused) {
  const auto error = [](const Recording& recording) {
    return sim::testing::thrown<sim::FileError>([&] { return decode("x", encode(recording)); });
  };
  Recording recording = sample_recording();
  recording.pages = 400;
  EXPECT_THAT(error(recording), HasSubstr("a page that it does not have"));
  recording = sample_recording();
  recording.intervals[0].touched = {{0, 0}};
  EXPECT_THAT(error(recording), HasSubstr("a page that it does not have"));
  recording = sample_recording();
  recording.intervals.back().end_us = ~std::uint64_t{0};
  EXPECT_THAT(error(recording), HasSubstr("longer than a year"));
}

TEST(Recording, OtherFilesAreNamed) {
  const test::TemporaryFolder folder;
  const auto error = [&](const std::filesystem::path& path) {
    return sim::testing::thrown<sim::FileError>([&] { return read_recording(path); });
  };
  EXPECT_THAT(error(folder.file("a", "hello, world, this is no recording")),
              HasSubstr("no recording of 'pagepress record'"));
  EXPECT_THAT(error(folder.file("b", "PPRECRD7.......................")),
              HasSubstr("another version"));
  EXPECT_THAT(error(folder.file("d", "PPRECRD1")), HasSubstr("a torn recording"));
  EXPECT_THAT(error("/dev/null"), HasSubstr("no recording of 'pagepress record'"));
  EXPECT_THAT(error("/dev/zero"), HasSubstr("no recording of 'pagepress record'"));
  EXPECT_THAT(error(folder.path() / "c"), HasSubstr("cannot read the recording"));
  EXPECT_THAT(error(folder.path()), HasSubstr("cannot read the recording"));
}

}  // namespace
}  // namespace pagepress::reclaim
