// SPDX-License-Identifier: Apache-2.0
// CPUs: on which core a task runs.
#include <gtest/gtest.h>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr Ns kMs = 1'000'000;
constexpr Ns kSecond = 1000 * kMs;

TEST(Placement, BoundTasksStayOnTheirKind) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1, 1), nullptr);
    hog(scheduler, "a", 0, "little");
    hog(scheduler, "b", 0, "little");
    simulate(scheduler, kSecond);
    return json{cpu_by_group(scheduler), busy(scheduler), scheduler.runnable()};
  });
  EXPECT_EQ(result[1], json({0, kSecond}));
  EXPECT_NEAR(result[0]["a"].get<double>(), 5e8, 3e6);
  EXPECT_EQ(result[2], 1);
}

TEST(Placement, WhoWaitsTakesTheCoreOfWhoMovedAway) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1, 1), nullptr);
    Ns end = 0;
    scheduler.spawn({.name = "first", .group = "first"}, [](Task& task) { task.run(kMs); });
    scheduler.spawn({.name = "second", .group = "second"}, [&](Task& task) {
      task.run(10 * kMs);
      end = now_ns();
    });
    scheduler.spawn({.name = "bound", .group = "bound", .cores = "little"},
                    [](Task& task) { task.run(kMs); });
    simulate(scheduler);
    return json{end, busy(scheduler)};
  });
  // second has the little core until the end of its slice, then the big one, idle since 1 ms;
  // bound then has the little one.
  EXPECT_EQ(result, json({11'500'000, {9'500'000, 5 * kMs}}));
}

// The big core is idle, but nobody looked for it since.
TEST(Placement, WhoIsPushedAsideTakesAnIdleCore) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1, 1), nullptr);
    Ns end = 0;
    sc_core::sc_event go;
    scheduler.spawn({.name = "bound", .group = "bound", .cores = "little"}, [&](Task& task) {
      task.wait(go);
      task.run(kMs);
    });
    scheduler.spawn({.name = "first", .group = "first"}, [](Task& task) { task.run(kMs); });
    scheduler.spawn({.name = "second", .group = "second"}, [&](Task& task) {
      task.run(10 * kMs);
      end = now_ns();
    });
    go.notify(sc_core::sc_time(1'500, sc_core::SC_US));
    simulate(scheduler);
    return json{end, busy(scheduler)};
  });
  EXPECT_EQ(result, json({10'750'000, {10'250'000, 3'500'000}}));
}

TEST(Placement, TheFastestIdleCoreIsTaken) {
  for (const bool slowest : {false, true}) {
    const json result = simulated([slowest] {
      SchedulerConfig config = free_switching(2, 2);
      if (slowest) config.placement = "slowest";
      Scheduler scheduler(config, nullptr);
      for (const char* name : {"a", "b", "c"}) {
        scheduler.spawn({.name = name, .group = name}, [](Task& task) { task.run(kMs); });
      }
      simulate(scheduler);
      return busy(scheduler);
    });
    EXPECT_EQ(result, slowest ? json({kMs, 0, 2 * kMs, 2 * kMs}) : json({kMs, kMs, 2 * kMs, 0}));
  }
}

TEST(Placement, ATaskComesBackToItsCore) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(3), nullptr);
    for (const char* name : {"a", "b"}) {
      scheduler.spawn({.name = name, .group = name}, [name](Task& task) {
        task.run(name[0] == 'a' ? 1'000 : 2'000);
        task.sleep(10'000);
        task.run(100);
      });
    }
    simulate(scheduler);
    json uses = busy(scheduler);
    for (const auto& use : scheduler.group_use()) uses.push_back(use.switches);
    return uses;
  });
  EXPECT_EQ(result, json({1'100, 2'100, 0, 1, 1}));
}

TEST(Placement, ATaskMovesToAFasterCoreAtTheEndOfItsSlice) {
  for (const char* placement : {"fastest", "slowest"}) {
    const json result = simulated([placement] {
      SchedulerConfig config = free_switching(1, 1);
      config.placement = placement;
      Scheduler scheduler(config, nullptr);
      Ns end = 0;
      scheduler.spawn({.name = "first", .group = "first", .cores = "big"},
                      [](Task& task) { task.run(1 * kMs); });
      scheduler.spawn({.name = "second", .group = "second"}, [&](Task& task) {
        task.run(10 * kMs);
        end = now_ns();
      });
      simulate(scheduler);
      return json{end, busy(scheduler)};
    });
    // 3 ms of the slow core are worth 1.5 ms.
    EXPECT_EQ(result, json({11'500'000, {9'500'000, 3 * kMs}})) << placement;
  }
}

}  // namespace
}  // namespace pagepress::reclaim
