// SPDX-License-Identifier: Apache-2.0
// The unit table: every unit leaves once with its own result, in the order of its
// queue unless it is relaxed, and nothing waits that could leave.
#include <Vunit_table_bench.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>

#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

constexpr unsigned kSlots = 13;
constexpr unsigned kQueues = 5;

struct Unit {
  std::uint64_t tag = 0;
  std::uint64_t info = 0;
  bool relaxed = false;
  bool done = false;
};

struct Mode {
  unsigned alloc;  // percent of cycles
  unsigned result;
  unsigned ready;
  unsigned relaxed;  // percent of units
};

class TableBench {
 public:
  explicit TableBench(const Mode& mode) : mode_(mode) {}

  void cycle(bool feed) {
    dut->done_ready_i = random_.percent(mode_.ready);
    dut->alloc_i = 0;
    dut->result_valid_i = 0;
    dut.settle();
    const bool room = dut->free_o != 0;
    EXPECT_EQ(room, slots_.size() < kSlots);
    EXPECT_EQ(dut->bulk_o, bulk_.size());
    if (feed && room && random_.percent(mode_.alloc)) alloc();
    finish();
    dut.settle();
    for (unsigned q = 0; q < kQueues; ++q) {
      EXPECT_EQ((dut->occupied_o >> q & 1) != 0, !queues_.at(q).empty()) << "queue " << q;
      EXPECT_EQ(dut->count_o >> 4 * q & 15, queues_.at(q).size()) << "queue " << q;
    }
    leave();
    dut.edge();
    if (allocated_) queues_.at(pending_queue_).push_back(pending_);
    allocated_ = false;
  }

  [[nodiscard]] bool empty() const { return slots_.empty(); }

  Clocked<Vunit_table_bench> dut;
  std::uint64_t left = 0;
  std::uint64_t given = 0;
  std::uint64_t overtakes = 0;

 private:
  void alloc() {
    pending_queue_ = static_cast<unsigned>(random_.below(kQueues));
    pending_ = {.tag = ++given, .relaxed = random_.percent(mode_.relaxed)};
    dut->alloc_i = 1;
    dut->alloc_tag_i = pending_.tag;
    dut->alloc_qid_i = static_cast<std::uint8_t>(pending_queue_);
    dut->alloc_relaxed_i = pending_.relaxed;
    dut->alloc_bulk_i = random_.percent(50);
    if (dut->alloc_bulk_i != 0) bulk_.insert(pending_.tag);
    EXPECT_TRUE(slots_.emplace(dut->free_slot_o, pending_.tag).second) << "slot taken twice";
    waiting_.push_back(dut->free_slot_o);
    allocated_ = true;
  }

  // The result of any unit that was allocated in an earlier cycle.
  void finish() {
    const std::size_t old = waiting_.size() - (allocated_ ? 1 : 0);
    if (old == 0 || !random_.percent(mode_.result)) return;
    const auto at = waiting_.begin() + static_cast<std::ptrdiff_t>(random_.below(old));
    const unsigned slot = *at;
    waiting_.erase(at);
    dut->result_valid_i = 1;
    dut->result_slot_i = static_cast<std::uint8_t>(slot);
    dut->result_info_i = random_.bits();
    Unit& unit = find(slots_.at(slot));
    unit.done = true;
    unit.info = dut->result_info_i;
  }

  void leave() {
    if (dut->done_valid_o == 0 || dut->done_ready_i == 0) return;
    std::deque<Unit>& queue = queues_.at(dut->done_qid_o);
    std::size_t at = 0;
    while (at < queue.size() && queue[at].tag != dut->done_tag_o) ++at;
    ASSERT_LT(at, queue.size()) << "tag " << dut->done_tag_o << " is not of that queue";
    EXPECT_TRUE(queue[at].done);
    EXPECT_EQ(queue[at].info, dut->done_info_o);
    EXPECT_TRUE(at == 0 || queue[at].relaxed) << "overtakes without leave";
    if (at != 0) ++overtakes;
    queue.erase(queue.begin() + static_cast<std::ptrdiff_t>(at));
    std::erase_if(slots_, [this](const auto& s) { return s.second == dut->done_tag_o; });
    bulk_.erase(dut->done_tag_o);
    ++left;
  }

  Unit& find(std::uint64_t tag) {
    for (auto& queue : queues_) {
      for (Unit& unit : queue) {
        if (unit.tag == tag) return unit;
      }
    }
    throw std::logic_error("no such unit");
  }

  Mode mode_;
  Random random_{7};
  std::array<std::deque<Unit>, kQueues> queues_;
  std::map<unsigned, std::uint64_t> slots_;  // tag of the unit in each
  std::deque<unsigned> waiting_;             // slots without result
  std::set<std::uint64_t> bulk_;             // tags
  Unit pending_;
  unsigned pending_queue_ = 0;
  bool allocated_ = false;
};

class UnitTable : public testing::TestWithParam<Mode> {};

TEST_P(UnitTable, GivesEveryUnitOnceInOrder) {
  TableBench bench(GetParam());
  for (int i = 0; i < 30000; ++i) {
    bench.cycle(true);
    ASSERT_FALSE(HasFailure()) << "cycle " << i;
  }
  for (int i = 0; i < 20000 && !bench.empty(); ++i) bench.cycle(false);
  EXPECT_TRUE(bench.empty()) << "a unit never left";
  EXPECT_EQ(bench.left, bench.given);
  EXPECT_GT(bench.left, 500U);
  EXPECT_EQ(bench.overtakes != 0, GetParam().relaxed != 0);
}

INSTANTIATE_TEST_SUITE_P(Modes, UnitTable,
                         testing::Values(Mode{100, 100, 100, 0}, Mode{50, 20, 100, 0},
                                         Mode{100, 30, 30, 40}, Mode{30, 100, 10, 20},
                                         Mode{100, 100, 100, 100}));

}  // namespace
}  // namespace pagepress::bench
