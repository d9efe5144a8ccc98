// SPDX-License-Identifier: Apache-2.0
// The scheduler: who goes first, who waits for what, where a unit goes. Queues,
// channels and the unit table are the bench's.
#include <Vscheduler_bench.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

constexpr unsigned kQueues = 4;
constexpr unsigned kEngines = 2;
constexpr unsigned kChannels = 2 * kEngines;  // 0, 1 compress; 2, 3 decompress
constexpr unsigned kChannelUnits = 3;
constexpr unsigned kSlots = 16;
constexpr unsigned kQueueUnits = 8;  // that a queue may have in them
constexpr unsigned kReserved = 6;    // that only decompressions take

struct Unit {
  unsigned queue = 0;
  std::uint64_t tag = 0;
  int channel = -1;  // -1: needed none
  std::uint8_t status = 0;
  std::uint8_t detail = 0;
  bool bulk = false;  // no decompression
};

class SchedulerBench {
 public:
  SchedulerBench() {
    for (unsigned q = 0; q < kQueues; ++q) set_ring(q, 8);
    pulse_clear();
  }

  void submit(unsigned queue, std::uint8_t opcode, std::uint16_t flags = 0) {
    pp_sqe sqe{};
    sqe.opcode = opcode;
    sqe.flags = flags;
    sqe.src_len = 4096;
    sqe.dst_capacity = 4096;
    sqe.tag = ++tag_;
    queues_.at(queue).push_back(sqe);
  }
  void set_class(unsigned queue, unsigned value) {
    dut->class_i =
        static_cast<std::uint16_t>((dut->class_i & ~(7U << 3 * queue)) | value << 3 * queue);
  }
  void set_ring(unsigned queue, unsigned log2) {
    dut->cq_log2_i =
        static_cast<std::uint16_t>((dut->cq_log2_i & ~(15U << 4 * queue)) | log2 << 4 * queue);
  }
  void consume(unsigned queue) { dut->cq_head_i += std::uint64_t{1} << (16 * queue); }

  // Units that leave the device: the oldest of a channel, or a given one of the table.
  void finish(unsigned channel) {
    for (auto it = table.begin(); it != table.end(); ++it) {
      if (it->channel != static_cast<int>(channel)) continue;
      table.erase(it);
      return;
    }
  }
  void finish_all() { table.clear(); }
  void finish_queue(unsigned queue) {
    std::erase_if(table, [queue](const Unit& u) { return u.queue == queue; });
  }

  void cycle() {
    dut->sqe_valid_i = 0;
    dut->occupied_i = 0;
    std::array<unsigned, kChannels> units{};
    for (const Unit& u : table) {
      dut->occupied_i |= 1U << u.queue;
      if (u.channel >= 0) ++units.at(static_cast<unsigned>(u.channel));
    }
    dut->units_i = 0;
    dut->room_i = 0;
    for (unsigned c = 0; c < kChannels; ++c) {
      dut->units_i |= static_cast<std::uint16_t>(units.at(c) << 4 * c);
      if (units.at(c) < kChannelUnits) dut->room_i |= 1U << c;
    }
    for (unsigned q = 0; q < kQueues; ++q) {
      if (queues_.at(q).empty()) continue;
      dut->sqe_valid_i |= 1U << q;
      std::memcpy(&dut->sqe_i[16 * q], &queues_.at(q).front(), sizeof(pp_sqe));
    }
    dut->free_i = table.size() < kSlots;
    dut->bulk_i = static_cast<std::uint8_t>(std::ranges::count_if(table, &Unit::bulk));
    dut->count_i = 0;
    for (const Unit& u : table) dut->count_i += 1U << 5 * u.queue;
    dut->now_ready_i = 1;
    dut.settle();
    bool allocated = false;
    Unit unit;
    if (dut->alloc_o != 0) {
      allocated = true;
      unit.queue = dut->alloc_qid_o;
      unit.tag = dut->alloc_tag_o;
      for (unsigned c = 0; c < kChannels; ++c) {
        if (dut->job_valid_o != 1U << c) continue;
        unit.channel = static_cast<int>(c);
        EXPECT_NE(dut->room_i & 1U << c, 0U) << "no room in channel " << c;
      }
      EXPECT_EQ(unit.channel < 0, dut->now_valid_o != 0);
      EXPECT_EQ(unit.channel >= 0, dut->inject_valid_o != 0);
      EXPECT_TRUE(unit.channel < 0 || dut->inject_qid_o == unit.queue);
      unit.status = dut->now_status_o;
      unit.detail = dut->now_detail_o;
      unit.bulk = dut->alloc_bulk_o != 0;
      EXPECT_EQ(unit.bulk, unit.channel < static_cast<int>(kEngines));
    } else {
      EXPECT_EQ(dut->job_valid_o, 0);
      EXPECT_EQ(dut->now_valid_o, 0);
    }
    const unsigned taken = dut->sqe_ready_o;
    dut.edge();
    for (unsigned q = 0; q < kQueues; ++q) {
      if ((taken >> q & 1) != 0) queues_.at(q).pop_front();
    }
    if (allocated) {
      table.push_back(unit);
      went.push_back(unit);
    }
  }
  void run(int cycles) {
    for (int i = 0; i < cycles; ++i) cycle();
  }
  void pulse_clear() {
    dut->clear_i = (1U << kQueues) - 1;
    cycle();
    dut->clear_i = 0;
  }
  [[nodiscard]] std::vector<unsigned> order() const {
    std::vector<unsigned> queues;
    for (const Unit& u : went) queues.push_back(u.queue);
    return queues;
  }

