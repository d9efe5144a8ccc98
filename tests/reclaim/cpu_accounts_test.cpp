// SPDX-License-Identifier: Apache-2.0
// No CPU time is lost or had twice, and the same run is the same to the byte, whatever tasks do.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <sstream>
#include <stdexcept>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/stats/trace.hpp"
#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr Ns kMs = 1'000'000;

struct Random {
  std::uint64_t state;
  std::uint64_t operator()(std::uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  }
};

SchedulerConfig mixed() {
  SchedulerConfig config;
  config.cores = {{.name = "big", .count = 2, .speed = 1.0},
                  {.name = "little", .count = 2, .speed = 0.37},
                  {.name = "huge", .count = 1, .speed = 2.6}};
  config.slice_ns = 100'000;
  config.wakeup_granularity_ns = 30'000;
  config.sleeper_credit_ns = 100'000;
  return config;
}

// Tasks that do anything at random; each notes how much work it asked for.
class Soup {
 public:
  Soup(Scheduler& scheduler, std::size_t tasks, unsigned steps)
      : scheduler_(scheduler), events_(4), asked_(tasks) {
    static constexpr const char* kKinds[] = {"", "", "big", "little", "huge"};
    for (std::size_t i = 0; i < tasks; ++i) {
      tasks_.push_back(&scheduler.spawn({.name = "t" + std::to_string(i),
                                         .group = "g" + std::to_string(i % 3),
                                         .nice = static_cast<int>(i * 7 % 40) - 20,
                                         .cores = kKinds[i % 5]},
                                        [this, i, steps](Task& task) { live(task, i, steps); }));
    }
  }

  // Throws std::runtime_error if a task was not given what it asked for.
  void check_work() const {
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      if (tasks_[i]->work_ns() != asked_[i]) {
        throw std::runtime_error(tasks_[i]->config().name + " had " +
                                 std::to_string(tasks_[i]->work_ns()) + " of " +
                                 std::to_string(asked_[i]));
      }
    }
  }

  // Cores' and tasks' accounts must be the same at any time.
  void check_time() const {
    Ns of_tasks = 0, of_cores = 0, of_groups = 0;
    for (const Task* const task : tasks_) of_tasks += task->cpu_ns();
    for (const auto& use : scheduler_.group_use()) of_groups += use.cpu_ns;
    for (const auto& use : scheduler_.core_use()) {
      of_cores += use.busy_ns;
      if (use.busy_ns > now_ns()) throw std::runtime_error(use.name + " is busier than time");
    }
    if (of_tasks != of_cores || of_groups != of_cores) {
      throw std::runtime_error("tasks had " + std::to_string(of_tasks) + " of cores' " +
                               std::to_string(of_cores));
    }
  }

 private:
  void live(Task& task, std::size_t index, unsigned steps) {
    Random random{index + 1};
    for (unsigned step = 0; step < steps; ++step) {
      const Ns ns = 1 + random(random(4) == 0 ? 300'000 : 3'000);
      sc_core::sc_event& event = events_[random(events_.size())];
      switch (random(8)) {
        case 0:
          task.sleep(ns);
          break;
        case 1:
          event.notify();
          break;
        case 2:
          event.notify(sc_core::sc_time(static_cast<double>(ns) + 0.3, sc_core::SC_NS));
          break;
        case 3:
          (void)task.wait_for(event, ns);
          break;
        case 4:
          sc_core::wait(sc_core::sc_time(static_cast<double>(ns % 500) + 0.7, sc_core::SC_NS));
          break;
        case 5:
          asked_[index] += ns % 900;
          task.charge(ns % 900, "small");
          break;
        default:
          asked_[index] += ns;
          task.run(ns, random(2) == 0 ? "large" : nullptr);
      }
    }
  }

  Scheduler& scheduler_;
  std::deque<sc_core::sc_event> events_;
  std::vector<Ns> asked_;
  std::vector<const Task*> tasks_;
};

std::string traced_run() {
  return simulated([] {
           Trace trace({});
           Scheduler scheduler(mixed(), &trace);
           Soup soup(scheduler, 25, 300);
           simulate(scheduler);
           soup.check_work();
           std::ostringstream out;
           trace.write(out);
           return json(out.str());
         })
      .get<std::string>();
}

TEST(Accounts, EverybodyGetsWhatItAskedForAndNoTimeIsLost) {
  EXPECT_NO_THROW(simulated([] {
    Scheduler scheduler(mixed(), nullptr);
    Soup soup(scheduler, 40, 3'000);
    for (int i = 0; i < 500; ++i) {
      simulate(scheduler, 317'003);
      soup.check_time();
    }
    simulate(scheduler);
    soup.check_time();
    soup.check_work();
    return json();
  }));
}

TEST(Accounts, ACoreIsNotIdleWhileSomebodyWantsIt) {
  const json result = simulated([] {
    SchedulerConfig config = free_switching(3);
    config.slice_ns = 100'000;
    Scheduler scheduler(config, nullptr);
    for (int i = 0; i < 10; ++i) {
      const std::string name = std::to_string(i);
      scheduler.spawn({.name = name, .group = "a", .nice = i}, [](Task& task) {
        for (int step = 0; step < 30; ++step) task.run(kMs);
      });
    }
    simulate(scheduler);
    return json(now_ns());
  });
  EXPECT_GE(result, 100 * kMs);
  EXPECT_LE(result, 130 * kMs) << "but for the last one's end";
}

TEST(Accounts, TheSameRunIsTheSame) {
  const std::string first = traced_run();
  EXPECT_GT(first.size(), 100'000u);
  EXPECT_EQ(first, traced_run());
}

TEST(Accounts, ATraceChangesNothing) {
  const auto ends = [](bool traced) {
    return simulated([traced] {
      Trace trace({});
      Scheduler scheduler(mixed(), traced ? &trace : nullptr);
      const Soup soup(scheduler, 25, 300);
      simulate(scheduler);
      return json{now_ns(), cpu_by_group(scheduler), busy(scheduler)};
    });
  };
  EXPECT_EQ(ends(false), ends(true));
}

TEST(Accounts, TheTraceShowsEachCoresTime) {
  const json result = simulated([] {
    Trace trace({});
    Scheduler scheduler(mixed(), &trace);
    const Soup soup(scheduler, 25, 300);
    simulate(scheduler);
    std::ostringstream out;
    trace.write(out);
    return json{out.str(), busy(scheduler)};
  });
  const json file = json::parse(result[0].get<std::string>());
  std::map<int, std::uint64_t> busy_ns;
  std::map<int, double> end_us;
  for (const json& event : file["traceEvents"]) {
    if (event["ph"] != "X") continue;
    const int track = event["tid"];
    EXPECT_GE(event["ts"].get<double>() + 1e-6, end_us[track]) << "one at a time";
    end_us[track] = event["ts"].get<double>() + event["dur"].get<double>();
    busy_ns[track] += static_cast<std::uint64_t>(event["dur"].get<double>() * 1000 + 0.5);
  }
  for (std::size_t i = 0; i < result[1].size(); ++i) {
    EXPECT_EQ(busy_ns[static_cast<int>(i) + 1], result[1][i].get<Ns>()) << i;
  }
}

}  // namespace
}  // namespace pagepress::reclaim
