// SPDX-License-Identifier: Apache-2.0
// Completions of several queues: content, order, phase, interrupt events, counts,
// aborted units, failed writes.
#include <Vcq_writer_bench.h>
#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

constexpr unsigned kQueues = 4;
constexpr std::uint64_t kBase = 0x00ff123400000000;
constexpr unsigned kNone = ~0U;

constexpr std::uint64_t ring_base(unsigned queue) { return kBase + queue * 0x100000; }

struct Unit {
  unsigned queue = 0;
  unsigned index = 0;  // of the submission
  pp_cqe cqe{};        // but for sq_head and phase
  bool irq = false;
  bool list_fault = false;
  bool engine_error = false;
  unsigned engine = 0;
  std::uint32_t src_len = 0;
  std::uint32_t start = 0;
};

class CqBench {
 public:
  explicit CqBench(std::uint64_t seed, std::array<unsigned, kQueues> log2 = {1, 3, 5, 15})
      : random(seed), log2_(log2) {
    dut->log2_i = 0;
    for (unsigned q = 0; q < kQueues; ++q) {
      dut->log2_i |= static_cast<std::uint16_t>(log2.at(q) << 4 * q);
      const std::uint64_t base = ring_base(q);
      std::memcpy(&dut->base_i[2 * q], &base, sizeof base);
    }
    dut->clear_i = (1U << kQueues) - 1;
    dut.edge();
    dut->clear_i = 0;
  }

  Unit random_unit() {
    Unit u;
    u.queue = static_cast<unsigned>(random.below(kQueues));
    u.index = static_cast<unsigned>(random.below(65536));
    u.cqe.tag = random.bits();
    u.cqe.out_len = static_cast<std::uint32_t>(random.below(4097));
    u.cqe.crc32c = static_cast<std::uint32_t>(random.bits());
    u.cqe.info = random.bits();
    u.cqe.engine_cycles = static_cast<std::uint32_t>(random.bits());
    u.cqe.status = static_cast<std::uint8_t>(random.below(PP_STATUS_COUNT));
    u.cqe.flags = static_cast<std::uint8_t>(random.below(16) << PP_CQE_DETAIL_SHIFT |
                                            (random.percent(20) ? PP_CQE_F_RAW : 0));
    u.irq = random.percent(50);
    u.list_fault = random.percent(10);
    u.engine_error = !u.list_fault && random.percent(10);
    u.engine = static_cast<unsigned>(random.below(128));
    u.src_len = static_cast<std::uint32_t>(random.below(5000));
    return u;
  }

  void cycle() {
    dut->now_i = static_cast<std::uint32_t>(dut.cycle());
    dut->sq_head_i = random.bits();
    dut->req_ready_i = random.percent(ready);
    dut->stat_ready_i = random.percent(counted);
    dut->done_valid_i = next < units.size();
    if (next < units.size()) drive(units[next]);
    const bool respond = !pending_.empty() && random.percent(response);
    dut->resp_valid_i = respond;
    dut->resp_error_i = respond && is_bad(pending_.front());
    dut.settle();
    if (dut->req_valid_o != 0 && dut->req_ready_i != 0) accept();
    check_response(respond);
    if (dut->stat_valid_o != 0 && dut->stat_ready_i != 0) check_stat();
    const bool taken = dut->done_valid_i != 0 && dut->done_ready_o != 0;
    if (taken) check_unit_error(units[next]);
    EXPECT_TRUE(taken || dut->unit_err_valid_o == 0);
    dut.edge();
    if (taken) ++next;
  }

  Clocked<Vcq_writer_bench> dut;
  Random random;
  std::vector<Unit> units;
  std::size_t next = 0;  // to be given
  std::array<unsigned, kQueues> written{};
  std::array<unsigned, kQueues> completed{};
  unsigned counts = 0;
  unsigned errors = 0;
  unsigned bad_queue = kNone;  // whose entry bad_index fails
  unsigned bad_index = 0;
  unsigned ready = 100;
  unsigned response = 100;
  unsigned counted = 100;

 private:
  struct Pending {
    Unit unit;
    unsigned index;
  };
  [[nodiscard]] bool is_bad(const Pending& p) const {
    return p.unit.queue == bad_queue && p.index == bad_index;
  }
  [[nodiscard]] bool aborted(unsigned queue) { return (dut->abort_i >> queue & 1) != 0; }

