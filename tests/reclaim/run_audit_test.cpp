// SPDX-License-Identifier: Apache-2.0
// What a run looks at besides what its parts do: the audit of frames, and resources that can bind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <pagepress/cpu_codecs.hpp>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/run/audit.hpp"
#include "sim/reclaim/run/resources.hpp"
#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// What the audit says of a machine on which `taken` frames went to no store; empty: nothing.
std::string audit_with(std::uint64_t taken) {
  const json result = simulated([&]() -> json {
    Vmstat vmstat;
    Scheduler scheduler(free_switching(1), nullptr);
    const KernelCosts costs;
    Mm mm({.zones = {{"Normal", 16}}}, costs, scheduler, vmstat, nullptr);
    const Contents contents({});
    const auto store = make_swap_store({}, {}, costs, vmstat, mm, mm, contents, scheduler);
    const auto decoder = make_cpu_codec(cpu_codecs().front().make(0));
    if (!mm.take_frames(taken, true)) return "no frames";
    try {
      audit(mm, *store, contents, *decoder);
    } catch (const ConservationError& error) {
      return error.what();
    }
    return "";
  });
  return result.get<std::string>();
}

TEST(Audit, PoolFramesAreThoseOfTheStore) {
  EXPECT_EQ(audit_with(0), "");
  EXPECT_THAT(audit_with(3), HasSubstr("3 frames are given to the pool, it has 0"));
}

std::vector<std::string> names(const std::vector<ResourceUse>& uses) {
  std::vector<std::string> names;
  for (const ResourceUse& use : uses) names.push_back(use.name);
  return names;
}

TEST(Resources, TheSwapDeviceIsOneWhereThereIsOne) {
  const PolicyConfig kswapd = parse_policy("kswapd");
  const SwapStore::Use device{.device_places = 32, .device_busy_ns = 640};
  const auto with = resources(kswapd, {}, {}, {}, device);
  ASSERT_EQ(names(with).back(), "swap device");
  EXPECT_DOUBLE_EQ(with.back().busy_ns / with.back().units, 20.0);
  EXPECT_THAT(names(resources(kswapd, {}, {}, {}, {})),
              testing::Not(testing::Contains("swap device")))
      << "zram has none";
}

}  // namespace
}  // namespace pagepress::reclaim
