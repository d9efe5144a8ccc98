// SPDX-License-Identifier: Apache-2.0
// CPUs that tasks share: who runs where and when, on the SystemC timeline.
//
// A Task is an SC_THREAD that asks for CPU time; it gets it from a core, at that core's speed,
// against the other tasks that want one, by virtual run time as CFS does
// (kernel/sched/fair.c, 6.12): weight by nice level, slices, preemption at wake-up. Between two
// requests no time passes for it. While it waits for an event or sleeps it has no core.
//
// Limitations: one runqueue for all cores (no load balancing delay, no cache refill after a
// migration); no frequency scaling: a core kind has one speed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <systemc>

#include "sim/reclaim/ids.hpp"

namespace pagepress::reclaim {

class Trace;

struct CoreKind {
  std::string name = "big";  // tasks may be bound to it
  std::uint64_t count = 1;
  double speed = 1.0;  // of the core whose costs are in the cost tables
  double active_mw = 0;
  double idle_mw = 0;
};

struct SchedulerConfig {
  std::vector<CoreKind> cores;
  Ns slice_ns = 3'000'000;  // sysctl_sched_base_slice
  Ns wakeup_granularity_ns = 1'000'000;
  Ns context_switch_ns = 1'500;  // of another task on a core, before it goes on
  Ns wake_ns = 1'000;            // CPU time of the one who wakes another is not charged; this is
                       // the latency from wake-up to the first instruction on an idle core
};

struct TaskConfig {
  std::string name;   // unique: "kswapd0", "kcompressd0", "app/3"
  std::string group;  // what CPU time is summed by: "kswapd", "kcompressd", "app"
  int nice = 0;       // -20 to 19
  std::string cores =
      "";  // kind it is bound to; empty: any. Throws std::invalid_argument if unknown
};

class Scheduler;

class Task {
 public:
  virtual ~Task() = default;
  [[nodiscard]] virtual const TaskConfig& config() const noexcept = 0;
  // Takes so much CPU time of a core of speed 1, as `doing` (a phase for the trace: "compress",
  // "shrink"; static storage, may be null); returns when it has been had.
  virtual void run(Ns ns, const char* doing = nullptr) = 0;
  // As run(), but may be put off and taken together with later time: for small steps of which
  // nobody else sees the moment. Never more than a few microseconds are owed.
  virtual void charge(Ns ns, const char* doing = nullptr) = 0;
  // Takes what is owed. Before anything that others see: waits and sleeps do it themselves.
  virtual void settle() = 0;
  // Gives the core away.
  virtual void sleep(Ns ns) = 0;
  virtual void wait(const sc_core::sc_event& event) = 0;
  // False: `timeout` passed first.
  virtual bool wait_for(const sc_core::sc_event& event, Ns timeout) = 0;
  // CPU time had so far, by the core's own clock (a slow core takes longer); and what it was worth
  // at speed 1.
  [[nodiscard]] virtual Ns cpu_ns() const noexcept = 0;
  [[nodiscard]] virtual Ns work_ns() const noexcept = 0;
  [[nodiscard]] virtual Scheduler& scheduler() noexcept = 0;
};

[[nodiscard]] Ns now_ns();  // simulated

class Scheduler {
 public:
  // During elaboration. `trace` may be null: slices on a track a core.
  // Throws std::invalid_argument: no core, a speed that is not positive.
  Scheduler(const SchedulerConfig& config, Trace* trace);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // A task and its process; `body` begins when simulation does (during elaboration) or at once.
  // An exception of a body ends the simulation: rethrow_error() passes it on.
  Task& spawn(TaskConfig config, std::function<void(Task&)> body);
  // Of the process that calls. Throws std::logic_error if it is not one of ours.
  [[nodiscard]] Task& current();
  void rethrow_error();

  struct CoreUse {
    std::string name;  // "big/0"
    const CoreKind* kind;
    Ns busy_ns;
  };
  [[nodiscard]] std::vector<CoreUse> core_use() const;
  struct GroupUse {
    std::string group;
    Ns cpu_ns;
    Ns work_ns;
    std::uint64_t switches;
  };
  [[nodiscard]] std::vector<GroupUse> group_use() const;  // in the order of first spawn
  [[nodiscard]] std::size_t runnable() const noexcept;    // that want a core and have none

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pagepress::reclaim