  void drive(Unit& u) {
    if (u.start == 0) u.start = static_cast<std::uint32_t>(dut.cycle());
    dut->unit_tag_i = u.cqe.tag;
    dut->unit_qid_i = static_cast<std::uint8_t>(u.queue);
    dut->unit_index_i = static_cast<std::uint16_t>(u.index);
    dut->unit_start_i = u.start;
    dut->unit_src_len_i = u.src_len;
    dut->unit_irq_i = u.irq;
    dut->res_status_i = u.cqe.status;
    dut->res_detail_i = u.cqe.flags >> PP_CQE_DETAIL_SHIFT;
    dut->res_raw_i = (u.cqe.flags & PP_CQE_F_RAW) != 0;
    dut->res_out_len_i = static_cast<std::uint16_t>(u.cqe.out_len);
    dut->res_crc32c_i = u.cqe.crc32c;
    dut->res_info_i = u.cqe.info;
    dut->res_cycles_i = u.cqe.engine_cycles;
    dut->res_list_fault_i = u.list_fault;
    dut->res_engine_error_i = u.engine_error;
    dut->res_on_engine_i = u.engine != 0;
    dut->res_engine_i = static_cast<std::uint8_t>(u.engine);
  }

  // The queue's share of a vector of indices.
  static unsigned index_of(std::uint64_t all, unsigned queue) { return all >> 16 * queue & 0xffff; }

  // An entry goes out: it must be the next one of its queue.
  void accept() {
    Unit u = units.at(next);
    const unsigned index = written.at(u.queue)++;
    const unsigned log2 = log2_.at(u.queue);
    EXPECT_EQ(index_of(dut->cq_tail_o, u.queue), index & 0xffff);
    EXPECT_EQ(dut->req_addr_o, ring_base(u.queue) + (index & ((1U << log2) - 1)) * PP_CQE_SIZE);
    if (aborted(u.queue)) {
      const std::uint64_t tag = u.cqe.tag;
      u.cqe = {};
      u.cqe.tag = tag;
      u.cqe.status = PP_STATUS_ABORTED;
    }
    pp_cqe expected = u.cqe;
    expected.sq_head = static_cast<std::uint16_t>(index_of(dut->sq_head_i, u.queue));
    if ((index >> log2 & 1U) == 0) expected.flags |= PP_CQE_F_PHASE;
    EXPECT_EQ(std::memcmp(&dut->req_data_o[0], &expected, sizeof expected), 0);
    pending_.push_back({u, index});
  }

  void check_response(bool respond) {
    unsigned events = 0;
    if (respond) {
      const Pending& p = pending_.front();
      if (p.unit.irq && !is_bad(p)) events = 1U << p.unit.queue;
      if (!is_bad(p)) {
        Unit u = p.unit;
        u.start = dut->now_i - u.start;  // its latency from now on
        uncounted_.push_back(u);
      }
    }
    EXPECT_EQ(dut->irq_event_o, events);
    for (unsigned q = 0; q < kQueues; ++q) completed.at(q) += dut->completed_o >> q & 1;
    EXPECT_EQ(dut->err_valid_o != 0, respond && is_bad(pending_.front()));
    if (dut->err_valid_o != 0) {
      ++errors;
      EXPECT_EQ(dut->err_cond_o, PP_ERR_CQ_WRITE);
      EXPECT_EQ(dut->err_qid_o, bad_queue);
      EXPECT_EQ(dut->err_index_o, bad_index);
      EXPECT_EQ(dut->err_addr_o, ring_base(bad_queue) +
                                     (bad_index & ((1U << log2_.at(bad_queue)) - 1)) * PP_CQE_SIZE);
    }
    if (respond) pending_.pop_front();
  }

  void check_stat() {
    ++counts;
    ASSERT_FALSE(uncounted_.empty());
    const Unit& u = uncounted_.front();
    EXPECT_EQ(dut->stat_qid_o, u.queue);
    EXPECT_EQ(dut->stat_on_engine_o != 0, u.engine != 0);
    EXPECT_EQ(dut->stat_engine_o, u.engine);
    EXPECT_EQ(dut->stat_status_o, u.cqe.status);
    EXPECT_EQ(dut->stat_bytes_in_o, u.src_len);
    EXPECT_EQ(dut->stat_bytes_out_o, u.cqe.out_len);
    EXPECT_EQ(dut->stat_latency_o, u.start);
    uncounted_.pop_front();
  }

