// SPDX-License-Identifier: Apache-2.0
// The error log with four sources at once: every error is an entry or counted as lost.
#include <Verror_log_16.h>
#include <Verror_log_4.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>

#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

// pp_queue_pkg::error_t as Verilator lays it out.
using Entry = std::array<std::uint32_t, 4>;

constexpr unsigned kSources =
    4;  // registers, submissions, completions, units: in order of precedence

template <class Port>
void put(Port& port, const Entry& entry) {
  for (unsigned i = 0; i < 4; ++i) port[i] = entry[i];
}
template <class Port>
Entry get(const Port& port) {
  return {port[0], port[1], port[2], port[3]};
}

template <class M, unsigned kDepthOf, unsigned kSourceDepthOf>
struct Shape {
  using Model = M;
  static constexpr std::size_t kDepth = kDepthOf;
  static constexpr std::size_t kSourceDepth = kSourceDepthOf;
};

template <class S>
class Bench {
 public:
  explicit Bench(std::uint64_t seed) : random_(seed) {}

  // percent: chance of an error of each source in a cycle.
  void cycle(const std::array<unsigned, kSources>& percent, unsigned pop_percent) {
    std::array<bool, kSources> valid{};
    std::array<Entry, kSources> entry{};
    for (unsigned s = 0; s < kSources; ++s) {
      valid[s] = random_.percent(percent[s]);
      for (std::uint32_t& word : entry[s]) word = static_cast<std::uint32_t>(random_.bits());
      entry[s][3] &= 0x00ffffffU;  // 120 bits
    }
    dut_->reg_valid_i = valid[0];
    dut_->sq_valid_i = valid[1];
    dut_->cq_valid_i = valid[2];
    dut_->unit_valid_i = valid[3];
    put(dut_->reg_i, entry[0]);
    put(dut_->sq_i, entry[1]);
    put(dut_->cq_i, entry[2]);
    put(dut_->unit_i, entry[3]);
    dut_->pop_i = random_.percent(pop_percent);
    dut_.settle();

    ASSERT_EQ(dut_->valid_o != 0, !log_.empty()) << dut_.cycle();
    if (!log_.empty()) ASSERT_EQ(get(dut_->entry_o), log_.front()) << dut_.cycle();
    ASSERT_EQ(dut_->overflow_o != 0, overflow_) << dut_.cycle();
    ASSERT_EQ(dut_->count_o, count_) << dut_.cycle();

    // One error a cycle goes to the log, registers' first.
    bool comes = valid[0];
    Entry next = entry[0];
    unsigned source = 0;
    for (unsigned s = 1; s < kSources && !comes; ++s) {
      if (!waiting_[s].empty()) {
        comes = true;
        next = waiting_[s].front();
        source = s;
      }
    }
    bool busy = false;
    for (const auto& queue : waiting_) busy = busy || !queue.empty();
    ASSERT_EQ(dut_->busy_o != 0, busy) << dut_.cycle();

    bool lost = false;
    for (unsigned s = 1; s < kSources; ++s) {
      if (!valid[s]) continue;
      // A full queue does not take an entry in the cycle in which it gives one away.
      if (waiting_[s].size() == S::kSourceDepth) {
        lost = true;
        ++count_;
        ++lost_waiting_;
      } else {
        fresh_[s] = true;
      }
    }
    const bool full = log_.size() == S::kDepth;
    const bool logged = comes && !full;
    ASSERT_EQ(dut_->logged_o != 0, logged) << dut_.cycle();
    lost = lost || (comes && full);
    count_ += comes ? 1 : 0;
    const bool last = dut_->pop_i != 0 && log_.size() == 1;
    if (dut_->pop_i != 0 && !log_.empty()) log_.pop_front();
    if (logged) log_.push_back(next);
    if (lost) {
      overflow_ = true;
    } else if (last && !logged) {
      overflow_ = false;
    }
    if (source != 0) waiting_[source].pop_front();
    for (unsigned s = 1; s < kSources; ++s) {
      if (fresh_[s]) waiting_[s].push_back(entry[s]);
      fresh_[s] = false;
    }
    lost_full_ += comes && full ? 1 : 0;
    dut_.edge();
  }

  [[nodiscard]] unsigned lost_waiting() const { return lost_waiting_; }
  [[nodiscard]] unsigned lost_full() const { return lost_full_; }
  [[nodiscard]] bool overflow() const { return overflow_; }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] std::size_t entries() const { return log_.size(); }

 private:
  Clocked<typename S::Model> dut_;
  Random random_;
  std::deque<Entry> log_;
  std::array<std::deque<Entry>, kSources> waiting_;
  std::array<bool, kSources> fresh_{};
  std::uint32_t count_ = 0;
  bool overflow_ = false;
  unsigned lost_waiting_ = 0;
  unsigned lost_full_ = 0;
};

template <class S>
class ErrorLog : public testing::Test {};
using Shapes = testing::Types<Shape<Verror_log_16, 16, 4>, Shape<Verror_log_4, 4, 2>>;
TYPED_TEST_SUITE(ErrorLog, Shapes);

TYPED_TEST(ErrorLog, LosesNothingThatItHasRoomFor) {
  Bench<TypeParam> bench(1);
  // One error of each source at once, and nothing is lost.
  bench.cycle({100, 100, 100, 100}, 0);
  for (int i = 0; i < 10; ++i) bench.cycle({0, 0, 0, 0}, 0);
  EXPECT_EQ(bench.entries(), 4U);
  EXPECT_EQ(bench.count(), 4U);
  EXPECT_FALSE(bench.overflow());
}

TYPED_TEST(ErrorLog, FollowsTheReference) {
  Bench<TypeParam> bench(2);
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 300; ++i) bench.cycle({2, 3, 3, 3}, 30);
    if (testing::Test::HasFatalFailure()) return;
    for (int i = 0; i < 60; ++i) bench.cycle({30, 30, 30, 30}, 50);  // more than it takes
    if (testing::Test::HasFatalFailure()) return;
    for (int i = 0; i < 40; ++i) bench.cycle({0, 0, 0, 0}, 60);
    if (testing::Test::HasFatalFailure()) return;
  }
  EXPECT_GT(bench.lost_waiting(), 0U);
  EXPECT_GT(bench.lost_full(), 0U);
}

TYPED_TEST(ErrorLog, TellsOfOverflowUntilTheLastEntryIsRetired) {
  Bench<TypeParam> bench(3);
  for (std::size_t i = 0; i < TypeParam::kDepth + 3; ++i) bench.cycle({100, 0, 0, 0}, 0);
  EXPECT_TRUE(bench.overflow());
  EXPECT_EQ(bench.count(), TypeParam::kDepth + 3);
  for (std::size_t i = 0; i < TypeParam::kDepth - 1; ++i) bench.cycle({0, 0, 0, 0}, 100);
  EXPECT_TRUE(bench.overflow());
  bench.cycle({0, 0, 0, 0}, 100);
  bench.cycle({0, 0, 0, 0}, 100);  // an empty log: nothing happens
  EXPECT_FALSE(bench.overflow());
  bench.cycle({0, 100, 0, 0}, 0);
  for (int i = 0; i < 3; ++i) bench.cycle({0, 0, 0, 0}, 0);
  EXPECT_EQ(bench.entries(), 1U);
}

}  // namespace
}  // namespace pagepress::bench
