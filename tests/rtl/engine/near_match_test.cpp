// SPDX-License-Identifier: Apache-2.0
// Near matches against a compare of every distance.
#include <Vnear_match_16.h>
#include <Vnear_match_16_5.h>
#include <Vnear_match_8.h>
#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <map>
#include <random>
#include <utility>
#include <vector>

#include "tests/rtl/engine/port_bits.hpp"

namespace pagepress::test {
namespace {

constexpr unsigned kCompare = 8;
constexpr unsigned kLengths = 5;  // bits of a length
constexpr unsigned kLatency = 2;

struct Answer {
  unsigned len = 0;  // 0: none
  unsigned dist = 0;
};

// `text` begins a window before the window.
Answer longest(const std::vector<std::uint8_t>& text, unsigned w, unsigned i, unsigned near,
               bool first) {
  Answer best;
  for (unsigned d = 1; d <= near && (!first || d <= i); ++d) {
    unsigned len = 0;
    while (len < kCompare && text[w + i + len] == text[w + i + len - d]) ++len;
    if (len >= 4 && len > best.len) best = {len, d};
  }
  return best;
}

template <class Model>
void compare_windows(unsigned w, unsigned near) {
  VerilatedContext context;
  Model dut(&context);
  std::mt19937_64 rng(w + near);
  const unsigned dist_bits = near < 8 ? 3 : near < 16 ? 4 : 5;
  std::vector<std::uint8_t> text(2 * w + kCompare - 1);
  std::deque<std::vector<Answer>> expected;
  std::map<std::pair<unsigned, unsigned>, unsigned> found;  // length and distance
  auto edge = [&dut] {
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
  };
  auto drive = [&](bool first) {
    dut.first_i = first;
    std::memcpy(&dut.text_i, text.data(), text.size());
  };
  // Few symbols, or pieces that repeat what stands up to a window before.
  auto make_text = [&](unsigned n) {
    const unsigned symbols = n % 8 < 4 ? 1 + n % 4 : 256;
    for (unsigned i = 0; i < text.size();) {
      const auto dist = static_cast<unsigned>(1 + rng() % w);
      auto piece = static_cast<unsigned>(1 + rng() % 12);
      const bool repeat = symbols == 256 && i >= dist;
      for (; piece != 0 && i < text.size(); --piece, ++i) {
        text[i] = repeat ? text[i - dist] : static_cast<std::uint8_t>(rng() % symbols);
      }
    }
  };
  dut.clk_i = 0;
  dut.eval();
  for (unsigned n = 0; n < 40000; ++n) {
    while (rng() % 4 == 0) {  // a stall changes nothing
      make_text(n);
      drive(rng() % 2 == 0);
      dut.en_i = 0;
      edge();
    }
    if (expected.size() == kLatency) {
      for (unsigned i = 0; i < w; ++i) {
        const Answer& want = expected.front()[i];
        ASSERT_EQ(get_bits(dut.len_o, kLengths * i, kLengths), length_bits(want.len))
            << "window " << n << " position " << i;
        if (want.len == 0) continue;
        ASSERT_EQ(get_bits(dut.dist_o, dist_bits * i, dist_bits), want.dist)
            << "window " << n << " position " << i;
        ++found[{want.len, want.dist}];
      }
      expected.pop_front();
    }
    const bool first = rng() % 3 == 0;
    make_text(n);
    drive(first);
    dut.en_i = 1;
    edge();
    std::vector<Answer> answers(w);
    for (unsigned i = 0; i < w; ++i) answers[i] = longest(text, w, i, near, first);
    expected.push_back(answers);
  }
  dut.final();
  for (unsigned dist = 1; dist <= near; ++dist) {
    for (unsigned len = 4; len <= kCompare; ++len) {
      EXPECT_GT((found[{len, dist}]), 20U) << len << " bytes, distance " << dist;
    }
  }
}

TEST(NearMatch, EqualsACompareOfEveryDistanceW8) { compare_windows<Vnear_match_8>(8, 8); }
TEST(NearMatch, EqualsACompareOfEveryDistanceW16) { compare_windows<Vnear_match_16>(16, 16); }
TEST(NearMatch, DistancesBeyondNearAreNotSeen) { compare_windows<Vnear_match_16_5>(16, 5); }

}  // namespace
}  // namespace pagepress::test
