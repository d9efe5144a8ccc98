// SPDX-License-Identifier: Apache-2.0
// Random numbers of the RTL benches: the same on every machine for a seed.
#pragma once

#include <cstdint>
#include <random>

namespace pagepress::bench {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  // In [0, count).
  std::uint64_t below(std::uint64_t count) { return engine_() % count; }
  // In [low, high].
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + below(high - low + 1);
  }
  bool percent(unsigned chance) { return below(100) < chance; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace pagepress::bench
