// SPDX-License-Identifier: Apache-2.0
// The parse table against a parse in program order from every place where a window's parse
// may begin; and the choice of the first bit, on which it and others stand.
#include <Vfirst_set.h>
#include <Vparse_table_16.h>
#include <Vparse_table_32.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <map>
#include <random>
#include <vector>

#include "tests/rtl/engine/port_bits.hpp"

namespace pagepress::test {
namespace {

constexpr unsigned kPosBits = 12;
constexpr unsigned kUnits = 4;
constexpr unsigned kLoop = 6;
constexpr unsigned kFirstSetWidth = 37;

struct Match {
  unsigned end = 0;  // from the window's start; a position without a match ends where it is
  unsigned dist = 0;
};

// May a match start at i?
bool may_start(const std::vector<Match>& window, unsigned i) {
  auto length = [&window](unsigned at) { return at < window.size() ? window[at].end - at : 0; };
  return length(i) >= 4 && length(i + 1) <= length(i) && length(i + 2) < length(i) + 2;
}

// The starts of a parse that begins at `place`, up to `most` of them.
std::vector<unsigned> parse(const std::vector<Match>& window, unsigned place, unsigned most) {
  std::vector<unsigned> starts;
  while (place < window.size() && starts.size() < most) {
    if (may_start(window, place)) {
      starts.push_back(place);
      place = window[place].end;
    } else {
      ++place;
    }
  }
  return starts;
}

template <class Model>
void compare_windows(unsigned w, unsigned starts) {
  VerilatedContext context;
  Model dut(&context);
  std::mt19937_64 rng(w);
  const auto end_bits = static_cast<unsigned>(std::bit_width(kLoop * w));
  std::map<std::size_t, unsigned> counts;  // parses of so many starts
  unsigned followed = 0;
  unsigned passed_over = 0;
  unsigned cut = 0;  // parses that would have gone on
  std::vector<Match> window(w);
  std::vector<unsigned> follow(kUnits);
  auto make = [&] {
    // Windows of short matches, of long ones, of neighbours about as long.
    const unsigned longest = std::array{7U, 12U, w, kLoop * w}[rng() % 4];
    const unsigned matches = 1 + static_cast<unsigned>(rng() % 8);
    unsigned last = 4;
    for (unsigned i = 0; i < w; ++i) {
      window[i] = {i, static_cast<unsigned>(rng() % 4096)};
      if (rng() % 8 >= matches) continue;
      const bool alike = rng() % 2 == 0;
      last = alike ? last + static_cast<unsigned>(rng() % 5) - std::min(last, 2U)
                   : static_cast<unsigned>(rng() % (longest + 1));
      window[i].end = std::min(i + last, kLoop * w);
    }
    for (unsigned& dist : follow) {
      dist = static_cast<unsigned>(rng() % 2 == 0 ? window[rng() % w].dist : rng() % 4096);
    }
    for (unsigned i = 0; i < w; ++i) {
      put_bits(dut.end_i, end_bits * i, end_bits, window[i].end);
      put_bits(dut.dist_i, kPosBits * i, kPosBits, window[i].dist);
    }
    for (unsigned u = 0; u < kUnits; ++u) {
      put_bits(dut.next_follow_i, kPosBits * u, kPosBits, follow[u]);
    }
  };
  auto edge = [&dut](bool enable) {
    dut.en_i = enable;
    dut.clk_i = 1;
    dut.eval();
    dut.clk_i = 0;
    dut.eval();
  };
  dut.clk_i = 0;
  dut.eval();
  for (unsigned n = 0; n < 30000; ++n) {
    make();
    edge(true);
    const std::vector<Match> taken = window;
    const std::vector<unsigned> taken_follow = follow;
    if (n % 4 == 0) {  // a stall changes nothing
      make();
      edge(false);
    }
    for (unsigned i = 0; i < w; ++i) {
      ASSERT_EQ(get_bits(dut.take_o, i, 1) != 0, may_start(taken, i)) << "position " << i;
      ASSERT_EQ(get_bits(dut.end_o, end_bits * i, end_bits), taken[i].end);
      ASSERT_EQ(get_bits(dut.dist_o, kPosBits * i, kPosBits), taken[i].dist);
      if (taken[i].end >= i + 4 && !may_start(taken, i)) ++passed_over;
    }
    for (unsigned place = 0; place < w; ++place) {
      const std::vector<unsigned> all = parse(taken, place, w);
      std::vector<unsigned> want = all;
      want.resize(std::min<std::size_t>(want.size(), starts));
      ++counts[want.size()];
      if (all.size() > want.size()) ++cut;
      if (want.empty()) continue;  // the place is of no use
      const unsigned first = want.front();
      for (std::size_t k = 0; k < all.size(); ++k) {
        const std::uint64_t next = k + 1 < all.size() ? std::uint64_t{1} << all[k + 1] : 0;
        ASSERT_EQ(get_bits(dut.next_o, w * all[k], w), next)
            << "window " << n << " place " << place << " start " << k;
      }
      const Match& exit = taken[want.back()];
      ASSERT_EQ(get_bits(dut.exit_live_o, first, 1) != 0, exit.end >= w)
          << "window " << n << " place " << place;
      if (exit.end >= w) {
        ASSERT_EQ(get_bits(dut.exit_over_o, end_bits * first, end_bits), exit.end - w)
            << "window " << n << " place " << place;
      }
      ASSERT_EQ(get_bits(dut.exit_dist_o, kPosBits * first, kPosBits), exit.dist)
          << "window " << n << " place " << place;
      for (unsigned u = 0; u < kUnits; ++u) {
        const bool same = taken_follow[u] == exit.dist;
        ASSERT_EQ(get_bits(dut.exit_same_o, w * u + first, 1) != 0, same)
            << "window " << n << " place " << place << " unit " << u;
        if (same) ++followed;
      }
    }
  }
  dut.final();
  for (std::size_t k = 0; k <= starts; ++k) EXPECT_GT(counts[k], 10000U) << k << " starts";
  EXPECT_GT(followed, 10000U);
  EXPECT_GT(passed_over, 10000U);
  EXPECT_GT(cut, 1000U);
}

TEST(ParseTable, TwoStartsOfSixteenPositions) { compare_windows<Vparse_table_16>(16, 2); }
TEST(ParseTable, FourStartsOfThirtyTwoPositions) { compare_windows<Vparse_table_32>(32, 4); }

TEST(FirstSet, IsTheLowestBitAlone) {
  VerilatedContext context;
  Vfirst_set dut(&context);
  std::mt19937_64 rng(1);
  auto check = [&dut](std::uint64_t bits) {
    dut.bits_i = bits;
    dut.eval();
    ASSERT_EQ(dut.first_o, bits & (~bits + 1)) << std::hex << bits;
  };
  check(0);
  for (unsigned low = 0; low < kFirstSetWidth; ++low) {
    const std::uint64_t all = (std::uint64_t{1} << kFirstSetWidth) - 1;
    check(std::uint64_t{1} << low);
    check(all >> low << low);
    for (unsigned n = 0; n < 100; ++n) check(rng() & (all >> low << low));
    for (unsigned high = low; high < kFirstSetWidth; ++high) {
      check(std::uint64_t{1} << low | std::uint64_t{1} << high);
    }
  }
  dut.final();
}

}  // namespace
}  // namespace pagepress::test
