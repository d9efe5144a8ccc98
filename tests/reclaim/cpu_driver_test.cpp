// SPDX-License-Identifier: Apache-2.0
// The driver's clock and bus in tasks: pauses cost CPU time, sleeps and interrupts do not.
#include <gtest/gtest.h>

#include <utility>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/cpu/task_bus.hpp"
#include "sim/reclaim/cpu/task_clock.hpp"
#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr Ns kMs = 1'000'000;

// Interrupts as TlmBus has them; a register read takes 100 ns.
class EventBus final : public Bus {
 public:
  std::uint32_t read32(std::uint64_t offset) override {
    reads_at.push_back(now_ns());
    sc_core::wait(sc_core::sc_time(100, sc_core::SC_NS));
    return static_cast<std::uint32_t>(offset);
  }
  void write32(std::uint64_t, std::uint32_t) override { writes_at.push_back(now_ns()); }
  Iova map(void*, std::size_t, bool) override { return 1; }
  void unmap(Iova, std::size_t) override {}
  [[nodiscard]] unsigned vectors() const noexcept override { return 1; }
  bool wait_interrupt(unsigned, std::uint64_t timeout_ns) override {
    if (!raised && timeout_ns != 0) {
      sc_core::wait(static_cast<double>(timeout_ns), sc_core::SC_NS, event);
    }
    return std::exchange(raised, false);
  }
  void raise() {
    raised = true;
    event.notify();
  }

  sc_core::sc_event event;
  bool raised = false;
  json reads_at = json::array();
  json writes_at = json::array();
};

// A single CPU: what another task gets while the driver waits for `wait`.
json beside(const std::function<void(Clock&)>& wait) {
  return simulated([&] {
    Scheduler scheduler(free_switching(1), nullptr);
    TaskClock clock(scheduler);
    scheduler.spawn({.name = "driver", .group = "driver"}, [&](Task&) {
      while (clock.now_ns() < 100 * kMs) wait(clock);
    });
    scheduler.spawn({.name = "app", .group = "app"}, [](Task& task) {
      for (;;) task.run(kMs);
    });
    simulate(scheduler, 100 * kMs);
    return cpu_by_group(scheduler);
  });
}

TEST(TaskClock, APollerKeepsItsShareOfASingleCpu) {
  const json times = beside([](Clock& clock) { clock.pause_ns(500); });
  EXPECT_NEAR(times["driver"].get<double>(), 50e6, 4e6);
  EXPECT_NEAR(times["app"].get<double>(), 50e6, 4e6);
}

TEST(TaskClock, NapsLeaveTheCpuToOthers) {
  const json times = beside([](Clock& clock) {
    clock.pause_ns(500);
    clock.sleep_ns(5'000);
  });
  EXPECT_GT(times["app"].get<double>(), 90e6);
}

TEST(TaskBus, AccessesComeAfterWhatIsOwedAndStall) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    EventBus inner;
    TaskBus bus(inner, scheduler, 1'000);
    Task& task = scheduler.spawn({.name = "driver", .group = "driver"}, [&](Task& self) {
      self.charge(50);
      bus.write32(0, 1);
      self.charge(30);
      if (bus.read32(4) != 4) throw std::runtime_error("another register");
    });
    simulate(scheduler);
    return json{inner.writes_at, inner.reads_at, now_ns(), task.cpu_ns(), bus.vectors()};
  });
  EXPECT_EQ(result, json({{50}, {80}, 180, 180, 1}));
}

TEST(TaskBus, AnInterruptIsAwaitedWithoutACore) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    EventBus inner;
    TaskBus bus(inner, scheduler, 1'000);
    json seen = json::array();
    scheduler.spawn({.name = "driver", .group = "driver"}, [&](Task&) {
      seen.push_back(bus.wait_interrupt(0, 10 * kMs));
      seen.push_back(now_ns());
      seen.push_back(bus.wait_interrupt(0, 2 * kMs));
      seen.push_back(now_ns());
      inner.raise();
      seen.push_back(bus.wait_interrupt(0, 2 * kMs));
      seen.push_back(now_ns());
      seen.push_back(bus.wait_interrupt(0, 0));
    });
    scheduler.spawn({.name = "device", .group = "device"}, [&](Task& task) {
      task.run(5 * kMs);
      inner.raise();
    });
    simulate(scheduler);
    seen.push_back(cpu_by_group(scheduler)["driver"]);
    return seen;
  });
  const Ns woken = 5 * kMs + 1'000;
  EXPECT_EQ(result, json({true, woken, false, woken + 2 * kMs, true, woken + 2 * kMs + 1'000, false,
                          2'000}));
}

TEST(TaskBus, OutsideOfTasksItIsTheInnerBus) {
  const json result = simulated([] {
    Scheduler scheduler(free_switching(1), nullptr);
    EventBus inner;
    TaskBus bus(inner, scheduler, 1'000);
    json seen = json::array();
    sc_core::sc_spawn([&] {
      bus.write32(0, 0);
      inner.raise();
      seen.push_back(bus.wait_interrupt(0, 100));
      seen.push_back(bus.wait_interrupt(0, 100));
    });
    simulate(scheduler);
    seen.push_back(now_ns());
    return seen;
  });
  EXPECT_EQ(result, json({true, false, 100}));
}

}  // namespace
}  // namespace pagepress::reclaim
