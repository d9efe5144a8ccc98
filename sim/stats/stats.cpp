// SPDX-License-Identifier: Apache-2.0
#include "sim/stats/stats.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace pagepress::sim {
namespace {

// Edges of all latency bins: 16 * 2^(i/4), rounded down, and 0 in front, so that
// any 64-bit value that a simulation can produce falls into one.
std::vector<std::uint64_t> latency_edges() {
  std::vector<std::uint64_t> edges{0};
  for (unsigned i = 0; i < 4 * 40; ++i) {
    edges.push_back(static_cast<std::uint64_t>(std::floor(16.0 * std::exp2(i / 4.0))));
  }
  return edges;
}

}  // namespace

Sample::Sample(std::vector<std::uint64_t> values) : values_(std::move(values)) {
  std::sort(values_.begin(), values_.end());
}

std::uint64_t Sample::percentile(unsigned permille) const {
  const std::size_t rank = (values_.size() * permille + 999) / 1000;  // 1-based, rounded up
  return values_.at(rank - 1);
}

double Sample::mean() const {
  const double sum = std::accumulate(values_.begin(), values_.end(), 0.0);
  return sum / static_cast<double>(values_.size());
}

Histogram latency_histogram(const Sample& sample) {
  Histogram histogram;
  if (sample.empty()) return histogram;
  const std::vector<std::uint64_t> edges = latency_edges();
  const auto bin_of = [&](std::uint64_t value) {
    return std::upper_bound(edges.begin(), edges.end() - 1, value) - edges.begin() - 1;
  };
  const auto first = bin_of(sample.sorted().front());
  const auto last = bin_of(sample.sorted().back());
  histogram.edges.assign(edges.begin() + first, edges.begin() + last + 2);
  histogram.counts.assign(static_cast<std::size_t>(last - first + 1), 0);
  for (const std::uint64_t value : sample.sorted()) {
    ++histogram.counts[static_cast<std::size_t>(bin_of(value) - first)];
  }
  return histogram;
}

}  // namespace pagepress::sim
