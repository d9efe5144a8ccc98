// SPDX-License-Identifier: Apache-2.0
// A simulation in a process of its own: SystemC elaborates once a process.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include <systemc>

#include <nlohmann/json.hpp>

#include "sim/experiment/child_process.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"

namespace pagepress::reclaim {

// What `body` returns, which makes its modules and tasks and runs them. Throws what
// sim::run_in_child() does, with the message of an exception of `body`.
inline nlohmann::json simulated(const std::function<nlohmann::json()>& body) {
  return sim::run_in_child("simulation", [&](const sim::Emit&) { return body(); }, {});
}

// Big cores of speed 1 and little ones of speed 0.5; switches and wake-ups cost nothing.
inline SchedulerConfig free_switching(std::uint64_t big, std::uint64_t little = 0) {
  SchedulerConfig config;
  config.cores = {{.name = "big", .count = big, .speed = 1.0}};
  if (little != 0) config.cores.push_back({.name = "little", .count = little, .speed = 0.5});
  config.context_switch_ns = 0;
  config.wake_ns = 0;
  return config;
}

// Until nothing is left to happen, or for so long.
inline void simulate(Scheduler& scheduler) {
  sc_core::sc_start();
  scheduler.rethrow_error();
}
inline void simulate(Scheduler& scheduler, Ns ns) {
  sc_core::sc_start(sc_core::sc_time(static_cast<double>(ns), sc_core::SC_NS));
  scheduler.rethrow_error();
}

// A task that computes for ever, `chunk` at a time.
inline void hog(Scheduler& scheduler, const std::string& name, int nice = 0,
                const std::string& kind = "", Ns chunk = 700'000) {
  scheduler.spawn({.name = name, .group = name, .nice = nice, .cores = kind}, [chunk](Task& task) {
    for (;;) task.run(chunk);
  });
}

// {group: cpu_ns}.
inline nlohmann::json cpu_by_group(const Scheduler& scheduler) {
  nlohmann::json times;
  for (const auto& use : scheduler.group_use()) times[use.group] = use.cpu_ns;
  return times;
}

// [busy_ns], by core.
inline nlohmann::json busy(const Scheduler& scheduler) {
  nlohmann::json times;
  for (const auto& use : scheduler.core_use()) times.push_back(use.busy_ns);
  return times;
}

}  // namespace pagepress::reclaim
