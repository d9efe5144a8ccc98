// SPDX-License-Identifier: Apache-2.0
// What happens when: events at edges of the device's clock, in order of time, then of
// scheduling. Deterministic: no pointer's value decides anything.
//
// Edge n is the one at which flip-flops take a new value; what they hold then is seen
// by others at edge n + 1.
#pragma once

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <vector>

namespace pagepress::model::fast {

using Cycle = std::uint64_t;  // number of an edge
inline constexpr Cycle kNever = UINT64_MAX;

class Actor {
 public:
  virtual void act(Cycle now, std::uint32_t what) = 0;

 protected:
  ~Actor() = default;
};

class EventQueue {
 public:
  // An edge that has passed stands for the present one.
  void at(Cycle cycle, Actor& actor, std::uint32_t what = 0) {
    cycle = std::max(cycle, now_);
    // Few stand in the queue, and what is new is mostly due soon: its place is near the end.
    auto place = events_.end();
    while (place != events_.begin() && std::prev(place)->cycle <= cycle) --place;
    events_.insert(place, {cycle, &actor, what});
  }
  // Of the next event; kNever: there is none.
  [[nodiscard]] Cycle next() const { return events_.empty() ? kNever : events_.back().cycle; }
  // The edge that is being worked on, or was last.
  [[nodiscard]] Cycle now() const { return now_; }

  // The time goes on without an event.
  void pass(Cycle cycle) { now_ = std::max(now_, cycle); }
  void run_one() {
    const Event event = events_.back();
    events_.pop_back();
    now_ = event.cycle;
    event.actor->act(event.cycle, event.what);
  }
  // Forgets everything that was to come.
  void clear() { events_.clear(); }

 private:
  struct Event {
    Cycle cycle;
    Actor* actor;
    std::uint32_t what;
  };
  std::vector<Event> events_;  // the next one last; of those of one edge the one that came first
  Cycle now_ = 0;
};

// Combinational logic in front of flip-flops: looked at when something that it sees has
// changed, and does something at most once an edge.
class Evaluated : public Actor {
 public:
  explicit Evaluated(EventQueue& events) : events_(events) {}

  // To be looked at at this edge.
  void wake(Cycle at) {
    at = std::max(at, events_.now());
    if (at == scheduled_) return;  // the usual repetition
    scheduled_ = at;
    events_.at(at, *this);
  }
  void act(Cycle now, std::uint32_t /*what*/) final {
    if (scheduled_ == now) scheduled_ = kNever;
    if (acted_ == now) {
      wake(now + 1);
    } else if (evaluate(now)) {
      acted_ = now;
    }
  }

 protected:
  ~Evaluated() = default;
  // Whether it did something.
  virtual bool evaluate(Cycle now) = 0;
  EventQueue& events_;

 private:
  Cycle scheduled_ = kNever;  // the last one asked for
  Cycle acted_ = kNever;
};

}  // namespace pagepress::model::fast
