// SPDX-License-Identifier: Apache-2.0
// Interrupt moderation against a model of a few lines.
#include <Vpp_irq_moderator.h>
#include <gtest/gtest.h>

#include <cstdint>

#include "tests/rtl/common/clocked.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {
namespace {

struct Mode {
  unsigned count;
  unsigned time;
  unsigned event_percent;
};

class IrqModerator : public testing::TestWithParam<Mode> {};

TEST_P(IrqModerator, FiresByCountOrTime) {
  const Mode& mode = GetParam();
  Clocked<Vpp_irq_moderator> dut;
  Random random(1);
  dut->count_i = static_cast<std::uint8_t>(mode.count);
  dut->time_i = mode.time;
  unsigned waiting = 0;
  std::uint64_t first = 0;  // cycle of the first event that waits
  unsigned fired = 0;
  for (int i = 0; i < 20000; ++i) {
    dut->enable_i = !random.percent(1);
    dut->event_i = random.percent(mode.event_percent);
    dut.settle();
    EXPECT_EQ(dut->waiting_o != 0, waiting != 0);
    bool fire = false;
    if (dut->enable_i == 0) {
      waiting = 0;
    } else {
      if (dut->event_i != 0 && waiting++ == 0) first = dut.cycle();
      fire = waiting != 0 && (waiting >= mode.count || dut.cycle() - first >= mode.time);
      if (fire) waiting = 0;
    }
    EXPECT_EQ(dut->fire_o != 0, fire) << "cycle " << dut.cycle();
    fired += fire ? 1 : 0;
    dut.edge();
  }
  EXPECT_GT(fired, 0U);
}

INSTANTIATE_TEST_SUITE_P(Modes, IrqModerator,
                         testing::Values(Mode{0, 100, 10}, Mode{1, 100, 50}, Mode{2, 50, 10},
                                         Mode{8, 20, 10}, Mode{8, 0, 30}, Mode{255, 1000, 90},
                                         Mode{4, 1, 50}));

}  // namespace
}  // namespace pagepress::bench
