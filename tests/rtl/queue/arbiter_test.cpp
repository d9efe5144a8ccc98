// SPDX-License-Identifier: Apache-2.0
// The arbiter: strict classes, rounds inside a class whatever other classes do.
#include <Varbiter_1.h>
#include <Varbiter_8.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>

#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

constexpr unsigned kRequesters = 11;

template <class Model, unsigned kClasses>
class ArbiterBench {
 public:
  // The grant that the rules demand, or kRequesters.
  unsigned expected(unsigned requests, std::uint64_t classes) {
    int best = -1;
    for (unsigned i = 0; i < kRequesters; ++i) {
      if ((requests >> i & 1) != 0) best = std::max(best, class_of(classes, i));
    }
    if (best < 0) return kRequesters;
    class_ = static_cast<unsigned>(best);
    // The first one that was not served in this round, else the first one.
    unsigned first = kRequesters;
    for (unsigned i = kRequesters; i-- > 0;) {
      if ((requests >> i & 1) != 0 && class_of(classes, i) == best) first = i;
    }
    peers_ = 0;
    for (unsigned i = 0; i < kRequesters; ++i) {
      if ((requests >> i & 1) != 0 && class_of(classes, i) == best) peers_ |= 1U << i;
    }
    const unsigned fresh = peers_ & ~served_.at(class_);
    return fresh == 0 ? first : static_cast<unsigned>(std::countr_zero(fresh));
  }
  void taken(unsigned i) {
    unsigned& served = served_.at(class_);
    if ((peers_ & ~served) == 0) served &= ~peers_;  // a new round for those that ask
    served |= 1U << i;
  }

  Clocked<Model> dut;

 private:
  static int class_of(std::uint64_t classes, unsigned i) {
    return kClasses == 1 ? 0 : static_cast<int>(classes >> (3 * i) & 7);
  }
  std::array<unsigned, 8> served_{};  // in this round, by class
  unsigned class_ = 0;
  unsigned peers_ = 0;
};

template <class Bench>
void random_requests(Bench& bench, std::uint64_t seed) {
  Random random(seed);
  std::uint64_t classes = random.bits();
  for (unsigned cycle = 0; cycle < 20000; ++cycle) {
    if (random.percent(2)) classes = random.bits() & random.bits();
    const unsigned density = cycle / 1000 % 4;
    auto requests = static_cast<unsigned>(random.bits() & ((1U << kRequesters) - 1));
    if (density == 0) requests &= static_cast<unsigned>(random.bits() & random.bits());
    if (density == 3) requests |= static_cast<unsigned>(random.bits()) & ((1U << kRequesters) - 1);
    bench.dut->request_i = static_cast<std::uint16_t>(requests);
    bench.dut->class_i = classes & ((std::uint64_t{1} << (3 * kRequesters)) - 1);
    bench.dut->take_i = random.percent(70);
    bench.dut.settle();
    const unsigned expected = bench.expected(requests, classes);
    ASSERT_EQ(bench.dut->valid_o != 0, expected != kRequesters);
    if (expected != kRequesters) {
      ASSERT_EQ(bench.dut->index_o, expected) << "cycle " << cycle;
      if (bench.dut->take_i != 0) bench.taken(expected);
    }
    bench.dut.edge();
  }
}

TEST(Arbiter, ServesTheHighestClassInTurn) {
  ArbiterBench<Varbiter_8, 8> bench;
  random_requests(bench, 1);
}

TEST(Arbiter, ServesAllInTurnWithoutClasses) {
  ArbiterBench<Varbiter_1, 1> bench;
  random_requests(bench, 2);
}

// A high class that asks every other cycle must not decide who of a low class is next.
TEST(Arbiter, StarvesNobodyInsideAClass) {
  ArbiterBench<Varbiter_8, 8> bench;
  std::array<unsigned, kRequesters> served{};
  bench.dut->class_i = 7;  // requester 0 in class 7, all others in class 0
  bench.dut->take_i = 1;
  for (unsigned cycle = 0; cycle < 2000; ++cycle) {
    bench.dut->request_i = static_cast<std::uint16_t>(0x7fe | (cycle & 1));
    bench.dut.settle();
    ++served.at(bench.dut->index_o);
    bench.dut.edge();
  }
  EXPECT_EQ(served[0], 1000U);
  for (unsigned i = 1; i < kRequesters; ++i) EXPECT_EQ(served.at(i), 100U) << i;
}

// Two that always ask in the cycles in which there is room for them, and a third one that
// asks in all others: each of the two gets its turn.
TEST(Arbiter, StarvesNobodyThatAsksNowAndThen) {
  ArbiterBench<Varbiter_8, 8> bench;
  std::array<unsigned, kRequesters> served{};
  bench.dut->take_i = 1;
  for (unsigned cycle = 0; cycle < 3000; ++cycle) {
    bench.dut->request_i = cycle % 3 == 0 ? 0x3 : 0x400;
    bench.dut.settle();
    ++served.at(bench.dut->index_o);
    bench.dut.edge();
  }
  EXPECT_EQ(served[0], 500U);
  EXPECT_EQ(served[1], 500U);
  EXPECT_EQ(served[10], 2000U);
}

}  // namespace
}  // namespace pagepress::bench