  Clocked<Vscheduler_bench> dut;
  std::vector<Unit> table;  // dispatched and not finished
  std::vector<Unit> went;

 private:
  std::array<std::deque<pp_sqe>, kQueues> queues_;
  std::uint64_t tag_ = 0;
};

TEST(Scheduler, ServesClassesStrictlyAndQueuesOfAClassInTurn) {
  SchedulerBench bench;
  bench.set_class(2, 5);
  for (unsigned q = 0; q < kQueues; ++q) {
    for (int i = 0; i < 3; ++i) bench.submit(q, PP_OP_COMPRESS);
  }
  for (int i = 0; i < 100; ++i) {
    bench.cycle();
    bench.finish_all();
  }
  EXPECT_EQ(bench.order(), (std::vector<unsigned>{2, 2, 2, 0, 1, 3, 0, 1, 3, 0, 1, 3}));
}

// Compressions fill their channels; a decompression behind them in another queue goes.
TEST(Scheduler, LetsADecompressionPass) {
  SchedulerBench bench;
  for (int i = 0; i < 20; ++i) bench.submit(0, PP_OP_COMPRESS);
  bench.run(100);
  EXPECT_EQ(bench.went.size(), kEngines * kChannelUnits);
  bench.submit(1, PP_OP_DECOMPRESS);
  bench.run(10);
  ASSERT_EQ(bench.went.size(), kEngines * kChannelUnits + 1);
  EXPECT_GE(bench.went.back().channel, static_cast<int>(kEngines));
}

TEST(Scheduler, SpreadsUnitsOverTheEngines) {
  SchedulerBench bench;
  for (int i = 0; i < 6; ++i) bench.submit(0, PP_OP_COMPRESS);
  for (int i = 0; i < 6; ++i) bench.submit(1, PP_OP_DECOMPRESS);
  bench.run(100);
  std::array<unsigned, kChannels> units{};
  for (const Unit& u : bench.went) ++units.at(static_cast<unsigned>(u.channel));
  EXPECT_EQ(units, (std::array<unsigned, kChannels>{3, 3, 3, 3}));
  // The one with fewer units gets the next one.
  bench.finish(1);
  bench.finish(1);
  bench.submit(2, PP_OP_COPY);
  bench.run(10);
  EXPECT_EQ(bench.went.back().channel, 1);
}

