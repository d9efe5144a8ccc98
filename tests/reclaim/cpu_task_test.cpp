// SPDX-License-Identifier: Apache-2.0
// Tasks: owed time, waits, and what goes wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <vector>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr Ns kMs = 1'000'000;

// A task alone on a core; what it notes.
json alone(const std::function<void(Task&, json&)>& body) {
  return simulated([&] {
    Scheduler scheduler(free_switching(1), nullptr);
    json seen = json::array();
    scheduler.spawn({.name = "task", .group = "task"}, [&](Task& task) { body(task, seen); });
    simulate(scheduler);
    return seen;
  });
}

TEST(Task, ChargedTimeIsTakenWithTheNext) {
  EXPECT_EQ(alone([](Task& task, json& seen) {
              task.charge(300);
              task.charge(200);
              seen.push_back(now_ns());
              task.run(1'000);
              seen.push_back(now_ns());
              task.charge(10);
              task.settle();
              task.settle();
              seen.push_back(now_ns());
              seen.push_back(task.work_ns());
            }),
            json({0, 1'500, 1'510, 1'510}));
}

TEST(Task, NoMoreIsOwedThanALittle) {
  EXPECT_EQ(alone([](Task& task, json& seen) {
              task.charge(3'999);
              seen.push_back(now_ns());
              task.charge(1);
              seen.push_back(now_ns());
              task.charge(1);
              task.sleep(0);
              seen.push_back(now_ns());
            }),
            json({0, 4'000, 4'001}));
}

TEST(Task, SleepsAndTheEndTakeWhatIsOwed) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    Task& task = scheduler.spawn({.name = "a", .group = "a"}, [](Task& self) {
      self.charge(100);
      self.sleep(1'000);
      self.charge(10);
    });
    simulate(scheduler);
    return json{now_ns(), task.cpu_ns(), task.work_ns()};
  });
  EXPECT_EQ(result, json({1'110, 110, 110}));
}

TEST(Task, ZeroTakesNoTime) {
  EXPECT_EQ(alone([](Task& task, json& seen) {
              task.run(0);
              task.charge(0);
              task.settle();
              seen.push_back(now_ns());
            }),
            json::array({0}));
}

TEST(Task, AnEventWakesATask) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(2), nullptr);
    sc_core::sc_event event;
    json seen = json::array();
    scheduler.spawn({.name = "waits", .group = "a"}, [&](Task& task) {
      task.wait(event);
      seen.push_back(now_ns());
      seen.push_back(task.wait_for(event, 100));
      seen.push_back(now_ns());
      seen.push_back(task.wait_for(event, 0));
      seen.push_back(task.wait_for(event, kMs));
      seen.push_back(now_ns());
      seen.push_back(task.cpu_ns());
    });
    scheduler.spawn({.name = "wakes", .group = "a"}, [&](Task& task) {
      task.run(500);
      event.notify();
      task.run(500);
      event.notify();
    });
    simulate(scheduler);
    return seen;
  });
  EXPECT_EQ(result, json({500, false, 600, false, true, 1'000, 0}));
}

// The waker cannot know that the other still pays what it owes.
TEST(Task, AnEventBesideADebtIsNotLost) {
  for (const bool timed : {false, true}) {
    const json result = simulated([timed] {
      Scheduler scheduler(free_switching(2), nullptr);
      sc_core::sc_event event;
      json seen = json::array();
      scheduler.spawn({.name = "waits", .group = "a"}, [&](Task& task) {
        task.charge(1'000);
        if (timed) {
          seen.push_back(task.wait_for(event, 5'000));
        } else {
          task.wait(event);
          seen.push_back(true);
        }
        seen.push_back(now_ns());
        seen.push_back(task.cpu_ns());
      });
      scheduler.spawn({.name = "wakes", .group = "a"}, [&](Task& task) {
        task.run(500);
        event.notify();
      });
      simulate(scheduler);
      return seen;
    });
    EXPECT_EQ(result, json({true, 1'000, 1'000})) << timed;
  }
}

TEST(Task, AnEventAtTheTimeOutCounts) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(2), nullptr);
    sc_core::sc_event event;
    json seen = json::array();
    scheduler.spawn({.name = "waits", .group = "a"},
                    [&](Task& task) { seen.push_back(task.wait_for(event, 500)); });
    event.notify(sc_core::sc_time(500, sc_core::SC_NS));
    simulate(scheduler);
    return seen;
  });
  EXPECT_EQ(result, json::array({true}));
}

TEST(Task, WhatBlocksByItselfLeavesTheCore) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    json seen = json::array();
    scheduler.spawn({.name = "blocks", .group = "blocks"}, [&](Task& task) {
      task.charge(10);
      task.block([] { sc_core::wait(sc_core::sc_time(1, sc_core::SC_MS)); });
      seen.push_back(now_ns());
    });
    scheduler.spawn({.name = "other", .group = "other"}, [&](Task& task) {
      task.run(kMs / 2);
      seen.push_back(now_ns());
    });
    simulate(scheduler);
    return json{seen, cpu_by_group(scheduler)};
  });
  EXPECT_EQ(result[0], json({10 + kMs / 2, 10 + kMs}));
  EXPECT_EQ(result[1], json({{"blocks", 10}, {"other", kMs / 2}}));
}

// A register read stalls the CPU: nobody else has it meanwhile, and it is paid for.
TEST(Task, AStallKeepsTheCore) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    Ns end = 0;
    scheduler.spawn({.name = "stalls", .group = "stalls"}, [&](Task& task) {
      sc_core::wait(sc_core::sc_time(10, sc_core::SC_MS));  // over its slice
      end = now_ns();
      task.run(kMs);
    });
    scheduler.spawn({.name = "other", .group = "other"}, [](Task& task) { task.run(2 * kMs); });
    simulate(scheduler);
    json ends = {end, now_ns()};
    for (const auto& use : scheduler.group_use()) {
      ends.push_back(use.cpu_ns);
      ends.push_back(use.work_ns);
    }
    return ends;
  });
  // The other runs from 10 ms to 12, as the slice of the first was over.
  EXPECT_EQ(result, json({10 * kMs, 13 * kMs, 11 * kMs, kMs, 2 * kMs, 2 * kMs}));
}

