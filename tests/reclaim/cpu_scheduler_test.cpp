// SPDX-License-Identifier: Apache-2.0
// CPUs: what tasks get, when, and on which core.
#include "sim/reclaim/cpu/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

SchedulerConfig cores(std::uint64_t big, std::uint64_t little = 0) {
  SchedulerConfig config;
  config.cores = {{.name = "big", .count = big, .speed = 1.0}};
  if (little != 0) config.cores.push_back({.name = "little", .count = little, .speed = 0.5});
  config.context_switch_ns = 0;
  config.wake_ns = 0;
  return config;
}

void run_all(Scheduler& scheduler) {
  sc_core::sc_start();
  scheduler.rethrow_error();
}

TEST(Scheduler, TimeIsTheCoresSpeed) {
  const json result = simulated([] {
    Scheduler scheduler(cores(1, 1), nullptr);
    json ends;
    for (const char* kind : {"big", "little"}) {
      scheduler.spawn({.name = kind, .group = kind, .cores = kind}, [&ends, kind](Task& task) {
        task.run(1'000);
        ends[kind] = {now_ns(), task.cpu_ns(), task.work_ns()};
      });
    }
    run_all(scheduler);
    return ends;
  });
  EXPECT_EQ(result["big"], json({1'000, 1'000, 1'000}));
  EXPECT_EQ(result["little"], json({2'000, 2'000, 1'000}));
}

TEST(Scheduler, WeightsShareACore) {
  const json result = simulated([] {
    Scheduler scheduler(cores(1), nullptr);
    for (const int nice : {0, 5, -5}) {
      const std::string name = std::to_string(nice);
      scheduler.spawn({.name = name, .group = name, .nice = nice}, [](Task& task) {
        while (now_ns() < 10'000'000'000) task.run(700'000);
      });
    }
    sc_core::sc_start(sc_core::sc_time(10, sc_core::SC_SEC));
    scheduler.rethrow_error();
    json times;
    for (const auto& use : scheduler.group_use()) times[use.group] = use.cpu_ns;
    return times;
  });
  const double all = 1024 + 335 + 3121;
  EXPECT_NEAR(result["0"].get<double>(), 1e10 * 1024 / all, 1e7);
  EXPECT_NEAR(result["5"].get<double>(), 1e10 * 335 / all, 1e7);
  EXPECT_NEAR(result["-5"].get<double>(), 1e10 * 3121 / all, 1e7);
}

}  // namespace
}  // namespace pagepress::reclaim
