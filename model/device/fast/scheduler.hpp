// SPDX-License-Identifier: Apache-2.0
// rtl/queue/pp_scheduler.sv: which submission goes next, and where.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "model/device/fast/arbiter.hpp"
#include "model/device/fast/counters.hpp"
#include "model/device/fast/geometry.hpp"
#include "model/device/fast/injector.hpp"
#include "model/device/fast/queue_control.hpp"
#include "model/device/fast/sq_fetch.hpp"
#include "model/device/fast/unit_table.hpp"

namespace pagepress::model::fast {

class CqWriter;

// What the scheduler sees of a channel.
class JobSink {
 public:
  // From job to result, as it is seen at this edge.
  [[nodiscard]] virtual unsigned units(Cycle now) const = 0;
  virtual void job(unsigned slot, const Job& job, Cycle now) = 0;

 protected:
  ~JobSink() = default;
};

class Scheduler final : public Evaluated {
 public:
  Scheduler(EventQueue& events, const Geometry& geometry, SqFetch& fetch, UnitTable& table,
            const CqWriter& completions, const std::vector<QueueControl>& controls,
            Injector& injector, Counters& counters);

  // In the order of the RTL's bits: those that compress, then those that decompress.
  void add(JobSink& channel) { channels_.push_back(&channel); }
  void clear(unsigned queue) { queues_[queue].cq_alloc = 0; }

  // Units that needed no channel: the first one's result, from an edge on.
  [[nodiscard]] Cycle result_ready() const { return now_.empty() ? kNever : now_.front().from; }
  [[nodiscard]] unsigned result_slot() const { return now_.front().slot; }
  [[nodiscard]] const Result& result() const { return now_.front().result; }
  void result_taken() { now_.pop_front(); }
  // Told when there is one.
  void set_results(Evaluated& results) { results_ = &results; }

 private:
  static constexpr unsigned kNowDepth = 2;
  struct Queue {
    std::uint16_t cq_alloc = 0;  // next completion entry to put aside
    bool fenced = false;         // a NOP of it has not left
    bool alone = false;          // its first one needs no channel, and waits until no unit is left
    bool stalled = false;
  };
  struct Held {  // picked, to be dispatched at the next edge
    unsigned queue;
    bool abort;
    bool nop;
    bool late;  // its queue had units
  };
  struct Now {
    unsigned slot;
    Result result;
    Cycle from;
  };

  bool evaluate(Cycle now) override;
  bool pick(Cycle now);
  void dispatch(Cycle now);
  [[nodiscard]] bool may_go(unsigned queue, const Submission& submission, bool compress,
                            bool decompress) const;
  [[nodiscard]] bool completion_room(unsigned queue) const;
  [[nodiscard]] unsigned least_loaded(bool decompress, Cycle now) const;
  [[nodiscard]] bool room(bool decompress, Cycle now) const;

  const Geometry& geometry_;
  SqFetch& fetch_;
  UnitTable& table_;
  const CqWriter& completions_;
  const std::vector<QueueControl>& controls_;
  Injector& injector_;
  Counters& counters_;
  Evaluated* results_ = nullptr;
  std::vector<JobSink*> channels_;
  std::vector<Queue> queues_;
  ClassRounds rounds_;
  bool holds_ = false;
  Held held_{};
  std::deque<Now> now_;
};

}  // namespace pagepress::model::fast
