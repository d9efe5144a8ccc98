// SPDX-License-Identifier: Apache-2.0
// Descriptor fetch: order, ring wrap, burst borders, room, errors, index and time of
// entries. Built for each width of the bus: SQE_BEATS beats make an entry.
#include <Vpp_sq_fetch.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kBase = 0x0000abcd00007000;
constexpr unsigned kBeats = SQE_BEATS;
constexpr unsigned kBeatBytes = PP_SQE_SIZE / kBeats;
constexpr unsigned kMaxBurst = 8;  // entries: BURST_BEATS holds as many, half of DEPTH
constexpr unsigned kDepth = 16;
constexpr unsigned kNone = ~0U;

using Entry = std::array<std::uint8_t, PP_SQE_SIZE>;

class FetchBench {
 public:
  FetchBench(std::uint64_t seed, unsigned log2) : random(seed), log2_(log2), ring(1U << log2) {
    dut->base_i = kBase;
    dut->log2_i = static_cast<std::uint8_t>(log2);
    dut->clear_i = 1;
    dut.edge();
    dut->clear_i = 0;
    dut->run_i = 1;
  }

  // Puts an entry into the ring, if there is room by the device's head.
  bool submit() {
    if (static_cast<std::uint16_t>(tail - dut->head_o) == ring.size()) return false;
    Entry entry;
    for (std::uint8_t& byte : entry) byte = static_cast<std::uint8_t>(random.bits());
    ring[tail % ring.size()] = entry;
    submitted.push_back(entry);
    ++tail;
    return true;
  }
  void ring_doorbell() { dut->tail_i = tail; }

  void cycle() {
    dut->req_ready_i = random.percent(request_ready);
    dut->sqe_ready_i = random.percent(sqe_ready);
    dut->now_i = static_cast<std::uint32_t>(dut.cycle());
    const bool beat = !beats_.empty() && random.percent(beat_valid);
    dut->beat_valid_i = beat;
    dut->beat_error_i = 0;
    if (beat) {
      const auto [slot, part] = beats_.front();
      beats_.pop_front();
      std::memcpy(&dut->beat_data_i[0], &ring[slot][part * kBeatBytes], kBeatBytes);
      dut->beat_error_i = slot * kBeats + part == bad_beat;
      if (part == kBeats - 1) came_.push_back(dut->now_i);
    }
    dut.settle();
    if (dut->req_valid_o != 0 && dut->req_ready_i != 0) accept();
    if (dut->err_valid_o != 0) {
      ++errors;
      error_index = dut->err_index_o;
      error_address = dut->err_addr_o;
    }
    if (dut->sqe_valid_o != 0 && dut->sqe_ready_i != 0) {
      Entry entry;
      std::memcpy(entry.data(), &dut->sqe_o[0], entry.size());
      EXPECT_EQ(dut->sqe_index_o, static_cast<std::uint16_t>(fetched.size()));
      EXPECT_EQ(dut->sqe_time_o, came_.at(fetched.size()));
      fetched.push_back(entry);
    }
    received += dut->received_o;
    dut.edge();
  }

  Clocked<Vpp_sq_fetch> dut;
  Random random;

 private:
  void accept() {
    const std::uint64_t address = dut->req_addr_o;
    const unsigned count = (dut->req_len_o + 1U) / kBeats;
    EXPECT_EQ((dut->req_len_o + 1U) % kBeats, 0U) << "half an entry";
    EXPECT_EQ((address - kBase) / PP_SQE_SIZE, requested_ % (1U << log2_));
    EXPECT_LE(address % 4096 + count * PP_SQE_SIZE, 4096U);
    EXPECT_LE((address - kBase) / PP_SQE_SIZE + count, 1U << log2_) << "beyond the ring's end";
    EXPECT_LE(count, kMaxBurst);
    for (unsigned i = 0; i < count; ++i, ++requested_) {
      for (unsigned part = 0; part < kBeats; ++part) {
        beats_.emplace_back(requested_ % (1U << log2_), part);
      }
    }
    EXPECT_LE(static_cast<std::uint16_t>(dut->tail_i - requested_), 1U << log2_) << "beyond tail";
    bursts.push_back(count);
  }

  unsigned log2_;
  std::uint16_t requested_ = 0;
  std::deque<std::pair<unsigned, unsigned>> beats_;  // slot, part
  std::vector<std::uint32_t> came_;                  // cycle of each entry

