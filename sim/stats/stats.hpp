// SPDX-License-Identifier: Apache-2.0
// Percentiles and histograms of results.json (docs/results.md, "Conventions").
// Limitation: a sample is kept whole and sorted, which is fine for millions of pages.
#pragma once

#include <cstdint>
#include <vector>

namespace pagepress::sim {

// A sorted set of values, asked for its percentiles.
class Sample {
 public:
  explicit Sample(std::vector<std::uint64_t> values);

  [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return values_.size(); }
  // Nearest rank: the smallest value that at least `permille` / 1000 of the
  // values do not exceed. 0 < permille <= 1000; the sample must not be empty.
  [[nodiscard]] std::uint64_t percentile(unsigned permille) const;
  [[nodiscard]] double mean() const;
  [[nodiscard]] const std::vector<std::uint64_t>& sorted() const noexcept { return values_; }

 private:
  std::vector<std::uint64_t> values_;
};

struct Histogram {
  std::vector<std::uint64_t> edges;   // ascending, one more than counts
  std::vector<std::uint64_t> counts;  // [edges[i], edges[i + 1])
};

// Bins of 1/4 octave from 16 ns on, the same for every sample, cut to those
// between the smallest and the largest value. Empty for an empty sample.
[[nodiscard]] Histogram latency_histogram(const Sample& sample);

inline constexpr std::uint64_t kSizeBinBytes = 64;
inline constexpr std::size_t kSizeBins = 65;  // the last: stored as whole pages

}  // namespace pagepress::sim
