// SPDX-License-Identifier: Apache-2.0
// Random numbers of the simulation: the same on every machine, which std's distributions are not.
#pragma once

#include <cstdint>

namespace pagepress::reclaim {

// splitmix64 (Steele, Lea, Flood, 2014): any seed will do, full period.
class RandomStream {
 public:
  explicit RandomStream(std::uint64_t seed) : state_(seed) {}
  // `stream`s of one seed are independent.
  RandomStream(std::uint64_t seed, std::uint64_t stream) : state_(mix(mix(seed) + stream)) {}

  std::uint64_t next() { return mix(state_ += 0x9e3779b97f4a7c15u); }
  // 0 to `bound` - 1; `bound` is far below 2^32, so that the bias does not matter.
  std::uint32_t below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
  }
  // 0 to below 1, in steps of 2^-53.
  double share() { return static_cast<double>(next() >> 11) * 0x1p-53; }

 private:
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
  }
  std::uint64_t state_;
};

}  // namespace pagepress::reclaim
