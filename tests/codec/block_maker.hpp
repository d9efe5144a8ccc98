// SPDX-License-Identifier: Apache-2.0
// LZ4 blocks for the tests of decoders: good ones of liblz4 and of our engine, made-up ones that
// no compressor writes, and broken ones; each with a capacity that is often next to a limit.
//
// Limitation: outputs of at most `unit` bytes, apart from what a broken block claims.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace pagepress::test {

struct Block {
  std::string name;
  std::vector<std::uint8_t> bytes;  // at least one
  std::size_t capacity = 0;
};

class BlockMaker {
 public:
  // Blocks are of at most most_bytes, capacities of at most unit.
  BlockMaker(std::uint64_t seed, std::size_t unit, std::size_t most_bytes)
      : rng_(seed), unit_(unit), most_bytes_(most_bytes) {}

  [[nodiscard]] Block next();

  // Sequences of 13 to 24 literals behind up to four short ones, at every place of a beat, with a
  // capacity that ends near one of them, or the block does.
  [[nodiscard]] Block middle();

  // A block of random sequences whose output is about `size` bytes.
  [[nodiscard]] std::vector<std::uint8_t> made_up(std::size_t size, std::size_t& out_len);

 private:
  std::uint64_t below(std::uint64_t n) { return rng_() % n; }
  std::size_t length();  // of literals or of a match, of every class
  std::vector<std::uint8_t> text(std::size_t size);
  std::vector<std::uint8_t> compressed(std::size_t size);
  std::size_t near(std::size_t value);
  void damage(std::vector<std::uint8_t>& bytes);

  std::mt19937_64 rng_;
  std::size_t unit_;
  std::size_t most_bytes_;
};

}  // namespace pagepress::test
