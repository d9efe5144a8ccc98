// SPDX-License-Identifier: Apache-2.0
// Dispatcher: who has had what, up to now.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "sim/reclaim/cpu/dispatcher.hpp"
#include "sim/reclaim/cpu/weights.hpp"

namespace pagepress::reclaim {

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

}  // namespace pagepress::reclaim
