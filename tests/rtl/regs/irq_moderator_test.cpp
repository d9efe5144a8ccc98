// SPDX-License-Identifier: Apache-2.0
// Interrupt moderation against a model of a few lines. A message is offered from the cycle
// after the event, or the moment, that makes it due.
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
  unsigned take_percent;  // chance that a message that is due is sent
  unsigned mask_percent;  // chance that the mask changes
  unsigned disable_percent = 1;
};

class IrqModerator : public testing::TestWithParam<Mode> {};

TEST_P(IrqModerator, IsDueByCountOrTime) {
  const Mode& mode = GetParam();
  const unsigned step = mode.count == 0 ? 1 : mode.count;
  Clocked<Vpp_irq_moderator> dut;
  Random random(1);
  dut->count_i = static_cast<std::uint8_t>(mode.count);
  dut->time_i = mode.time;
  unsigned waiting = 0;     // events, up to the cycle before
  std::uint64_t first = 0;  // cycle of the first one
  bool held = false;        // a message fell due while masked
  unsigned sent = 0;
  for (int i = 0; i < 20000; ++i) {
    dut->enable_i = !random.percent(mode.disable_percent);
    if (random.percent(mode.mask_percent)) dut->mask_i = dut->mask_i == 0;
    dut->event_i = random.percent(mode.event_percent);
    dut->take_i = 0;
    dut.settle();
    EXPECT_EQ(dut->waiting_o != 0, waiting != 0 && !(held && dut->mask_i != 0));
    const bool reached =
        held || waiting >= step || (waiting != 0 && dut.cycle() - first >= mode.time);
    const bool due = reached && dut->enable_i != 0 && dut->mask_i == 0;
    ASSERT_EQ(dut->due_o != 0, due) << "cycle " << dut.cycle();
    const bool take = due && random.percent(mode.take_percent);
    dut->take_i = take;
    if (dut->enable_i == 0) {
      waiting = 0;
      held = false;
    } else {
      if (take) {
        waiting = held || waiting < step ? 0 : waiting - step;
        first = dut.cycle();  // what is left has come by now
        held = false;
        ++sent;
      } else if (reached && dut->mask_i != 0) {
        held = true;
      }
      if (dut->event_i != 0) {
        if (waiting == 0) first = dut.cycle();
        if (waiting < 511) ++waiting;
      }
    }
    dut.edge();
  }
  EXPECT_GT(sent, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Modes, IrqModerator,
    testing::Values(Mode{0, 100, 10, 100, 0}, Mode{1, 100, 50, 100, 0}, Mode{2, 50, 10, 100, 0},
                    Mode{8, 20, 10, 100, 0}, Mode{8, 0, 30, 100, 0}, Mode{255, 1000, 90, 100, 0},
                    Mode{4, 1, 50, 100, 0}, Mode{0, 0, 50, 100, 0}, Mode{1, 0, 90, 100, 0},
                    // Messages that wait for their turn, so many that they reach the limit.
                    Mode{0, 100, 60, 50, 0}, Mode{3, 10, 40, 20, 0}, Mode{8, 20, 10, 30, 0},
                    Mode{0, 0, 30, 20, 0}, Mode{2, 5000, 90, 2, 0, 0},
                    // Masked for a while
                    Mode{0, 100, 10, 100, 5}, Mode{2, 50, 10, 70, 2}, Mode{8, 20, 10, 30, 1},
                    Mode{255, 300, 90, 100, 1}, Mode{1, 0, 5, 100, 20}));

}  // namespace
}  // namespace pagepress::bench
