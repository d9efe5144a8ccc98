// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/cpu/dispatcher.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include <fmt/format.h>

#include "sim/reclaim/cpu/weights.hpp"

namespace pagepress::reclaim {
namespace {

constexpr std::uint64_t kVruntimeUnits = 1024;  // a nanosecond

std::uint64_t to_vruntime(Ns ns, std::uint64_t weight) {
  return ns * (kVruntimeUnits * kNice0Weight) / weight;
}

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

sc_core::sc_time sc_ns(Ns ns) {
  static const std::uint64_t kUnitsPerNs = sc_core::sc_time(1, sc_core::SC_NS).value();
  return sc_core::sc_time::from_value(ns * kUnitsPerNs);
}

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

// ---- accounts

bool Dispatcher::may_use(const Entity& entity, const Core& core) {
  return entity.kind == Entity::kAnyKind || entity.kind == core.kind_index;
}

Dispatcher::Progress Dispatcher::progress(const Entity& entity, Ns now) {
  Progress done;
  if (entity.core == nullptr || now <= entity.from) return done;
  done.passed = now - entity.from;
  done.overhead = std::min(done.passed, entity.overhead);
  if (now >= entity.end_at) {
    done.work = entity.work;
  } else {
    const double worked =
        static_cast<double>(done.passed - done.overhead) * entity.core->kind->speed;
    done.work = std::min(entity.work, static_cast<Ns>(std::llround(worked)));
  }
  return done;
}

std::uint64_t Dispatcher::vruntime(const Entity& entity, Ns now) {
  return entity.vruntime + to_vruntime(progress(entity, now).passed, entity.weight);
}

void Dispatcher::account(Entity& entity, Ns now) {
  const Progress done = progress(entity, now);
  if (done.passed == 0) return;
  if (trace_ != nullptr) trace_->slice(entity.core->track, label(entity), entity.from, now);
  entity.vruntime += to_vruntime(done.passed, entity.weight);
  entity.cpu += done.passed;
  entity.core->busy += done.passed;
  entity.overhead -= done.overhead;
  entity.work -= done.work;
  entity.worked += done.work;
  entity.from = now;
}

const char* Dispatcher::label(Entity& entity) {
  for (const auto& [doing, text] : entity.labels) {
    if (doing == entity.doing) return text;
  }
  const char* const text = trace_->intern(
      entity.doing == nullptr ? entity.name : fmt::format("{}: {}", entity.name, entity.doing));
  entity.labels.emplace_back(entity.doing, text);
  return text;
}

Ns Dispatcher::cpu_ns(const Entity& entity) const {
  return entity.cpu + progress(entity, now_ns()).passed;
}

Ns Dispatcher::work_ns(const Entity& entity) const {
  return entity.worked + progress(entity, now_ns()).work;
}

Ns Dispatcher::busy_ns(const Core& core) const {
  return core.busy + (core.current != nullptr ? progress(*core.current, now_ns()).passed : 0);
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

// Takes the core of whoever has had most, if that is enough more.
void Dispatcher::preempt_for(Entity& entity, Ns now) {
  const std::uint64_t least =
      entity.vruntime + to_vruntime(config_.wakeup_granularity_ns, entity.weight);
  Core* victim = nullptr;
  std::uint64_t most = least;
  for (Core& core : cores_) {
    if (core.current == nullptr || !may_use(entity, core)) continue;
    const std::uint64_t had = vruntime(*core.current, now);
    const bool tie = victim != nullptr && had == most && core.kind->speed > victim->kind->speed;
    if (had > most || tie) {
      victim = &core;
      most = had;
    }
  }
  if (victim == nullptr) return;
  if (victim->current->end_at <= now) {
    victim->reschedule = true;
  } else {
    replace(*victim, entity, now);
  }
}

// ---- choices

void Dispatcher::advance_floor(std::size_t kind, Ns now) {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (const Core& core : cores_) {
    if (core.kind_index != kind || core.current == nullptr) continue;
    least = std::min(least, vruntime(*core.current, now));
  }
  for (const Entity* const entity : waiting_) {
    if (entity->kind == Entity::kAnyKind || entity->kind == kind) {
      least = std::min(least, entity->vruntime);
    }
  }
  if (least != std::numeric_limits<std::uint64_t>::max()) {
    floors_[kind] = std::max(floors_[kind], least);
  }
}

// Sleep is not saved up: whoever slept is no further behind the others than the credit, and who is
// new not at all.
void Dispatcher::place_vruntime(Entity& entity, Ns now) {
  std::uint64_t floor = 0;
  for (std::size_t kind = 0; kind < floors_.size(); ++kind) {
    if (entity.kind != Entity::kAnyKind && entity.kind != kind) continue;
    advance_floor(kind, now);
    floor = std::max(floor, floors_[kind]);
  }
  const std::uint64_t credit = entity.slept ? config_.sleeper_credit_ns * kVruntimeUnits : 0;
  entity.vruntime = std::max(entity.vruntime, floor - std::min(floor, credit));
}

bool Dispatcher::better_idle(const Core& a, const Core& b, const Entity& entity) const {
  if (a.kind->speed != b.kind->speed) return (a.kind->speed > b.kind->speed) != slowest_;
  return &a == entity.last_core;  // else the first
}

Core* Dispatcher::idle_core(const Entity& entity) {
  Core* best = nullptr;
  for (Core& core : cores_) {
    if (core.current != nullptr || !may_use(entity, core)) continue;
    if (best == nullptr || better_idle(core, *best, entity)) best = &core;
  }
  return best;
}

// The fastest that is faster than the one it has.
Core* Dispatcher::faster_idle_core(const Entity& entity) {
  Core* best = nullptr;
  if (entity.kind != Entity::kAnyKind) return best;
  double speed = entity.core->kind->speed;
  for (Core& core : cores_) {
    if (core.current == nullptr && core.kind->speed > speed) {
      best = &core;
      speed = core.kind->speed;
    }
  }
  return best;
}

Entity* Dispatcher::best_waiting(const Core& core) const {
  Entity* best = nullptr;
  for (Entity* const entity : waiting_) {
    if (!may_use(*entity, core)) continue;
    const bool sooner = best == nullptr || entity->vruntime < best->vruntime ||
                        (entity->vruntime == best->vruntime && entity->id < best->id);
    if (sooner) best = entity;
  }
  return best;
}

}  // namespace pagepress::reclaim
