// SPDX-License-Identifier: Apache-2.0
#include <Vnear_match_16.h>
#include <Vnear_match_8.h>
#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <vector>

namespace {

constexpr unsigned kCompare = 8;

template <class Model>
void compare_windows(unsigned w) {
  VerilatedContext context;
  Model dut(&context);
  std::mt19937_64 rng(w);
  const unsigned size = 2 * w + kCompare - 1;
  std::vector<std::uint8_t> text(size);
  unsigned found = 0;
  for (unsigned n = 0; n < 20000; ++n) {
    const unsigned symbols = 1 + n % 4;  // few symbols make matches
    for (auto& byte : text) byte = static_cast<std::uint8_t>(rng() % symbols);
    const bool first = n % 3 == 0;
    dut.first_i = first;
    std::memset(dut.text_i.data(), 0, sizeof(dut.text_i));
    std::memcpy(dut.text_i.data(), text.data(), size);
    dut.eval();
    for (unsigned i = 0; i < w; ++i) {
      unsigned best = 0;
      unsigned dist = 0;
      for (unsigned d = 1; d <= w && (!first || d <= i); ++d) {
        unsigned len = 0;
        while (len < kCompare && text[w + i + len] == text[w + i + len - d]) ++len;
        if (len >= 4 && len > best) {
          best = len;
          dist = d;
        }
      }
      unsigned got_len = 0;
      unsigned got_dist = 0;
      for (unsigned b = 0; b < 4; ++b) {
        const unsigned at = 4 * i + b;
        got_len |= static_cast<unsigned>((dut.len_o >> at) & 1U) << b;
      }
      for (unsigned b = 0; b < 5; ++b) {
        const unsigned at = 5 * i + b;
        std::uint32_t word = 0;
        std::memcpy(&word, reinterpret_cast<const char*>(&dut.dist_o) + 4 * (at / 32), 4);
        got_dist |= ((word >> (at % 32)) & 1U) << b;
      }
      ASSERT_EQ(got_len, best) << "position " << i;
      if (best != 0) {
        ASSERT_EQ(got_dist, dist) << "position " << i;
        ++found;
      }
    }
  }
  EXPECT_GT(found, 20000U);
}

TEST(NearMatch, EqualsACompareOfEveryDistanceW8) { compare_windows<Vnear_match_8>(8); }
TEST(NearMatch, EqualsACompareOfEveryDistanceW16) { compare_windows<Vnear_match_16>(16); }

}  // namespace
