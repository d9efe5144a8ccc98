// SPDX-License-Identifier: Apache-2.0
// CPUs: what tasks get, and when.
#include "sim/reclaim/cpu/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr Ns kMs = 1'000'000;
constexpr Ns kSecond = 1000 * kMs;

TEST(Scheduler, TimeIsTheCoresSpeed) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1, 1), nullptr);
    json ends;
    for (const char* kind : {"big", "little"}) {
      scheduler.spawn({.name = kind, .group = kind, .cores = kind}, [&ends, kind](Task& task) {
        task.run(1'000);
        ends[kind] = {now_ns(), task.cpu_ns(), task.work_ns()};
      });
    }
    simulate(scheduler);
    return ends;
  });
  EXPECT_EQ(result["big"], json({1'000, 1'000, 1'000}));
  EXPECT_EQ(result["little"], json({2'000, 2'000, 1'000}));
}

TEST(Scheduler, WeightsShareACore) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    for (const int nice : {0, 5, -5}) hog(scheduler, std::to_string(nice), nice);
    simulate(scheduler, 10 * kSecond);
    return cpu_by_group(scheduler);
  });
  const double all = 1024 + 335 + 3121;
  EXPECT_NEAR(result["0"].get<double>(), 1e10 * 1024 / all, 1e7);
  EXPECT_NEAR(result["5"].get<double>(), 1e10 * 335 / all, 1e7);
  EXPECT_NEAR(result["-5"].get<double>(), 1e10 * 3121 / all, 1e7);
}

// The steps of a heavy task are too short for a nanosecond of weighted time.
TEST(Scheduler, ShortStepsOfHeavyTasksCount) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    hog(scheduler, "heavy", -20, "", 60);
    hog(scheduler, "light", -18, "", 60);
    simulate(scheduler, 100 * kMs);
    return cpu_by_group(scheduler);
  });
  EXPECT_NEAR(result["heavy"].get<double>(), 1e8 * 88761 / (88761 + 56483), 4e6);
}

TEST(Scheduler, ThreeTasksShareTwoCores) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(2), nullptr);
    for (const char* name : {"a", "b", "c"}) hog(scheduler, name);
    simulate(scheduler, kSecond);
    return json{cpu_by_group(scheduler), busy(scheduler)};
  });
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_NEAR(result[0][name].get<double>(), 2e9 / 3, 6e6) << name;
  }
  EXPECT_EQ(result[1], json({kSecond, kSecond}));
}

TEST(Scheduler, SlicesAlternateInTheOrderOfCreation) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    json ends = json::array();
    for (const char* name : {"a", "b"}) {
      scheduler.spawn({.name = name, .group = name}, [&ends, name](Task& task) {
        task.run(9 * kMs);
        ends.push_back({name, now_ns()});
      });
    }
    simulate(scheduler);
    return ends;
  });
  EXPECT_EQ(result, json::array({json::array({"a", 15 * kMs}), json::array({"b", 18 * kMs})}));
}

TEST(Scheduler, ASwitchAndAWakeUpTakeTime) {
  const json result = simulated([] {
    SchedulerConfig config = free_switching(1);
    config.context_switch_ns = 1'500;
    config.wake_ns = 1'000;
    Scheduler scheduler(config, nullptr);
    json seen;
    Task& task = scheduler.spawn({.name = "a", .group = "a"}, [&](Task& self) {
      seen.push_back(now_ns());  // woken, switched to
      self.run(100);
      self.sleep(10'000);
      seen.push_back(now_ns());  // woken; its state is still there
      self.run(100);
      seen.push_back(now_ns());
    });
    simulate(scheduler);
    seen.push_back(task.cpu_ns());
    seen.push_back(task.work_ns());
    seen.push_back(scheduler.group_use().at(0).switches);
    return seen;
  });
  EXPECT_EQ(result, json({2'500, 13'600, 13'700, 1'700, 200, 1}));
}

TEST(Scheduler, WhoWakesPreemptsWhoHasHadMore) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    hog(scheduler, "hog");
    json late;
    scheduler.spawn({.name = "sleeper", .group = "sleeper"}, [&](Task& task) {
      for (int i = 0; i < 3; ++i) {
        const Ns asked = now_ns() + 20 * kMs;
        task.sleep(20 * kMs);
        late.push_back(now_ns() - asked);
        task.run(10'000);
      }
    });
    simulate(scheduler, 100 * kMs);
    return late;
  });
  EXPECT_EQ(result, json({0, 0, 0}));
}

