// SPDX-License-Identifier: Apache-2.0
// Dispatcher: which entity has which core, and until when. The scheduler's decisions, without the
// processes: it is told who wants what, and notifies an entity's event at the end of its request.
//
// An entity that is switched out goes on waiting for that same event, so that a context switch
// wakes no process: the event is taken back, and notified again when there is a core again.
//
// Limitation: a scan of cores and waiting entities where one wakes or blocks; there are tens.
#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <systemc>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/ids.hpp"
#include "sim/reclaim/stats/trace.hpp"

namespace pagepress::reclaim {

struct Entity;

struct Core {
  const CoreKind* kind = nullptr;
  std::size_t kind_index = 0;
  std::size_t index = 0;  // of all cores
  Entity* current = nullptr;
  Entity* last = nullptr;   // whose state is on it
  bool reschedule = false;  // at the next request: the slice was over while there was none
  Ns slice_from = 0;
  bool slice_armed = false;
  sc_core::sc_event slice_end;
  Ns busy = 0;
  Trace::Track track = 0;
};

inline constexpr Ns kNever = std::numeric_limits<Ns>::max();

// What a task is to the dispatcher.
struct Entity {
  static constexpr std::size_t kAnyKind = std::numeric_limits<std::size_t>::max();

  std::uint32_t id = 0;  // order of creation: decides ties
  std::uint64_t weight = 0;
  std::size_t kind = kAnyKind;
  std::string name;

  std::uint64_t vruntime = 0;  // of nice level 0, in 1/1024 ns
  bool slept = false;
  Core* core = nullptr;
  Core* last_core = nullptr;

  // The request: `overhead` of core time, then `work` at speed 1, from `from` on (which lies ahead
  // while an idle core wakes) to `end_at` (kNever: without a core; past: no request).
  Ns overhead = 0;
  Ns work = 0;
  Ns from = 0;
  Ns end_at = kNever;
  const char* doing = nullptr;
  sc_core::sc_event done;

  Ns cpu = 0;
  Ns worked = 0;
  std::uint64_t switches = 0;
  std::vector<std::pair<const char*, const char*>> labels;  // of the trace, by `doing`
};

class Dispatcher {
 public:
  Dispatcher(const SchedulerConfig& config, Trace* trace);
  Dispatcher(const Dispatcher&) = delete;
  Dispatcher& operator=(const Dispatcher&) = delete;

  // Throws std::invalid_argument: names the kind and those that there are.
  [[nodiscard]] std::size_t find_kind(const std::string& name) const;

  // `entity` has no core and wants one. It has it from `end_at` on.
  void wake(Entity& entity);
  // `entity` has a core, and wants so much work done. It is at `end_at`.
  void request(Entity& entity, Ns work, const char* doing);
  // `entity` has a core and gives it away.
  void release(Entity& entity);

  [[nodiscard]] Ns cpu_ns(const Entity& entity) const;
  [[nodiscard]] Ns work_ns(const Entity& entity) const;
  [[nodiscard]] Ns busy_ns(const Core& core) const;
  [[nodiscard]] const std::deque<Core>& cores() const noexcept { return cores_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }

 private:
  // Of what passed since `from`.
  struct Progress {
    Ns passed = 0;
    Ns overhead = 0;
    Ns work = 0;
  };

  void add_core(const CoreKind& kind, std::size_t kind_index, Trace* trace);
  [[nodiscard]] static Progress progress(const Entity& entity, Ns now);
  [[nodiscard]] static std::uint64_t vruntime(const Entity& entity, Ns now);
  [[nodiscard]] static bool may_use(const Entity& entity, const Core& core);
  void account(Entity& entity, Ns now);
  [[nodiscard]] const char* label(Entity& entity);
  void set_end(Entity& entity, Ns now);
  void start(Entity& entity, Core& core, bool was_idle, Ns now);
  void stop(Entity& entity, Ns now);
  void fill(Core& core, Ns now);
  void queue(Entity& entity, Ns now);
  [[nodiscard]] bool slice_check(Core& core, Ns now);
  void on_slice_end(Core& core);
  void arm(Core& core, Ns now);
  void preempt_for(Entity& entity, Ns now);
  void replace(Core& core, Entity& by, Ns now);
  void advance_floor(std::size_t kind, Ns now);
  void place_vruntime(Entity& entity, Ns now);
  [[nodiscard]] Core* idle_core(const Entity& entity);
  [[nodiscard]] Core* faster_idle_core(const Entity& entity);
  [[nodiscard]] Entity* best_waiting(const Core& core) const;
  [[nodiscard]] bool better_idle(const Core& a, const Core& b, const Entity& entity) const;

  SchedulerConfig config_;
  bool slowest_ = false;
  Trace* trace_;
  std::deque<Core> cores_;
  std::vector<Entity*> waiting_;       // that want a core, in no order
  std::vector<std::uint64_t> floors_;  // by kind: least vruntime of those that want it, never falls
};

}  // namespace pagepress::reclaim
