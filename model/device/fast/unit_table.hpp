// SPDX-License-Identifier: Apache-2.0
// rtl/queue/pp_unit_table.sv: every unit between its dispatch and its completion, and the
// order in which they leave.
#pragma once

#include <cstdint>
#include <vector>

#include "model/device/fast/arbiter.hpp"
#include "model/device/fast/records.hpp"

namespace pagepress::model::fast {

class UnitTable final : public Evaluated {
 public:
  // Told when a unit waits for its completion to be written.
  class Leaver {
   public:
    virtual void unit_leaves(Cycle from) = 0;

   protected:
    ~Leaver() = default;
  };

  UnitTable(EventQueue& events, unsigned slots, unsigned queues)
      : Evaluated(events), slots_(slots), by_queue_(queues), free_(slots) {}
  void set_leaver(Leaver& leaver) { leaver_ = &leaver; }

  // ---- Dispatch
  [[nodiscard]] bool full() const { return free_ == 0; }
  // Takes the first free slot.
  unsigned fill(const Unit& unit, bool relaxed, bool bulk);
  [[nodiscard]] unsigned count(unsigned queue) const {
    return static_cast<unsigned>(by_queue_[queue].size());
  }
  // Slots of units that are no decompressions.
  [[nodiscard]] unsigned bulk() const { return bulk_; }

  void result(unsigned slot, const Result& result, Cycle now);

  // ---- Completion: the unit that leaves
  [[nodiscard]] Cycle leaves_from() const { return leaving_ == kNobody ? kNever : leaves_from_; }
  [[nodiscard]] const Unit& unit() const { return slots_[leaving_].unit; }
  [[nodiscard]] const Result& result() const { return slots_[leaving_].result; }
  void left(Cycle now);

 private:
  static constexpr unsigned kNobody = UINT32_MAX;
  struct Slot {
    Unit unit;
    Result result;
    bool taken = false;
    bool done = false;
    bool relaxed = false;
    bool bulk = false;
  };

  bool evaluate(Cycle now) override;
  [[nodiscard]] bool may_leave(unsigned slot) const;

  std::vector<Slot> slots_;
  std::vector<std::vector<unsigned>> by_queue_;  // slots, oldest first
  unsigned free_;
  unsigned bulk_ = 0;
  Rounds rounds_;
  unsigned leaving_ = kNobody;
  Cycle leaves_from_ = 0;
  Leaver* leaver_ = nullptr;
};

}  // namespace pagepress::model::fast
