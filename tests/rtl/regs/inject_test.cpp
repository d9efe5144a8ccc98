// SPDX-License-Identifier: Apache-2.0
// Injection: which events are hit, and what the registers show meanwhile.
#include <Vpp_inject.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

class Bench {
 public:
  void write(std::uint32_t offset, std::uint32_t data, std::uint8_t strobes = 0xf) {
    begin_write(offset, data, strobes);
    dut_.edge();
    dut_->wr_sel_i = 0;
  }
  void begin_write(std::uint32_t offset, std::uint32_t data, std::uint8_t strobes) {
    dut_->wr_sel_i = 1;
    dut_->wr_offset_i = static_cast<std::uint16_t>(offset);
    dut_->wr_data_i = data;
    dut_->wr_strb_i = strobes;
  }
  std::uint32_t read(std::uint32_t offset) {
    dut_->rd_offset_i = static_cast<std::uint16_t>(offset);
    dut_.settle();
    return dut_->rd_data_o;
  }
  void arm(std::uint32_t kind, std::uint32_t queue, std::uint32_t pass, std::uint32_t hits) {
    write(PP_REG_INJECT_COUNT, hits << 16 | pass);
    write(PP_REG_INJECT, PP_INJECT_ARMED | queue << 8 | kind);
  }
  // The fault that this unit is to suffer.
  unsigned unit(unsigned queue) {
    dut_->unit_valid_i = 1;
    dut_->unit_qid_i = static_cast<std::uint8_t>(queue);
    dut_.settle();
    const unsigned kind = dut_->unit_kind_o;
    dut_.edge();
    dut_->unit_valid_i = 0;
    return kind;
  }
  bool message_dropped(unsigned queue) {
    dut_->irq_valid_i = 1;
    dut_->irq_qid_i = static_cast<std::uint8_t>(queue);
    dut_.settle();
    const bool drop = dut_->irq_drop_o != 0;
    dut_.edge();
    dut_->irq_valid_i = 0;
    return drop;
  }
  [[nodiscard]] bool armed() { return (read(PP_REG_INJECT) & PP_INJECT_ARMED) != 0; }
  Clocked<Vpp_inject>& dut() { return dut_; }

 private:
  Clocked<Vpp_inject> dut_;
};

TEST(Inject, DoesNothingUntilArmed) {
  Bench bench;
  EXPECT_EQ(bench.read(PP_REG_INJECT), 0U);
  EXPECT_EQ(bench.read(PP_REG_INJECT_COUNT), 0U);
  EXPECT_EQ(bench.read(PP_REG_INJECT_ARG), 0U);
  bench.write(PP_REG_INJECT_COUNT, 5U << 16);
  bench.write(PP_REG_INJECT, PP_INJECT_DMA_READ);
  EXPECT_EQ(bench.unit(0), 0U);
  EXPECT_FALSE(bench.message_dropped(0));
}

TEST(Inject, LetsTheFirstPassAndHitsTheNext) {
  for (unsigned kind = PP_INJECT_BAD_COMPLETION; kind <= PP_INJECT_FLIP_OUTPUT; ++kind) {
    Bench bench;
    bench.arm(kind, 3, 4, 2);
    const std::vector<unsigned> expected = {0, 0, 0, 0, kind, kind, 0, 0};
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(bench.armed(), i < 6) << i;
      EXPECT_EQ(bench.unit(2), 0U) << "of another queue";
      EXPECT_FALSE(bench.message_dropped(3)) << "no unit";
      EXPECT_EQ(bench.unit(3), expected[i]) << i;
    }
    EXPECT_EQ(bench.read(PP_REG_INJECT), 3U << 8 | kind);
    EXPECT_EQ(bench.read(PP_REG_INJECT_COUNT), 2U << 16 | 4U);
  }
}

TEST(Inject, DropsMessages) {
  Bench bench;
  bench.arm(PP_INJECT_DROP_IRQ, 200, 1, 1);
  EXPECT_EQ(bench.unit(200), 0U);
  EXPECT_FALSE(bench.message_dropped(199));
  EXPECT_FALSE(bench.message_dropped(200));
  EXPECT_TRUE(bench.message_dropped(200));
  EXPECT_FALSE(bench.armed());
  EXPECT_FALSE(bench.message_dropped(200));
}

TEST(Inject, CanHitEveryQueue) {
  Bench bench;
  bench.arm(PP_INJECT_FLIP_OUTPUT, PP_INJECT_ALL_QUEUES, 0, 3);
  EXPECT_EQ(bench.unit(0), PP_INJECT_FLIP_OUTPUT);
  EXPECT_EQ(bench.unit(255), PP_INJECT_FLIP_OUTPUT);
  EXPECT_EQ(bench.unit(7), PP_INJECT_FLIP_OUTPUT);
  EXPECT_EQ(bench.unit(7), 0U);
  // Queue 0x00ff is one queue.
  bench.arm(PP_INJECT_DROP_IRQ, 0xff, 0, 1);
  EXPECT_FALSE(bench.message_dropped(1));
  EXPECT_TRUE(bench.message_dropped(255));
  // So is one that no device has.
  bench.arm(PP_INJECT_DROP_IRQ, 0x100, 0, 1);
  EXPECT_FALSE(bench.message_dropped(0));
}

