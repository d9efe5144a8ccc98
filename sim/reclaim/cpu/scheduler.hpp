// SPDX-License-Identifier: Apache-2.0
// CPUs that tasks share: who runs where and when, on the SystemC timeline.
//
// A Task is an SC_THREAD that asks for CPU time; it gets it from a core, at that core's speed,
// against the other tasks that want one, by virtual run time as CFS does
// (kernel/sched/fair.c): weight by nice level, slices, preemption at wake-up. Between two
// requests no time passes for it. While it waits for an event or sleeps it has no core.
//
// Placement: a task that wakes takes an idle core if there is one, of `placement`'s speed (of equal
// ones its last, then the first); else it preempts, or waits with the others. At the end of a slice
// it moves to a faster core if one is idle. docs/reclaim/cpu.md has the model and its sources.
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
  Ns slice_ns = 3'000'000;               // sysctl_sched_base_slice
  Ns wakeup_granularity_ns = 1'000'000;  // how far behind a task must be to preempt as it wakes
  Ns sleeper_credit_ns = 3'000'000;      // how far behind the others sleep leaves a task at most
  Ns context_switch_ns = 1'500;          // of another task on a core, before it goes on
  // CPU time of the one who wakes another is not charged; this is the latency from wake-up to the
  // first instruction on an idle core.
  Ns wake_ns = 1'000;
  Ns most_owed_ns = 4'000;            // of Task::charge()
  std::string placement = "fastest";  // of idle cores a task may use, or "slowest"
};

struct TaskConfig {
  std::string name;   // unique: "kswapd0", "kcompressd0", "app/3"
  std::string group;  // what CPU time is summed by: "kswapd", "kcompressd", "app"
  int nice = 0;       // -20 to 19
  std::string cores =
      "";  // kind it is bound to; empty: any. Throws std::invalid_argument if unknown
  std::uint32_t process = 0;  // tasks of one process have one number; 0: the kernel's
};

class Scheduler;

class Task {
 public:
  virtual ~Task() = default;
  [[nodiscard]] virtual const TaskConfig& config() const noexcept = 0;
  // Takes so much CPU time of a core of speed 1, as `doing` (a phase for the trace: "compress",
  // "shrink"; static storage, may be null); returns when it has been had. What is owed is taken
  // with it, as the same.
  virtual void run(Ns ns, const char* doing = nullptr) = 0;
  // As run(), but may be put off and taken together with later time: for small steps of which
  // nobody else sees the moment. Never more than a few microseconds are owed.
  virtual void charge(Ns ns, const char* doing = nullptr) = 0;
  // Takes what is owed. Before anything that others see: waits and sleeps do it themselves.
  virtual void settle() = 0;
  // Gives the core away; returns when the task has one again.
  virtual void sleep(Ns ns) = 0;
  // An event that comes while what is owed is taken counts. One that comes later, while the task
  // waits for a core, is seen by nobody: look at the condition again before waiting once more.
  virtual void wait(const sc_core::sc_event& event) = 0;
  // False: `timeout` passed first.
  virtual bool wait_for(const sc_core::sc_event& event, Ns timeout) = 0;
  // For what waits on the SystemC timeline by itself (a Bus for its interrupt). Nothing of this
  // interface may be called in it.
  virtual void block(const std::function<void()>& wait) = 0;
  // CPU time had so far, by the core's own clock (a slow core takes longer), context switches and
  // stalls (SystemC time that passes between two requests) included; and what run() and charge()
  // have had of it, at speed 1.
  [[nodiscard]] virtual Ns cpu_ns() const noexcept = 0;
  [[nodiscard]] virtual Ns work_ns() const noexcept = 0;
  [[nodiscard]] virtual Scheduler& scheduler() noexcept = 0;
};

[[nodiscard]] Ns now_ns();  // simulated
[[nodiscard]] sc_core::sc_time sc_ns(Ns ns);

class Scheduler {
 public:
  // During elaboration. `trace` may be null: slices on a track a core.
  // Throws std::invalid_argument: no core, a kind twice, a speed that is not positive, a slice of
  // 0, an unknown placement.
  Scheduler(const SchedulerConfig& config, Trace* trace);
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // A task and its process; `body` begins when simulation does (during elaboration) or at once.
  // An exception of a body pauses the simulation (sc_start() returns): rethrow_error() passes the
  // first one on. Throws std::invalid_argument: a name twice, a nice level or kind that is not one.
  Task& spawn(TaskConfig config, std::function<void(Task&)> body);
  // Of the process that calls. Throws std::logic_error if it is not one of ours.
  [[nodiscard]] Task& current();
  [[nodiscard]] Task* current_or_null() noexcept;
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
