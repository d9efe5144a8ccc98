// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/unit_table.hpp"

#include <algorithm>

namespace pagepress::model::fast {

unsigned UnitTable::fill(const Unit& unit, bool relaxed, bool bulk) {
  const auto first = std::ranges::find(slots_, false, &Slot::taken);
  const auto slot = static_cast<unsigned>(first - slots_.begin());
  *first = {
      .unit = unit, .result = {}, .taken = true, .done = false, .relaxed = relaxed, .bulk = bulk};
  --free_;
  bulk_ += bulk ? 1 : 0;
  by_queue_[unit.queue].push_back(slot);
  return slot;
}

void UnitTable::result(unsigned slot, const Result& result, Cycle now) {
  slots_[slot].result = result;
  slots_[slot].done = true;
  wake(now + 1);
}

bool UnitTable::may_leave(unsigned slot) const {
  const Slot& s = slots_[slot];
  return s.done && (s.relaxed || by_queue_[s.unit.queue].front() == slot);
}

bool UnitTable::evaluate(Cycle now) {
  if (leaving_ != kNobody) return false;
  Requests eligible;
  for (unsigned slot = 0; slot < slots_.size(); ++slot) eligible[slot] = may_leave(slot);
  if (eligible.none()) return false;
  leaving_ = rounds_.pick(eligible);
  slots_[leaving_].done = false;
  leaves_from_ = now + 1;
  leaver_->unit_leaves(leaves_from_);
  return true;
}

void UnitTable::left(Cycle now) {
  Slot& s = slots_[leaving_];
  std::erase(by_queue_[s.unit.queue], leaving_);
  bulk_ -= s.bulk ? 1 : 0;
  ++free_;
  s.taken = false;
  leaving_ = kNobody;
  wake(now + 1);
}

}  // namespace pagepress::model::fast
