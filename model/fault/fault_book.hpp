// SPDX-License-Identifier: Apache-2.0
// FaultBook: which faults of a plan are still to come, which have been applied, and when.
// Plain counting: no SystemC in it.
// Limitation: of what was applied, the first kMostLogged are kept one by one; all are counted.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/fault/fault_plan.hpp"

namespace pagepress::model {

// Something that a fault can count or hit.
struct FaultEvent {
  FaultSort sort = FaultSort::kCompletion;
  std::uint64_t ps = 0;     // simulated time
  unsigned queue = 0;       // of a completion
  unsigned vector = 0;      // of an interrupt
  bool in_ring = false;     // of DMA: of descriptors or completions
  std::uint64_t first = 0;  // of DMA: addresses
  std::uint64_t last = 0;
};

class FaultBook {
 public:
  static constexpr std::size_t kMostLogged = 1000;

  struct Applied {
    std::uint64_t ps = 0;
    std::size_t fault = 0;  // index in the plan
    std::string where;
  };

  explicit FaultBook(FaultPlan plan);

  // Counts an event. Those faults that hit it, in the plan's order; until the next call.
  const std::vector<std::size_t>& note(const FaultEvent& event);
  // Events of a sort so far.
  [[nodiscard]] std::uint64_t events(FaultSort sort) const {
    return events_[static_cast<std::size_t>(sort)];
  }

  [[nodiscard]] const Fault& fault(std::size_t index) const { return plan_.faults[index]; }
  [[nodiscard]] const FaultPlan& plan() const { return plan_; }
  void apply(std::size_t index, std::uint64_t ps, std::string where);

  [[nodiscard]] std::uint64_t applied(FaultKind kind) const {
    return applied_[static_cast<std::size_t>(kind)];
  }
  [[nodiscard]] const std::vector<Applied>& log() const { return log_; }
  // "12.500 us: link-stall (plan.toml:3): for 100 us".
  [[nodiscard]] std::string describe(const Applied& entry) const;
  // Faults that have hit less often than they say: "dma-read-fault (plan.toml:7): 0 of 2".
  [[nodiscard]] std::vector<std::string> not_due() const;

 private:
  struct State {
    std::uint64_t passed = 0;  // events
    std::uint32_t hits = 0;    // given out
    std::uint32_t applied = 0;
  };
  [[nodiscard]] bool counts(const Fault& fault, const FaultEvent& event) const;
  [[nodiscard]] std::string name(std::size_t index) const;

  FaultPlan plan_;
  std::vector<State> states_;
  std::array<std::uint64_t, kFaultSorts> events_{};
  std::array<std::uint64_t, kFaultKinds> applied_{};
  std::vector<std::size_t> hit_;
  std::vector<Applied> log_;
};

// Whether the fault is of the device or the link as a whole: with a time it needs no event.
[[nodiscard]] bool happens_by_itself(FaultKind kind);

}  // namespace pagepress::model