TEST(Scheduler, HoldsAQueueBehindItsNop) {
  SchedulerBench bench;
  bench.submit(0, PP_OP_COMPRESS);
  bench.submit(0, PP_OP_NOP);
  bench.submit(0, PP_OP_COMPRESS);
  bench.submit(1, PP_OP_COMPRESS);
  bench.run(50);
  EXPECT_EQ(bench.order(), (std::vector<unsigned>{0, 1}));  // the NOP waits, queue 1 does not
  bench.finish_queue(0);
  bench.run(50);
  ASSERT_EQ(bench.went.size(), 3U);
  EXPECT_EQ(bench.went.back().channel, -1);
  EXPECT_EQ(bench.went.back().status, PP_STATUS_OK);
  bench.finish_queue(0);
  bench.run(50);
  ASSERT_EQ(bench.went.size(), 4U);
  EXPECT_GE(bench.went.back().channel, 0);
}

TEST(Scheduler, PutsRoomInTheCompletionRingAside) {
  SchedulerBench bench;
  bench.set_ring(0, 2);
  bench.pulse_clear();
  for (int i = 0; i < 12; ++i) bench.submit(0, i % 2 == 0 ? PP_OP_FILL_CHECK : 77);
  for (int i = 0; i < 100; ++i) {
    bench.cycle();
    bench.finish_all();
  }
  EXPECT_EQ(bench.went.size(), 4U);
  bench.dut.settle();
  EXPECT_EQ(bench.dut->stall_o, 1U);
  bench.submit(1, PP_OP_COMPRESS);
  bench.run(10);
  EXPECT_EQ(bench.went.back().queue, 1U) << "others go on";
  bench.consume(0);
  for (int i = 0; i < 100; ++i) {
    bench.cycle();
    bench.finish_all();
  }
  EXPECT_EQ(bench.went.size(), 6U);
  // Where completions are discarded, nothing waits for room.
  bench.dut->cq_dead_i = 1;
  for (int i = 0; i < 100; ++i) {
    bench.cycle();
    bench.finish_all();
  }
  EXPECT_EQ(bench.went.size(), 13U);
}

TEST(Scheduler, EndsUnitsOfAnAbortedQueueBehindThoseInside) {
  SchedulerBench bench;
  for (int i = 0; i < 10; ++i) bench.submit(0, PP_OP_COMPRESS);
  bench.run(50);
  const std::size_t inside = bench.went.size();
  EXPECT_EQ(inside, kEngines * kChannelUnits);
  bench.dut->abort_i = 1;
  bench.run(50);
  EXPECT_EQ(bench.went.size(), inside);
  for (int i = 0; i < 50; ++i) {
    bench.finish_all();
    bench.cycle();
  }
  ASSERT_EQ(bench.went.size(), 10U);
  for (std::size_t i = inside; i < 10; ++i) {
    EXPECT_EQ(bench.went[i].channel, -1);
    EXPECT_EQ(bench.went[i].status, PP_STATUS_ABORTED);
  }
}

TEST(Scheduler, RefusesBadDescriptors) {
  SchedulerBench bench;
  bench.submit(3, 200);
  bench.submit(3, PP_OP_COMPRESS, 0x8000);
  for (int i = 0; i < 20; ++i) {
    bench.cycle();
    bench.finish_all();
  }
  ASSERT_EQ(bench.went.size(), 2U);
  EXPECT_EQ(bench.went[0].status, PP_STATUS_BAD_DESCRIPTOR);
  EXPECT_EQ(bench.went[0].detail, PP_BAD_OPCODE);
  EXPECT_EQ(bench.went[1].detail, PP_BAD_FLAGS);
}

// Behind a unit that takes its time, what needs no engine holds no slot.
TEST(Scheduler, LetsBadDescriptorsHoldNoSlots) {
  SchedulerBench bench;
  bench.submit(0, PP_OP_COMPRESS);
  for (int i = 0; i < 40; ++i) bench.submit(0, i % 2 == 0 ? 99 : PP_OP_COMPRESS, 0x4000);
  bench.run(200);
  EXPECT_EQ(bench.went.size(), 1U);
  bench.submit(1, PP_OP_DECOMPRESS);
  bench.submit(2, PP_OP_NOP);
  bench.submit(3, PP_OP_COMPRESS);
  bench.run(20);
  EXPECT_EQ(bench.went.size(), 4U);
  bench.finish_queue(0);
  for (int i = 0; i < 400; ++i) {
    bench.cycle();
    bench.finish_queue(0);
  }
  EXPECT_EQ(bench.went.size(), 44U);
}

