// SPDX-License-Identifier: Apache-2.0
// ScheduledTask: the Task of a Scheduler. Called from its own process only, but for the figures.
#pragma once

#include <functional>

#include <systemc>

#include "sim/reclaim/cpu/dispatcher.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"

namespace pagepress::reclaim {

class ScheduledTask final : public Task {
 public:
  // Throws std::invalid_argument: nice level or kind.
  ScheduledTask(TaskConfig config, std::uint32_t id, Scheduler& scheduler, Dispatcher& dispatcher,
                Ns most_owed_ns);

  [[nodiscard]] const TaskConfig& config() const noexcept override { return config_; }
  void run(Ns ns, const char* doing) override;
  void charge(Ns ns, const char* doing) override;
  void settle() override;
  void sleep(Ns ns) override;
  void wait(const sc_core::sc_event& event) override;
  bool wait_for(const sc_core::sc_event& event, Ns timeout) override;
  void block(const std::function<void()>& wait) override;
  [[nodiscard]] Ns cpu_ns() const noexcept override { return dispatcher_.cpu_ns(entity_); }
  [[nodiscard]] Ns work_ns() const noexcept override { return dispatcher_.work_ns(entity_); }
  [[nodiscard]] Scheduler& scheduler() noexcept override { return scheduler_; }

  [[nodiscard]] std::uint64_t switches() const noexcept { return entity_.switches; }
  // First and last thing of the process.
  void begin() { acquire(); }
  void end();

 private:
  void acquire();
  void await_end();
  [[nodiscard]] bool settle_or(const sc_core::sc_event& event);

  TaskConfig config_;
  Scheduler& scheduler_;
  Dispatcher& dispatcher_;
  const Ns most_owed_;
  Ns owed_ = 0;
  const char* owed_doing_ = nullptr;
  Entity entity_;
};

}  // namespace pagepress::reclaim