  void check_unit_error(const Unit& u) {
    const bool told = (u.list_fault || u.engine_error) && !aborted(u.queue);
    EXPECT_EQ(dut->unit_err_valid_o != 0, told);
    if (!told) return;
    EXPECT_EQ(dut->unit_err_cond_o, u.list_fault ? PP_ERR_SGL_FETCH : PP_ERR_ENGINE);
    EXPECT_EQ(dut->unit_err_qid_o, u.queue);
    EXPECT_EQ(dut->unit_err_index_o, u.index);
    EXPECT_EQ(dut->unit_err_addr_o, u.list_fault ? u.cqe.info : 0);
  }

  std::array<unsigned, kQueues> log2_;
  std::deque<Pending> pending_;  // entries without response
  std::deque<Unit> uncounted_;   // written, not yet given to the counters
};

unsigned total(const std::array<unsigned, kQueues>& values) {
  unsigned sum = 0;
  for (const unsigned v : values) sum += v;
  return sum;
}

struct Mode {
  unsigned ready;
  unsigned response;
  unsigned counted;
};

class CqWriter : public testing::TestWithParam<Mode> {};

TEST_P(CqWriter, WritesEveryEntryOnceInOrder) {
  CqBench bench(1);
  bench.ready = GetParam().ready;
  bench.response = GetParam().response;
  bench.counted = GetParam().counted;
  constexpr std::size_t kUnits = 3000;
  for (std::size_t i = 0; i < kUnits; ++i) bench.units.push_back(bench.random_unit());
  for (int i = 0; i < 200000 && bench.counts < kUnits; ++i) {
    if (i % 1000 == 0) {
      const bool some = bench.random.percent(50);
      bench.dut->abort_i = static_cast<std::uint8_t>(some ? 1U << i / 1000 % 4 : 0);
    }
    bench.cycle();
    ASSERT_FALSE(HasFailure()) << "cycle " << i;
  }
  EXPECT_EQ(total(bench.written), kUnits);
  EXPECT_EQ(total(bench.completed), kUnits);
  EXPECT_EQ(bench.counts, kUnits);
  EXPECT_EQ(bench.errors, 0U);
  EXPECT_EQ(bench.dut->busy_o, 0);
}

INSTANTIATE_TEST_SUITE_P(Modes, CqWriter,
                         testing::Values(Mode{100, 100, 100}, Mode{50, 50, 100}, Mode{20, 5, 100},
                                         Mode{100, 100, 5}, Mode{90, 10, 20}));

TEST(CqWriterError, DropsTheRestOfThatQueueAndTellsOnce) {
  for (unsigned bad = 0; bad < 12; ++bad) {
    CqBench bench(3);
    bench.response = 20;
    bench.bad_queue = 2;
    bench.bad_index = bad;
    for (int i = 0; i < 200; ++i) bench.units.push_back(bench.random_unit());
    for (int i = 0; i < 5000; ++i) bench.cycle();
    std::array<unsigned, kQueues> given{};
    for (const Unit& u : bench.units) ++given.at(u.queue);
    EXPECT_EQ(bench.errors, 1U);
    EXPECT_EQ(bench.next, 200U) << "the rest is dropped, not stuck";
    EXPECT_EQ(bench.completed, given);
    EXPECT_EQ(bench.dut->dead_o, 1U << 2);
    EXPECT_GT(bench.written[2], bad);
    EXPECT_LT(bench.written[2], given[2]);
    EXPECT_EQ(bench.written[1], given[1]);
    EXPECT_EQ(bench.dut->busy_o, 0);

    // Enabled anew it starts at index 0.
    bench.dut->clear_i = 1U << 2;
    bench.dut.edge();
    bench.dut->clear_i = 0;
    bench.dut.settle();
    EXPECT_EQ(bench.dut->dead_o, 0);
    EXPECT_EQ(bench.dut->cq_tail_o >> 32 & 0xffff, 0U);
  }
}

}  // namespace
}  // namespace pagepress::bench
