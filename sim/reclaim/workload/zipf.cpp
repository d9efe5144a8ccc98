// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/workload/zipf.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace pagepress::reclaim {
namespace {

constexpr double kWhole = 0x1p32;
constexpr double kGoldenRatio = 0.6180339887498949;  // its multiples are far from each other

std::uint32_t to_share(double share) {
  return static_cast<std::uint32_t>(std::clamp(share * kWhole, 0.0, kWhole - 1));
}

std::uint32_t stride_of(std::uint32_t n) {
  auto stride = std::max(1u, static_cast<std::uint32_t>(n * kGoldenRatio));
  while (std::gcd(stride, n) != 1) ++stride;
  return stride;
}

}  // namespace

Zipf::Zipf(std::uint32_t n, double exponent) : slots_(n), stride_(stride_of(n)) {
  std::vector<double> share(n);  // of the mean
  double sum = 0;
  for (std::uint32_t k = 0; k < n; ++k) sum += share[k] = std::pow(k + 1.0, -exponent);
  for (double& s : share) s *= n / sum;
  std::vector<std::uint32_t> small;
  std::vector<std::uint32_t> large;
  for (std::uint32_t k = 0; k < n; ++k) (share[k] < 1 ? small : large).push_back(k);
  while (!small.empty() && !large.empty()) {
    const std::uint32_t less = small.back();
    small.pop_back();
    const std::uint32_t more = large.back();
    slots_[less] = {to_share(share[less]), more};
    share[more] -= 1 - share[less];
    if (share[more] < 1) {
      large.pop_back();
      small.push_back(more);
    }
  }
  // What is left is 1, but for rounding.
  for (const auto* rest : {&small, &large}) {
    for (const std::uint32_t k : *rest) slots_[k] = {to_share(1), k};
  }
}

}  // namespace pagepress::reclaim
