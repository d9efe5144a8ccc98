// SPDX-License-Identifier: Apache-2.0
// Dispatcher: which core, who is next, and who has to go.
#include <algorithm>
#include <limits>

#include "sim/reclaim/cpu/dispatcher.hpp"
#include "sim/reclaim/cpu/weights.hpp"

namespace pagepress::reclaim {

bool Dispatcher::may_use(const Entity& entity, const Core& core) {
  return entity.kind == Entity::kAnyKind || entity.kind == core.kind_index;
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