TEST(Scheduler, WhoWakesHardlyBehindWaitsForTheSlice) {
  const json result = simulated([] {
    SchedulerConfig config = free_switching(1);
    config.sleeper_credit_ns = 500'000;  // less than the granularity
    Scheduler scheduler(config, nullptr);
    hog(scheduler, "hog");
    json seen = json::array();
    scheduler.spawn({.name = "sleeper", .group = "sleeper"}, [&](Task& task) {
      task.run(kMs);
      seen.push_back(now_ns());
      task.sleep(10 * kMs);
      seen.push_back(now_ns());
    });
    simulate(scheduler, 100 * kMs);
    return seen;
  });
  // The hog has slices from 0 to 3 ms, and from 4 on; the other wakes at 14.
  EXPECT_EQ(result, json({4 * kMs, 16 * kMs}));
}

TEST(Scheduler, OfEqualsWhoWasMadeFirstComesFirst) {
  const json result = simulated([] {
    SchedulerConfig config = free_switching(1);
    config.wake_ns = 100'000;
    Scheduler scheduler(config, nullptr);
    json order = json::array();
    scheduler.spawn({.name = "first", .group = "a"}, [&](Task& task) {
      task.sleep(50'000);  // queues after the last, with as little run time
      order.push_back("first");
    });
    hog(scheduler, "hog");
    scheduler.spawn({.name = "last", .group = "a"}, [&](Task&) { order.push_back("last"); });
    simulate(scheduler, 100 * kMs);
    return order;
  });
  EXPECT_EQ(result, json({"first", "last"}));
}

TEST(Scheduler, SleepIsNotSavedUp) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    hog(scheduler, "hog");
    Ns start = 0, end = 0;
    scheduler.spawn({.name = "late", .group = "late"}, [&](Task& task) {
      task.sleep(kSecond);
      start = now_ns();
      task.run(100 * kMs);
      end = now_ns();
    });
    simulate(scheduler, 2 * kSecond);
    return json(end - start);
  });
  // Not 100 ms in one go for having slept for a second.
  EXPECT_NEAR(result.get<double>(), 200e6, 7e6);
}

// The credit is against those who did not sleep, not against the sleeper before.
TEST(Scheduler, SleepersThatWakeTogetherDoNotOutbidEachOther) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    hog(scheduler, "hog");
    json order = json::array();
    for (Ns i = 0; i < 5; ++i) {
      const std::string name = std::to_string(i);
      scheduler.spawn({.name = name, .group = name}, [&order, i](Task& task) {
        task.sleep(100 * kMs + i * 1'000);
        task.run(2 * kMs);
        order.push_back(i);
      });
    }
    simulate(scheduler, 200 * kMs);
    return order;
  });
  EXPECT_EQ(result, json({0, 1, 2, 3, 4}));
}

TEST(Scheduler, AnUncontendedTaskIsNotDisturbed) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    scheduler.spawn({.name = "a", .group = "a"}, [](Task& task) {
      task.run(1);  // the first delta cycles
      const std::uint64_t before = sc_core::sc_delta_count();
      for (int i = 0; i < 100; ++i) task.run(10 * kMs);
      if (sc_core::sc_delta_count() - before != 100) throw std::runtime_error("more than waits");
    });
    simulate(scheduler);
    return json(now_ns());
  });
  EXPECT_EQ(result, 1 + 1000 * kMs);
}

TEST(Scheduler, WhatCannotBeIsRefused) {
  const auto refused = [](const SchedulerConfig& config) {
    try {
      simulated([&] {
        const Scheduler scheduler(config, nullptr);
        return json();
      });
    } catch (const std::exception& error) {
      return std::string(error.what());
    }
    return std::string("nothing");
  };
  using testing::HasSubstr;
  EXPECT_THAT(refused({}), HasSubstr("no core"));
  SchedulerConfig config = free_switching(1, 1);
  config.cores[1].speed = 0;
  EXPECT_THAT(refused(config), HasSubstr("'little': a speed of 0"));
  config = free_switching(1, 1);
  config.cores[1].name = "big";
  EXPECT_THAT(refused(config), HasSubstr("'big': there twice"));
  config = free_switching(1);
  config.slice_ns = 0;
  EXPECT_THAT(refused(config), HasSubstr("slice"));
  config = free_switching(1);
  config.placement = "middle";
  EXPECT_THAT(refused(config), HasSubstr("'middle'"));
}

}  // namespace
}  // namespace pagepress::reclaim
