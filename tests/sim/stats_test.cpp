// SPDX-License-Identifier: Apache-2.0
// Percentiles are nearest-rank; histogram bins are fixed and hold every value.
#include "sim/stats/stats.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <vector>

namespace pagepress::sim {
namespace {

std::vector<std::uint64_t> one_to(std::uint64_t n) {
  std::vector<std::uint64_t> values(n);
  std::iota(values.rbegin(), values.rend(), 1);  // not sorted
  return values;
}

TEST(Sample, PercentilesAreNearestRank) {
  const Sample sample(one_to(100));
  EXPECT_EQ(sample.percentile(500), 50);
  EXPECT_EQ(sample.percentile(990), 99);
  EXPECT_EQ(sample.percentile(999), 100);  // 99.9 values: the 100th
  EXPECT_EQ(sample.percentile(1), 1);
  EXPECT_EQ(sample.percentile(1000), 100);
}

TEST(Sample, PercentilesOfFewValuesAreValues) {
  const Sample one({7});
  EXPECT_EQ(one.percentile(1), 7);
  EXPECT_EQ(one.percentile(999), 7);
  const Sample three({30, 10, 20});
  EXPECT_EQ(three.percentile(500), 20);
  EXPECT_EQ(three.percentile(333), 10);
  EXPECT_EQ(three.percentile(334), 20);
  EXPECT_DOUBLE_EQ(three.mean(), 20.0);
}

TEST(Sample, PermilleOfAThousandValuesIsExact) {
  const Sample sample(one_to(1000));
  EXPECT_EQ(sample.percentile(999), 999);
  EXPECT_EQ(sample.percentile(500), 500);
}

TEST(LatencyHistogram, CountsEveryValueInItsBin) {
  const std::vector<std::uint64_t> values{0, 15, 16, 100, 100, 5'000, 1'000'000'000};
  const Histogram histogram = latency_histogram(Sample(values));
  ASSERT_EQ(histogram.edges.size(), histogram.counts.size() + 1);
  EXPECT_TRUE(std::is_sorted(histogram.edges.begin(), histogram.edges.end()));
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < histogram.counts.size(); ++i) {
    const auto expected = std::count_if(values.begin(), values.end(), [&](std::uint64_t v) {
      return v >= histogram.edges[i] && v < histogram.edges[i + 1];
    });
    EXPECT_EQ(histogram.counts[i], expected) << "from " << histogram.edges[i];
    total += histogram.counts[i];
  }
  EXPECT_EQ(total, values.size());
}

TEST(LatencyHistogram, IsCutToWhatThereIs) {
  const Histogram histogram = latency_histogram(Sample({1000, 1001, 1002}));
  ASSERT_EQ(histogram.counts.size(), 1);
  EXPECT_EQ(histogram.counts[0], 3);
  EXPECT_LE(histogram.edges[0], 1000);
  EXPECT_GT(histogram.edges[1], 1002);
}

TEST(LatencyHistogram, EdgesDoNotDependOnTheSample) {
  const Histogram narrow = latency_histogram(Sample({900, 2000}));
  const Histogram wide = latency_histogram(Sample({20, 2000, 1'000'000}));
  for (const std::uint64_t edge : narrow.edges) {
    EXPECT_NE(std::find(wide.edges.begin(), wide.edges.end(), edge), wide.edges.end()) << edge;
  }
}

TEST(LatencyHistogram, OfNothingIsEmpty) {
  const Histogram histogram = latency_histogram(Sample({}));
  EXPECT_TRUE(histogram.counts.empty());
  EXPECT_TRUE(histogram.edges.empty());
}

}  // namespace
}  // namespace pagepress::sim