TEST(Inject, IsDisarmedByWhatCannotHit) {
  Bench bench;
  bench.arm(PP_INJECT_DMA_READ, 0, 3, 0);
  EXPECT_FALSE(bench.armed()) << "no hits";
  bench.arm(PP_INJECT_NONE, 0, 0, 1);
  EXPECT_FALSE(bench.armed());
  bench.arm(PP_INJECT_DROP_IRQ + 1, 0, 0, 1);
  EXPECT_FALSE(bench.armed()) << "unknown kind";
  EXPECT_EQ(bench.unit(0), 0U);
  bench.arm(0x80 + PP_INJECT_DMA_READ, 0, 0, 1);
  EXPECT_FALSE(bench.armed()) << "unknown kind";
  bench.arm(PP_INJECT_DMA_READ, 0, 0, 1);
  EXPECT_TRUE(bench.armed());
  bench.write(PP_REG_INJECT, PP_INJECT_DMA_READ);
  EXPECT_FALSE(bench.armed()) << "written without ARMED";
  EXPECT_EQ(bench.unit(0), 0U);
}

TEST(Inject, StartsAnewWithEveryWrite) {
  Bench bench;
  bench.arm(PP_INJECT_DMA_WRITE, 1, 2, 2);
  EXPECT_EQ(bench.unit(1), 0U);
  // A new count alone does not touch what is armed ...
  bench.write(PP_REG_INJECT_COUNT, 1U << 16 | 1U);
  EXPECT_EQ(bench.unit(1), 0U);
  EXPECT_EQ(bench.unit(1), PP_INJECT_DMA_WRITE);
  EXPECT_TRUE(bench.armed());
  // ... but the next write of one byte of the register does.
  bench.write(PP_REG_INJECT, 0x80000000U, 0x8);
  EXPECT_EQ(bench.read(PP_REG_INJECT), PP_INJECT_ARMED | 1U << 8 | PP_INJECT_DMA_WRITE);
  EXPECT_EQ(bench.unit(1), 0U);
  EXPECT_EQ(bench.unit(1), PP_INJECT_DMA_WRITE);
  EXPECT_FALSE(bench.armed());
  // A disarmed register stays so if its top byte is left alone.
  bench.write(PP_REG_INJECT, PP_INJECT_ARMED | 1U << 8 | PP_INJECT_DMA_READ, 0x7);
  EXPECT_FALSE(bench.armed());
}

TEST(Inject, KeepsTheOtherBytes) {
  Bench bench;
  bench.write(PP_REG_INJECT_ARG, 0x11223344U);
  bench.write(PP_REG_INJECT_ARG, 0xaabbccddU, 0x5);
  EXPECT_EQ(bench.read(PP_REG_INJECT_ARG), 0x11bb33ddU);
  EXPECT_EQ(bench.dut()->arg_o, 0x11bb33ddU);
  bench.write(PP_REG_INJECT_COUNT, 0x55667788U, 0xa);
  EXPECT_EQ(bench.read(PP_REG_INJECT_COUNT), 0x55007700U);
  bench.write(PP_REG_INJECT_ARG + 4, ~0U);
  EXPECT_EQ(bench.read(PP_REG_INJECT_ARG), 0x11bb33ddU);
  EXPECT_EQ(bench.read(PP_REG_INJECT_ARG + 4), 0U);
}

// Units, messages and writes in any cycle, also the same one.
TEST(Inject, FollowsTheReference) {
  Bench bench;
  Clocked<Vpp_inject>& dut = bench.dut();
  Random random(9);
  unsigned kind = 0;
  unsigned queue = 0;
  unsigned pass = 0;
  unsigned hits = 0;  // 0: not armed
  unsigned found = 0;
  for (int i = 0; i < 200000; ++i) {
    const bool write = random.percent(2);
    const unsigned new_kind = static_cast<unsigned>(random.below(8));
    const unsigned new_queue =
        random.percent(25) ? 0xffffU : static_cast<unsigned>(random.below(4));
    const unsigned count = static_cast<unsigned>(random.below(4) << 16 | random.below(6));
    if (write) {
      bench.write(PP_REG_INJECT_COUNT, count);
      bench.begin_write(PP_REG_INJECT, PP_INJECT_ARMED | new_queue << 8 | new_kind, 0xf);
    }
    const bool unit = random.percent(30);
    const unsigned unit_queue = static_cast<unsigned>(random.below(4));
    const bool message = random.percent(30);
    const unsigned message_queue = static_cast<unsigned>(random.below(4));
    dut->unit_valid_i = unit;
    dut->unit_qid_i = static_cast<std::uint8_t>(unit_queue);
    dut->irq_valid_i = message;
    dut->irq_qid_i = static_cast<std::uint8_t>(message_queue);
    dut.settle();
    const bool drops = kind == PP_INJECT_DROP_IRQ;
    const bool event = hits != 0 && (drops ? message : unit) &&
                       (queue == 0xffffU || queue == (drops ? message_queue : unit_queue));
    const bool hit = event && pass == 0;
    ASSERT_EQ(dut->unit_kind_o, hit && !drops ? kind : 0U) << i;
    ASSERT_EQ(dut->irq_drop_o != 0, hit && drops) << i;
    found += hit ? 1 : 0;
    if (hit) {
      --hits;
    } else if (event) {
      --pass;
    }
    if (write) {
      kind = new_kind;
      queue = new_queue;
      pass = count & 0xffffU;
      hits = kind == PP_INJECT_NONE || kind > PP_INJECT_DROP_IRQ ? 0 : count >> 16;
    }
    dut.edge();
    dut->wr_sel_i = 0;
    dut->unit_valid_i = 0;
    dut->irq_valid_i = 0;
    ASSERT_EQ(bench.armed(), hits != 0) << i;
  }
  EXPECT_GT(found, 1000U);
}

}  // namespace
}  // namespace pagepress::bench
