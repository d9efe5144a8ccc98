// SPDX-License-Identifier: Apache-2.0
// Completions: order, phase, never over an unread entry, after the data's responses,
// interrupt events, failed writes.
#include <Vcq_writer_bench.h>
#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kBase = 0x00ff123400005000;

struct Unit {
  pp_cqe done;  // as the result stage tells it
  bool irq;
  bool has_data;
  bool write_fault;
  std::uint64_t write_address;
};

class CqBench {
 public:
  CqBench(std::uint64_t seed, unsigned log2) : random(seed), log2_(log2) {
    dut->base_i = kBase;
    dut->log2_i = static_cast<std::uint8_t>(log2);
    dut->clear_i = 1;
    dut.edge();
    dut->clear_i = 0;
  }

  void add() {
    Unit u{};
    u.done.tag = random.bits();
    u.done.crc32c = static_cast<std::uint32_t>(random.bits());
    u.done.info = random.bits();
    u.done.engine_cycles = static_cast<std::uint32_t>(random.bits());
    u.done.status = static_cast<std::uint8_t>(random.below(PP_STATUS_COUNT));
    u.done.flags = static_cast<std::uint8_t>(random.below(16) << PP_CQE_DETAIL_SHIFT);
    u.has_data = random.percent(50);
    u.done.out_len = u.has_data ? static_cast<std::uint32_t>(random.between(1, 4096)) : 0;
    u.irq = random.percent(50);
    u.write_fault = u.has_data && random.percent(20);
    u.write_address = random.bits();
    units.push_back(u);
  }

  void cycle() {
    dut->sq_head_i = static_cast<std::uint16_t>(random.bits());
    dut->req_ready_i = random.percent(ready);
    dut->done_valid_i = next < units.size();
    if (next < units.size()) drive(units[next]);
    // The data's responses come some time after the result.
    if (dut->write_valid_i == 0) {
      dut->write_valid_i =
          next < units.size() && units[next].has_data && random.percent(write_done);
    }
    const bool respond = !pending_.empty() && random.percent(response);
    dut->resp_valid_i = respond;
    dut->resp_error_i = respond && pending_.front() == bad_index;
    dut.settle();

    if (dut->req_valid_o != 0 && dut->req_ready_i != 0) accept();
    if (respond) {
      EXPECT_EQ(dut->irq_event_o != 0,
                units[pending_.front()].irq && pending_.front() != bad_index);
      pending_.pop_front();
    } else {
      EXPECT_EQ(dut->irq_event_o, 0);
    }
    completed += dut->completed_o;
    if (dut->err_valid_o != 0) {
      ++errors;
      EXPECT_EQ(dut->err_index_o, bad_index);
      EXPECT_EQ(dut->err_addr_o, kBase + (bad_index & ((1U << log2_) - 1)) * PP_CQE_SIZE);
    }
    const bool taken = dut->done_valid_i != 0 && dut->done_ready_o != 0;
    if (taken) EXPECT_EQ(dut->write_ready_o != 0, units[next].has_data);
    dut.edge();
    if (taken) {
      dut->write_valid_i = 0;
      ++next;
    }
  }

  Clocked<Vcq_writer_bench> dut;
  Random random;
  std::vector<Unit> units;
  std::size_t next = 0;     // to be given
  std::size_t written = 0;  // entries
  std::size_t completed = 0;
  unsigned errors = 0;
  std::size_t bad_index = ~std::size_t{0};
  unsigned ready = 100;
  unsigned write_done = 100;
  unsigned response = 100;

 private:
  void drive(const Unit& u) {
    dut->done_tag_i = u.done.tag;
    dut->done_out_len_i = static_cast<std::uint16_t>(u.done.out_len);
    dut->done_crc32c_i = u.done.crc32c;
    dut->done_info_i = u.done.info;
    dut->done_cycles_i = u.done.engine_cycles;
    dut->done_status_i = u.done.status;
    dut->done_detail_i = u.done.flags >> PP_CQE_DETAIL_SHIFT;
    dut->done_irq_i = u.irq;
    dut->done_has_data_i = u.has_data;
    dut->write_fault_i = u.write_fault;
    dut->write_addr_i = u.write_address;
  }

