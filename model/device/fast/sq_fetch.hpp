// SPDX-License-Identifier: Apache-2.0
// rtl/queue/pp_sq_fetch.sv, one for each queue, and pp_queues' choice among them.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "model/device/fast/geometry.hpp"
#include "model/device/fast/queue_control.hpp"
#include "model/device/fast/read_port.hpp"
#include "model/device/fast/records.hpp"

namespace pagepress::model::fast {

// A submission that is held ahead.
struct Submission {
  pp_sqe sqe;
  Cycle came = 0;
  std::uint16_t index = 0;
};

// Who must know what becomes of submissions.
class FetchObserver {
 public:
  virtual void submission_came(unsigned queue, Cycle now) = 0;
  virtual void fetch_failed(const LogEntry& error, Cycle now) = 0;
  // Nothing of the queue is asked for any more.
  virtual void fetch_quiet(unsigned queue, Cycle now) = 0;

 protected:
  ~FetchObserver() = default;
};

class SqFetch final : public ReadClient, public Actor {
 public:
  SqFetch(EventQueue& events, ReadPort& port, const Geometry& geometry,
          std::vector<QueueControl>& controls, FetchObserver& observer);

  // Of the device: PP_CTRL_ENABLE.
  void enable(bool on, Cycle now);
  // The queue is being enabled: start at index 0.
  void clear(unsigned queue);
  // Its registers changed at this edge.
  void changed(unsigned queue, Cycle now);

  [[nodiscard]] const Submission* first(unsigned queue, Cycle now) const;
  void pop(unsigned queue, Cycle now);
  [[nodiscard]] std::uint16_t head(unsigned queue) const { return queues_[queue].head; }
  [[nodiscard]] bool pending(unsigned queue) const { return queues_[queue].pending != 0; }
  // Something is to be fetched, or on its way.
  [[nodiscard]] bool busy(unsigned queue) const;

 private:
  static constexpr unsigned kOrder = 16;  // bursts on their way, all queues together

  struct Queue {
    std::uint16_t tail = 0;         // the register
    std::uint16_t tail_before = 0;  // before the edge of its last change
    Cycle changed_at = kNever;
    std::uint16_t fetch = 0;  // next entry to ask for
    std::uint16_t head = 0;   // next entry that is not here
    unsigned used = 0;        // entries held or asked for
    unsigned pending = 0;     // asked for and not here
    bool dead = false;        // a fetch failed
    Cycle asks_from = kNever;
    unsigned count = 0;  // what it asks for
    std::uint64_t address = 0;
    std::deque<Submission> held;
  };
  struct Coming {
    pp_sqe sqe;
    unsigned queue;
    bool refused;
  };

  Cycle read_ready() const override;
  void fill_read(Burst& burst, Cycle now) override;
  void read_data(const Burst& burst, Cycle first, Cycle last) override;
  void act(Cycle now, std::uint32_t what) override;
  void ask(unsigned queue, Cycle now);
  void entry(Cycle now);
  [[nodiscard]] bool runs(unsigned queue) const { return enabled_ && controls_[queue].runs(); }
  [[nodiscard]] unsigned burst_entries(const Queue& queue, const QueueControl& control,
                                       Cycle now) const;

  EventQueue& events_;
  ReadPort& port_;
  const Geometry& geometry_;
  std::vector<QueueControl>& controls_;
  FetchObserver& observer_;
  bool enabled_ = false;
  std::vector<Queue> queues_;
  ClassRounds rounds_;
  std::deque<unsigned> order_;  // queues whose bursts are on their way
  std::deque<Coming> coming_;   // entries whose edges are in the event queue
};

}  // namespace pagepress::model::fast
