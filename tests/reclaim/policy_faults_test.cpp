// SPDX-License-Identifier: Apache-2.0
// Whatever a fault plan does to the device, no page is lost, and none comes back as another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/reclaim/policy_load.hpp"

namespace pagepress::reclaim {
namespace {

struct Case {
  const char* name;
  const char* spec;
  const char* plan;
};
std::ostream& operator<<(std::ostream& out, const Case& fault) { return out << fault.name; }

class Faults : public testing::TestWithParam<Case> {};

TEST_P(Faults, LoseNoPage) {
  const nlohmann::json run =
      play({.spec = GetParam().spec, .faults = GetParam().plan}, {.steps = 250, .folio_pages = 2});
  expect_consistent(run);
  EXPECT_FALSE(run["engine"]["faults"].empty()) << run["engine"].dump();
}

constexpr const char* kHang = "[[fault]]\nkind = 'stuck-engine'\nafter = 20\ncycles = 0\n";
constexpr const char* kReset = "[[fault]]\nkind = 'surprise-reset'\nafter = 30\n";
constexpr const char* kReadFault =
    "[[fault]]\nkind = 'dma-read-fault'\nafter = 50\ncount = 9\ntarget = 'data'\n";
constexpr const char* kWriteFault = "[[fault]]\nkind = 'dma-write-fault'\nafter = 30\ncount = 5\n";
constexpr const char* kLies =
    "[[fault]]\nkind = 'flipped-output'\nafter = 10\ncount = 8\nbit = 77\n"
    "[[fault]]\nkind = 'poisoned-completion'\nafter = 40\nbyte = 4\nmask = 255\ncount = 3\n";
constexpr const char* kLost = "[[fault]]\nkind = 'lost-completion'\nafter = 25\ncount = 2\n";
constexpr const char* kDead = "[[fault]]\nkind = 'dead-device'\nafter = 60\n";
constexpr const char* kNeverThere = "[[fault]]\nkind = 'dead-device'\nat_us = 0.1\n";
constexpr const char* kDropped = "[[fault]]\nkind = 'dropped-interrupt'\nafter = 2\ncount = 3\n";
constexpr const char* kStall = "[[fault]]\nkind = 'link-stall'\nafter = 10\nfor_us = 900.0\n";

INSTANTIATE_TEST_SUITE_P(
    Plans, Faults,
    testing::Values(Case{"hang", "engine", kHang}, Case{"reset", "engine", kReset},
                    Case{"read_fault", "engine", kReadFault},
                    Case{"write_fault", "engine@workers=2,split=shared", kWriteFault},
                    Case{"lies", "engine@same_filled=engine", kLies},
                    Case{"lost", "engine@policy=sync-newest,fifo_entries=16,batch=8", kLost},
                    Case{"dead", "engine", kDead}, Case{"never_there", "engine", kNeverThere},
                    Case{"dropped_interrupt", "engine@wait=interrupt,irq_count=1", kDropped},
                    Case{"stall", "engine@wait=hybrid", kStall},
                    Case{"swapin_hang", "engine@swapin_engine=1", kHang},
                    Case{"swapin_lies", "engine@swapin_engine=1", kLies},
                    Case{"swapin_dead", "engine@swapin_engine=1", kDead},
                    Case{"swapin_write_fault", "engine@swapin_engine=1", kWriteFault},
                    Case{"batch_hang", "batch@codec=engine:fast", kHang},
                    Case{"batch_reset", "batch@codec=engine:fast", kReset},
                    Case{"batch_lies", "batch@codec=engine:fast,swapin_engine=1", kLies},
                    Case{"batch_dead", "batch@codec=engine:fast", kDead}),
    [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace pagepress::reclaim
