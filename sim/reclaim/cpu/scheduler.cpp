// SPDX-License-Identifier: Apache-2.0
// Tasks and their processes; who runs is the Dispatcher's.
#include "sim/reclaim/cpu/scheduler.hpp"

#include <algorithm>
#include <exception>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "sim/reclaim/cpu/dispatcher.hpp"
#include "sim/reclaim/cpu/task.hpp"

namespace pagepress::reclaim {
namespace {

constexpr int kStackBytes = 256 * 1024;

}  // namespace

sc_core::sc_time sc_ns(Ns ns) {
  static const std::uint64_t kUnitsPerNs = sc_core::sc_time(1, sc_core::SC_NS).value();
  return sc_core::sc_time::from_value(ns * kUnitsPerNs);
}

Ns now_ns() {
  static const std::uint64_t kUnitsPerNs = sc_core::sc_time(1, sc_core::SC_NS).value();
  return sc_core::sc_time_stamp().value() / kUnitsPerNs;
}

struct Scheduler::Impl {
  Impl(const SchedulerConfig& scheduler_config, Trace* trace)
      : config(scheduler_config), dispatcher(scheduler_config, trace) {}

  [[nodiscard]] Task* find(const sc_core::sc_object* process) noexcept {
    if (process == nullptr) return nullptr;
    if (process != last_process) {
      const auto found = tasks_by_process.find(process);
      if (found == tasks_by_process.end()) return nullptr;
      last_process = process;
      last_task = found->second;
    }
    return last_task;
  }

  void process(ScheduledTask& task, const std::function<void(Task&)>& body) {
    const sc_core::sc_object* const self =
        sc_core::sc_get_current_process_handle().get_process_object();
    tasks_by_process.emplace(self, &task);
    try {
      task.begin();
      body(task);
      task.end();
    } catch (const sc_core::sc_unwind_exception&) {
      throw;  // the kernel's own way to end a process
    } catch (...) {
      if (!error) error = std::current_exception();
      sc_core::sc_pause();
    }
    // Another process may be given the address.
    tasks_by_process.erase(self);
    last_process = nullptr;
  }

  SchedulerConfig config;
  Dispatcher dispatcher;
  std::vector<std::unique_ptr<ScheduledTask>> tasks;
  std::unordered_map<const sc_core::sc_object*, Task*> tasks_by_process;
  const sc_core::sc_object* last_process = nullptr;
  Task* last_task = nullptr;
  std::exception_ptr error;
};

Scheduler::Scheduler(const SchedulerConfig& config, Trace* trace)
    : impl_(std::make_unique<Impl>(config, trace)) {}

Scheduler::~Scheduler() = default;

Task& Scheduler::spawn(TaskConfig config, std::function<void(Task&)> body) {
  for (const auto& task : impl_->tasks) {
    if (task->config().name == config.name) {
      throw std::invalid_argument(fmt::format("task '{}': there is one", config.name));
    }
  }
  const auto id = static_cast<std::uint32_t>(impl_->tasks.size());
  ScheduledTask& task = *impl_->tasks.emplace_back(std::make_unique<ScheduledTask>(
      std::move(config), id, *this, impl_->dispatcher, impl_->config.most_owed_ns));
  sc_core::sc_spawn_options options;
  options.set_stack_size(kStackBytes);
  sc_core::sc_spawn(
      [impl = impl_.get(), &task, body = std::move(body)] { impl->process(task, body); }, nullptr,
      &options);
  return task;
}

Task* Scheduler::current_or_null() noexcept {
  return impl_->find(sc_core::sc_get_current_process_handle().get_process_object());
}

Task& Scheduler::current() {
  if (Task* const task = current_or_null()) return *task;
  throw std::logic_error("CPU time is asked for outside of a task");
}

void Scheduler::rethrow_error() {
  if (impl_->error) std::rethrow_exception(std::exchange(impl_->error, nullptr));
}

std::vector<Scheduler::CoreUse> Scheduler::core_use() const {
  std::vector<CoreUse> uses;
  std::vector<std::size_t> counts(impl_->config.cores.size());
  for (const Core& core : impl_->dispatcher.cores()) {
    uses.push_back({.name = fmt::format("{}/{}", core.kind->name, counts[core.kind_index]++),
                    .kind = core.kind,
                    .busy_ns = impl_->dispatcher.busy_ns(core)});
  }
  return uses;
}

std::vector<Scheduler::GroupUse> Scheduler::group_use() const {
  std::vector<GroupUse> uses;
  for (const auto& task : impl_->tasks) {
    const std::string& group = task->config().group;
    auto use = std::find_if(uses.begin(), uses.end(),
                            [&](const GroupUse& known) { return known.group == group; });
    if (use == uses.end()) {
      use = uses.insert(use, {.group = group, .cpu_ns = 0, .work_ns = 0, .switches = 0});
    }
    use->cpu_ns += task->cpu_ns();
    use->work_ns += task->work_ns();
    use->switches += task->switches();
  }
  return uses;
}

std::size_t Scheduler::runnable() const noexcept { return impl_->dispatcher.waiting(); }

}  // namespace pagepress::reclaim
