// SPDX-License-Identifier: Apache-2.0
// rtl/queue/pp_cq_writer.sv: completions of all queues, an entry a burst.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "model/device/fast/queue_control.hpp"
#include "model/device/fast/records.hpp"
#include "model/device/fast/sq_fetch.hpp"
#include "model/device/fast/unit_table.hpp"
#include "model/device/fast/write_port.hpp"

namespace pagepress::model::fast {

class CompletionObserver {
 public:
  // A unit has left its slot.
  virtual void slot_freed(unsigned queue, Cycle now) = 0;
  // A unit is out of the device; `counts`: towards an interrupt.
  virtual void completed(unsigned queue, bool counts, Cycle now) = 0;
  // Its completion was written; the edge at which its place is free again.
  virtual Cycle written(const Stat& stat, Cycle now) = 0;
  virtual void completion_failed(const LogEntry& error, Cycle now) = 0;
  virtual void unit_failed(const LogEntry& error, Cycle now) = 0;

 protected:
  ~CompletionObserver() = default;
};

class CqWriter final : public WriteClient, public UnitTable::Leaver, public Actor {
 public:
  CqWriter(EventQueue& events, WritePort& port, UnitTable& table, const SqFetch& fetch,
           const std::vector<QueueControl>& controls, unsigned queues, CompletionObserver& observer)
      : events_(events),
        port_(port),
        table_(table),
        fetch_(fetch),
        controls_(controls),
        observer_(observer),
        queues_(queues) {}

  void clear(unsigned queue) { queues_[queue] = {}; }
  [[nodiscard]] std::uint16_t tail(unsigned queue) const { return queues_[queue].tail; }
  // A write failed: completions are discarded.
  [[nodiscard]] bool dead(unsigned queue) const { return queues_[queue].dead; }
  [[nodiscard]] bool busy() const { return credits_ != kOutstanding; }

 private:
  static constexpr unsigned kOutstanding = 16;
  struct Queue {
    std::uint16_t tail = 0;     // next entry to write
    std::uint16_t written = 0;  // next entry whose response is to come
    bool dead = false;
  };
  struct Track {
    Stat stat;
    Cycle start;
    bool irq;
  };

  Cycle write_ready() const override;
  void fill_write(Burst& burst, Cycle now) override;
  void beats_leave(unsigned, Cycle) override {}
  void write_done(bool refused, Cycle now) override;
  void unit_leaves(Cycle from) override;
  void act(Cycle now, std::uint32_t what) override;
  void discard(Cycle now);
  [[nodiscard]] Result told(const Unit& unit) const;
  void leave(const Unit& unit, const Result& result, Cycle now);

  EventQueue& events_;
  WritePort& port_;
  UnitTable& table_;
  const SqFetch& fetch_;
  const std::vector<QueueControl>& controls_;
  CompletionObserver& observer_;
  std::vector<Queue> queues_;
  unsigned credits_ = kOutstanding;
  std::deque<Track> track_;  // without response
};

}  // namespace pagepress::model::fast