  // An entry goes out: it must be the next one.
  void accept() {
    const Unit& u = units.at(next);
    EXPECT_TRUE(!u.has_data || dut->write_valid_i != 0) << "ahead of its data";
    EXPECT_EQ(dut->cq_tail_o, static_cast<std::uint16_t>(written));
    EXPECT_LT(static_cast<std::uint16_t>(dut->cq_tail_o - dut->cq_head_i), 1U << log2_)
        << "over an unread entry";
    EXPECT_EQ(dut->req_addr_o, kBase + (written & ((1U << log2_) - 1)) * PP_CQE_SIZE);
    pp_cqe expected = u.done;
    if (u.write_fault) {
      expected.out_len = 0;
      expected.crc32c = 0;
      expected.engine_cycles = 0;
      expected.info = u.write_address;
      expected.status = PP_STATUS_DMA_FAULT;
      expected.flags = PP_FAULT_WRITE << PP_CQE_DETAIL_SHIFT;
    }
    expected.sq_head = dut->sq_head_i;
    if ((written >> log2_ & 1U) == 0) expected.flags |= PP_CQE_F_PHASE;
    EXPECT_EQ(std::memcmp(&dut->req_data_o[0], &expected, sizeof expected), 0);
    pending_.push_back(written++);
  }

  unsigned log2_;
  std::deque<std::size_t> pending_;  // indices of entries without response
};

struct Mode {
  unsigned log2;
  unsigned ready;
  unsigned write_done;
  unsigned response;
  unsigned consume;  // percent of cycles in which the driver takes what is there
};

class CqWriter : public testing::TestWithParam<Mode> {};

TEST_P(CqWriter, WritesEveryEntryOnceInOrder) {
  const Mode& mode = GetParam();
  CqBench bench(1, mode.log2);
  bench.ready = mode.ready;
  bench.write_done = mode.write_done;
  bench.response = mode.response;
  constexpr std::size_t kUnits = 2000;
  for (std::size_t i = 0; i < kUnits; ++i) bench.add();
  for (int i = 0; i < 400000 && bench.completed < kUnits; ++i) {
    if (bench.random.percent(mode.consume)) {
      const auto unread = static_cast<std::uint16_t>(bench.dut->cq_tail_o - bench.dut->cq_head_i);
      bench.dut->cq_head_i =
          static_cast<std::uint16_t>(bench.dut->cq_head_i + bench.random.below(unread + 1U));
    }
    bench.cycle();
  }
  EXPECT_EQ(bench.written, kUnits);
  EXPECT_EQ(bench.completed, kUnits);
  EXPECT_EQ(bench.errors, 0U);
}

INSTANTIATE_TEST_SUITE_P(Modes, CqWriter,
                         testing::Values(Mode{1, 100, 100, 100, 100}, Mode{1, 50, 50, 50, 10},
                                         Mode{4, 100, 30, 100, 20}, Mode{4, 20, 100, 5, 100},
                                         Mode{8, 100, 100, 2, 50}, Mode{15, 90, 90, 90, 5}));

TEST(CqWriterFull, WaitsForTheDriver) {
  CqBench bench(2, 3);
  for (int i = 0; i < 20; ++i) bench.add();
  for (int i = 0; i < 1000; ++i) bench.cycle();
  EXPECT_EQ(bench.written, 8U);
  bench.dut->cq_head_i = 1;
  for (int i = 0; i < 1000; ++i) bench.cycle();
  EXPECT_EQ(bench.written, 9U);
}

TEST(CqWriterError, DropsTheRestAndTellsOnce) {
  for (std::size_t bad = 0; bad < 12; ++bad) {
    CqBench bench(3, 5);
    bench.response = 20;
    bench.bad_index = bad;
    for (int i = 0; i < 30; ++i) bench.add();
    for (int i = 0; i < 2000; ++i) bench.cycle();
    EXPECT_EQ(bench.errors, 1U);
    EXPECT_EQ(bench.next, 30U) << "the rest is dropped, not stuck";
    EXPECT_EQ(bench.completed, 30U);
    EXPECT_GT(bench.written, bad);
    EXPECT_LT(bench.written, 30U);
    EXPECT_EQ(bench.dut->cq_tail_o, bench.written);
  }
}

}  // namespace
}  // namespace pagepress::bench
