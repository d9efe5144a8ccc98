// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/cpu/dispatcher.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

namespace pagepress::reclaim {
namespace {

// Not 0, or whoever polls would do so for ever at one moment.
Ns time_for(Ns work, const Core& core) {
  if (core.kind->speed == 1.0 || work == 0) return work;
  const double ns = static_cast<double>(work) / core.kind->speed;
  return std::max<Ns>(1, static_cast<Ns>(std::llround(ns)));
}

void check(const SchedulerConfig& config) {
  std::uint64_t count = 0;
  for (const CoreKind& kind : config.cores) {
    if (!(kind.speed > 0) || !std::isfinite(kind.speed)) {
      throw std::invalid_argument(
          fmt::format("cores '{}': a speed of {} is not positive", kind.name, kind.speed));
    }
    const auto same = [&](const CoreKind& other) { return other.name == kind.name; };
    if (std::count_if(config.cores.begin(), config.cores.end(), same) > 1) {
      throw std::invalid_argument(fmt::format("cores '{}': there twice", kind.name));
    }
    count += kind.count;
  }
  if (count == 0) throw std::invalid_argument("the machine has no core");
  if (config.slice_ns == 0) throw std::invalid_argument("a slice of 0 ns");
  if (config.placement != "fastest" && config.placement != "slowest") {
    throw std::invalid_argument(
        fmt::format("placement '{}': there are 'fastest' and 'slowest'", config.placement));
  }
}

}  // namespace

Dispatcher::Dispatcher(const SchedulerConfig& config, Trace* trace)
    : config_(config), slowest_(config.placement == "slowest"), trace_(trace) {
  check(config_);
  floors_.resize(config_.cores.size());
  for (std::size_t kind = 0; kind < config_.cores.size(); ++kind) {
    for (std::uint64_t i = 0; i < config_.cores[kind].count; ++i) {
      add_core(config_.cores[kind], kind, trace);
    }
  }
}

void Dispatcher::add_core(const CoreKind& kind, std::size_t kind_index, Trace* trace) {
  Core& core = cores_.emplace_back();
  core.kind = &kind;
  core.kind_index = kind_index;
  core.index = cores_.size() - 1;
  if (trace != nullptr) {
    core.track = trace->track("CPUs", fmt::format("{} {}", core.index, kind.name));
  }
  sc_core::sc_spawn_options options;
  options.spawn_method();
  options.dont_initialize();
  options.set_sensitivity(&core.slice_end);
  sc_core::sc_spawn([this, &core] { on_slice_end(core); }, nullptr, &options);
}

std::size_t Dispatcher::find_kind(const std::string& name) const {
  std::string known;
  for (std::size_t i = 0; i < config_.cores.size(); ++i) {
    if (config_.cores[i].name == name && config_.cores[i].count != 0) return i;
    known += fmt::format("{}'{}'", known.empty() ? "" : ", ", config_.cores[i].name);
  }
  throw std::invalid_argument(fmt::format("no core of kind '{}': there are {}", name, known));
}

// ---- what tasks ask for

void Dispatcher::wake(Entity& entity) {
  const Ns now = now_ns();
  entity.work = 0;
  entity.doing = nullptr;
  place_vruntime(entity, now);
  if (Core* const idle = idle_core(entity)) {
    start(entity, *idle, true, now);
    return;
  }
  queue(entity, now);
  preempt_for(entity, now);
}

void Dispatcher::request(Entity& entity, Ns work, const char* doing) {
  const Ns now = now_ns();
  account(entity, now);
  entity.work = work;
  entity.doing = doing;
  if (entity.core->reschedule) {
    entity.core->reschedule = false;
    if (!slice_check(*entity.core, now)) return;
  }
  set_end(entity, now);
}

void Dispatcher::release(Entity& entity) {
  const Ns now = now_ns();
  Core& core = *entity.core;
  account(entity, now);
  advance_floor(core.kind_index, now);
  stop(entity, now);
  entity.slept = true;
  fill(core, now);
}

// ---- cores

void Dispatcher::set_end(Entity& entity, Ns now) {
  entity.end_at = entity.from + entity.overhead + time_for(entity.work, *entity.core);
  entity.done.cancel();  // a notification that nobody had to wait for: an earlier one would win
  entity.done.notify(sc_ns(entity.end_at - now));
}

void Dispatcher::start(Entity& entity, Core& core, bool was_idle, Ns now) {
  core.current = &entity;
  entity.core = &core;
  entity.from = now + (was_idle ? config_.wake_ns : 0);
  entity.overhead = 0;
  if (core.last != &entity) {
    entity.overhead = time_for(config_.context_switch_ns, core);
    ++entity.switches;
  }
  core.last = &entity;
  entity.last_core = &core;
  core.slice_from = entity.from;
  set_end(entity, now);
  arm(core, now);
}

void Dispatcher::stop(Entity& entity, Ns now) {
  account(entity, now);
  Core& core = *entity.core;
  core.current = nullptr;
  core.reschedule = false;
  core.slice_end.cancel();
  core.slice_armed = false;
  entity.core = nullptr;
  entity.done.cancel();
  entity.end_at = kNever;
}

// A core that its task has left.
void Dispatcher::fill(Core& core, Ns now) {
  if (Entity* const next = best_waiting(core)) {
    std::erase(waiting_, next);
    start(*next, core, false, now);
    return;
  }
  for (Core& slower : cores_) {
    if (slower.kind->speed < core.kind->speed) arm(slower, now);  // its task may want this one
  }
}

void Dispatcher::queue(Entity& entity, Ns now) {
  waiting_.push_back(&entity);
  for (Core& core : cores_) {
    if (may_use(entity, core)) arm(core, now);
  }
}

void Dispatcher::replace(Core& core, Entity& by, Ns now) {
  Entity& out = *core.current;
  stop(out, now);
  std::erase(waiting_, &by);
  start(by, core, false, now);
  // The other may be bound to this kind of core, and another kind idle.
  if (Core* const idle = idle_core(out)) {
    start(out, *idle, true, now);
  } else {
    queue(out, now);
  }
}

// ---- slices

// Where somebody waits for the core, or a faster one is idle: looks at it at the end of the slice.
void Dispatcher::arm(Core& core, Ns now) {
  if (core.slice_armed || core.current == nullptr) return;
  if (best_waiting(core) == nullptr && faster_idle_core(*core.current) == nullptr) return;
  const Ns slices = now < core.slice_from ? 0 : (now - core.slice_from) / config_.slice_ns;
  core.slice_armed = true;
  core.slice_end.notify(sc_ns(core.slice_from + (slices + 1) * config_.slice_ns - now));
}

void Dispatcher::on_slice_end(Core& core) {
  core.slice_armed = false;
  if (core.current == nullptr) return;
  const Ns now = now_ns();
  if (core.current->end_at <= now) {
    core.reschedule = true;
    return;
  }
  (void)slice_check(core, now);
}

// Whether the task keeps the core.
bool Dispatcher::slice_check(Core& core, Ns now) {
  Entity& entity = *core.current;
  account(entity, now);
  if (Core* const faster = faster_idle_core(entity)) {
    stop(entity, now);
    start(entity, *faster, true, now);
    fill(core, now);
    return false;
  }
  Entity* const next = best_waiting(core);
  if (next != nullptr && next->vruntime < entity.vruntime) {
    replace(core, *next, now);
    return false;
  }
  arm(core, now);
  return true;
}

}  // namespace pagepress::reclaim