// Units that are done wait in their slots for older ones of their queue.
TEST(Scheduler, BoundsTheSlotsOfAQueueAndOfCompressions) {
  SchedulerBench bench;
  for (unsigned q = 0; q < kQueues; ++q) {
    for (int i = 0; i < 40; ++i) bench.submit(q, PP_OP_COMPRESS);
  }
  const auto out_of_channels = [&bench] {
    for (Unit& u : bench.table) u.channel = -1;
  };
  for (int i = 0; i < 100; ++i) {
    bench.cycle();
    out_of_channels();
  }
  EXPECT_EQ(bench.table.size(), kSlots - kReserved);
  for (unsigned q = 0; q < kQueues; ++q)
    EXPECT_LE(std::ranges::count(bench.order(), q), kQueueUnits);
  bench.finish_all();
  bench.went.clear();
  SchedulerBench one;
  for (int i = 0; i < 40; ++i) one.submit(2, PP_OP_DECOMPRESS);
  for (int i = 0; i < 100; ++i) {
    one.cycle();
    for (Unit& u : one.table) u.channel = -1;
  }
  EXPECT_EQ(one.table.size(), kQueueUnits);
}

// A queue whose decompressions go at any time does not decide who of the others is next.
TEST(Scheduler, StarvesNobodyInsideAClass) {
  SchedulerBench bench;
  for (int i = 0; i < 200; ++i) {
    bench.submit(0, PP_OP_COMPRESS);
    bench.submit(1, PP_OP_COMPRESS);
    bench.submit(3, PP_OP_DECOMPRESS);
  }
  for (int i = 0; i < 1500; ++i) {
    bench.cycle();
    for (const unsigned channel : {2U, 3U}) bench.finish(channel);
    if (i % 20 == 0) bench.finish(0);
  }
  std::array<long, kQueues> went{};
  for (const Unit& u : bench.went) ++went.at(u.queue);
  EXPECT_GT(went[0], 10);
  EXPECT_LE(std::abs(went[0] - went[1]), 2);
}

TEST(Scheduler, MarksAUnitThatIsToFail) {
  SchedulerBench bench;
  bench.dut->inject_kind_i = PP_INJECT_FLIP_OUTPUT;
  bench.submit(2, PP_OP_COMPRESS);
  for (int i = 0; i < 20; ++i) {
    bench.cycle();
    bench.dut.settle();
    if (bench.dut->inject_valid_o != 0) EXPECT_EQ(bench.dut->job_inject_o, PP_INJECT_FLIP_OUTPUT);
  }
  EXPECT_EQ(bench.went.size(), 1U);
}

// Whatever the load, a queue gives its units in order, and all of them in the end.
TEST(Scheduler, KeepsTheOrderOfEachQueue) {
  SchedulerBench bench;
  Random random(5);
  constexpr unsigned kUnits = 3000;
  unsigned submitted = 0;
  for (int cycle = 0; cycle < 60000 && bench.went.size() < kUnits; ++cycle) {
    if (submitted < kUnits && random.percent(60)) {
      bench.submit(static_cast<unsigned>(random.below(kQueues)),
                   static_cast<std::uint8_t>(random.below(8)));
      ++submitted;
    }
    if (cycle % 512 == 0) {
      for (unsigned q = 0; q < kQueues; ++q)
        bench.set_class(q, static_cast<unsigned>(random.below(8) & random.below(8)));
    }
    bench.cycle();
    if (!bench.table.empty() && random.percent(50)) {
      const std::uint64_t at = random.below(bench.table.size());
      bench.consume(bench.table[at].queue);
      bench.table.erase(bench.table.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  ASSERT_EQ(bench.went.size(), kUnits);
  std::array<std::uint64_t, kQueues> last{};
  for (const Unit& u : bench.went) {
    EXPECT_GT(u.tag, last.at(u.queue));
    last.at(u.queue) = u.tag;
  }
}

}  // namespace
}  // namespace pagepress::bench
