// SPDX-License-Identifier: Apache-2.0
#include "model/fault/fault_book.hpp"

#include <utility>

#include <fmt/format.h>

namespace pagepress::model {

namespace {

// How many events a fault hits: the device as a whole is hit once, whatever it suffers then.
std::uint32_t hits(const Fault& fault) { return happens_by_itself(fault.kind) ? 1 : fault.count; }

}  // namespace

bool happens_by_itself(FaultKind kind) {
  return kind == FaultKind::kStuckEngine || kind == FaultKind::kFlippedOutput ||
         kind == FaultKind::kReset || kind == FaultKind::kLinkStall || kind == FaultKind::kDead;
}

FaultBook::FaultBook(FaultPlan plan) : plan_(std::move(plan)), states_(plan_.faults.size()) {}

bool FaultBook::counts(const Fault& fault, const FaultEvent& event) const {
  if (sort_of(fault.kind) != event.sort) return false;
  switch (event.sort) {
    case FaultSort::kCompletion:
      return !fault.queue || *fault.queue == event.queue;
    case FaultSort::kInterrupt:
      return !fault.vector || *fault.vector == event.vector;
    default:
      return event.last >= fault.first_address && event.first <= fault.last_address &&
             (fault.target == DmaTarget::kAny ||
              (fault.target == DmaTarget::kRing) == event.in_ring);
  }
}

const std::vector<std::size_t>& FaultBook::note(const FaultEvent& event) {
  ++events_[static_cast<std::size_t>(event.sort)];
  hit_.clear();
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const Fault& fault = plan_.faults[i];
    State& state = states_[i];
    if (state.hits == hits(fault) || !counts(fault, event)) continue;
    if (fault.at_ps) {
      if (happens_by_itself(fault.kind) || event.ps < *fault.at_ps) continue;
    } else if (state.passed < fault.after) {
      ++state.passed;
      continue;
    }
    ++state.hits;
    hit_.push_back(i);
  }
  return hit_;
}

void FaultBook::apply(std::size_t index, std::uint64_t ps, std::string where) {
  ++states_[index].applied;
  ++applied_[static_cast<std::size_t>(plan_.faults[index].kind)];
  if (log_.size() < kMostLogged) log_.push_back({ps, index, std::move(where)});
}

std::string FaultBook::name(std::size_t index) const {
  const Fault& fault = plan_.faults[index];
  return fmt::format("{} ({}:{})", to_string(fault.kind), plan_.file, fault.line);
}

std::string FaultBook::describe(const Applied& entry) const {
  return fmt::format("{}.{:06} us: {}: {}", entry.ps / 1'000'000, entry.ps % 1'000'000,
                     name(entry.fault), entry.where);
}

std::vector<std::string> FaultBook::not_due() const {
  std::vector<std::string> list;
  for (std::size_t i = 0; i < states_.size(); ++i) {
    const std::uint32_t wanted = hits(plan_.faults[i]);
    if (states_[i].applied >= wanted) continue;
    list.push_back(fmt::format("{}: {} of {}", name(i), states_[i].applied, wanted));
  }
  return list;
}

}  // namespace pagepress::model