 public:
  std::vector<Entry> ring;
  std::uint16_t tail = 0;
  unsigned request_ready = 100;
  unsigned beat_valid = 100;
  unsigned sqe_ready = 100;
  unsigned bad_beat = kNone;  // kBeats * slot + part
  std::vector<Entry> submitted;
  std::vector<Entry> fetched;
  std::vector<unsigned> bursts;
  unsigned received = 0;
  unsigned errors = 0;
  unsigned error_index = 0;
  std::uint64_t error_address = 0;
};

struct Mode {
  unsigned log2;
  unsigned request_ready;
  unsigned beat_valid;
  unsigned sqe_ready;
};

class Fetch : public testing::TestWithParam<Mode> {};

TEST_P(Fetch, GivesEveryEntryOnceInOrder) {
  const Mode& mode = GetParam();
  FetchBench bench(1, mode.log2);
  bench.request_ready = mode.request_ready;
  bench.beat_valid = mode.beat_valid;
  bench.sqe_ready = mode.sqe_ready;
  constexpr std::size_t kEntries = 3000;
  for (unsigned i = 0; i < 200000 && bench.fetched.size() < kEntries; ++i) {
    if (bench.random.percent(30)) {
      for (std::uint64_t n = bench.random.below(20); n != 0; --n) {
        if (bench.submitted.size() == kEntries || !bench.submit()) break;
      }
      bench.ring_doorbell();
    }
    bench.cycle();
  }
  EXPECT_EQ(bench.fetched, bench.submitted);
  EXPECT_EQ(bench.received, kEntries);
  EXPECT_EQ(bench.dut->head_o, kEntries % 65536);
  EXPECT_EQ(bench.dut->busy_o, 0);
  EXPECT_EQ(bench.dut->want_o, 0);
  EXPECT_EQ(bench.errors, 0U);
}

INSTANTIATE_TEST_SUITE_P(Modes, Fetch,
                         testing::Values(Mode{1, 100, 100, 100}, Mode{2, 50, 50, 50},
                                         Mode{3, 100, 20, 100}, Mode{5, 20, 100, 10},
                                         Mode{7, 100, 100, 5}, Mode{10, 60, 90, 80}));

// A full ring is fetched in long bursts, though entries leave one by one.
TEST(FetchBursts, AreLongWhereThereIsMuch) {
  FetchBench bench(2, 10);
  for (int i = 0; i < 1000; ++i) bench.submit();
  bench.ring_doorbell();
  bench.sqe_ready = 5;
  for (int i = 0; i < 40000; ++i) bench.cycle();
  EXPECT_EQ(bench.fetched.size(), 1000U);
  EXPECT_EQ(bench.bursts, std::vector<unsigned>(1000 / kMaxBurst, kMaxBurst));
}

TEST(FetchRoom, IsPutAside) {
  FetchBench bench(3, 6);
  for (int i = 0; i < 64; ++i) bench.submit();
  bench.ring_doorbell();
  bench.sqe_ready = 0;
  for (int i = 0; i < 1000; ++i) bench.cycle();
  EXPECT_EQ(bench.received, kDepth);
}

TEST(FetchRun, ClearedStopsRequests) {
  FetchBench bench(4, 6);
  bench.dut->run_i = 0;
  for (int i = 0; i < 20; ++i) bench.submit();
  bench.ring_doorbell();
  for (int i = 0; i < 100; ++i) bench.cycle();
  EXPECT_TRUE(bench.bursts.empty());
  EXPECT_NE(bench.dut->want_o, 0);
}

TEST(FetchError, GivesNothingFromTheFailedEntryOn) {
  for (unsigned bad = 0; bad < 20 * kBeats; ++bad) {
    FetchBench bench(5, 5);
    bench.beat_valid = 60;
    bench.sqe_ready = 40;
    bench.bad_beat = bad;
    for (int i = 0; i < 30; ++i) bench.submit();
    bench.ring_doorbell();
    for (int i = 0; i < 500; ++i) bench.cycle();
    const unsigned entry = bad / kBeats;
    EXPECT_EQ(bench.errors, 1U);
    EXPECT_EQ(bench.error_index, entry);
    EXPECT_EQ(bench.error_address, kBase + entry * PP_SQE_SIZE);
    EXPECT_EQ(bench.dut->head_o, entry);
    bench.submitted.resize(entry);
    EXPECT_EQ(bench.fetched, bench.submitted);
    EXPECT_EQ(bench.dut->busy_o, 0);

    // Cleared it starts anew at index 0.
    bench.dut->clear_i = 1;
    bench.dut->tail_i = 0;
    bench.dut.edge();
    bench.dut->clear_i = 0;
    EXPECT_EQ(bench.dut->head_o, 0);
    EXPECT_EQ(bench.dut->want_o, 0);
  }
}

}  // namespace
}  // namespace pagepress::bench