TEST(Task, TasksAreMadeDuringTheRun) {
  EXPECT_EQ(alone([](Task& task, json& seen) {
              task.run(100);
              Scheduler& scheduler = task.scheduler();
              sc_core::sc_event done;
              scheduler.spawn({.name = "child", .group = "child"}, [&](Task& child) {
                child.run(50);
                seen.push_back(now_ns());
                seen.push_back(&scheduler.current() == &child);
                done.notify();
              });
              task.wait(done);
              seen.push_back(&scheduler.current() == &task);
            }),
            json({150, true, true}));
}

TEST(Task, AnExceptionEndsTheSimulation) {
  const auto body = [] {
    Scheduler scheduler(free_switching(2), nullptr);
    scheduler.spawn({.name = "fails", .group = "a"}, [](Task& task) {
      task.run(1'000);
      throw std::runtime_error("out of luck");
    });
    scheduler.spawn({.name = "goes on", .group = "a"}, [](Task& task) {
      for (;;) task.run(100);
    });
    simulate(scheduler);
    return json();
  };
  try {
    simulated(body);
    FAIL() << "no exception";
  } catch (const std::exception& error) {
    EXPECT_THAT(error.what(), HasSubstr("out of luck"));
  }
}

TEST(Task, WhatCannotBeIsRefused) {
  const json messages = simulated([] {
    Scheduler scheduler(free_switching(1, 1), nullptr);
    json said = json::array();
    const auto refused = [&](TaskConfig config) {
      try {
        scheduler.spawn(std::move(config), [](Task&) {});
        said.push_back("nothing");
      } catch (const std::invalid_argument& error) {
        said.push_back(error.what());
      }
    };
    refused({.name = "a", .group = "a"});
    refused({.name = "a", .group = "a"});
    refused({.name = "b", .group = "a", .nice = 20});
    refused({.name = "c", .group = "a", .cores = "middle"});
    try {
      (void)scheduler.current();
    } catch (const std::logic_error& error) {
      said.push_back(error.what());
    }
    said.push_back(scheduler.current_or_null() == nullptr);
    simulate(scheduler);
    said.push_back(scheduler.group_use().size());
    return said;
  });
  ASSERT_EQ(messages.size(), 7u);
  EXPECT_EQ(messages[0], "nothing");
  EXPECT_THAT(messages[1], HasSubstr("task 'a'"));
  EXPECT_THAT(messages[2], HasSubstr("nice 20"));
  EXPECT_THAT(messages[3], HasSubstr("'middle': there are 'big', 'little'"));
  EXPECT_THAT(messages[4], HasSubstr("outside of a task"));
  EXPECT_EQ(messages[5], true);
  EXPECT_EQ(messages[6], 1);
}

}  // namespace
}  // namespace pagepress::reclaim
