// SPDX-License-Identifier: Apache-2.0
// FaultPlan: what is to go wrong with a device, and when (docs/faults.md has the keys).
//
// A fault comes due at a simulated time, or after so many events of the sort that its kind counts.
// Limitation: no fault is undone by the plan but one that has an end of its own (a stall, an
// engine that is stuck for some cycles).
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pagepress::model {

enum class FaultKind : std::uint8_t {
  kDmaRead,             // the device's read is answered with an error
  kDmaWrite,            // its write does not reach memory and is answered with an error
  kPoisonedCompletion,  // a byte of a completion is not what the device wrote
  kLostCompletion,      // a completion does not reach memory; the device knows nothing of it
  kDroppedInterrupt,
  kLateInterrupt,
  kStuckEngine,    // the next unit keeps its engine so many cycles longer
  kFlippedOutput,  // a bit of the next unit's output is inverted
  kReset,          // all registers of the device go back to reset
  kLinkStall,      // nothing crosses the link for a while, in no direction
  kDead,           // reads give all ones, writes go nowhere, no DMA: surprise removal
};
inline constexpr std::size_t kFaultKinds = 11;
[[nodiscard]] std::string_view to_string(FaultKind kind);

// What a fault counts, and what it hits.
enum class FaultSort : std::uint8_t { kDmaRead, kDmaWrite, kCompletion, kInterrupt };
inline constexpr std::size_t kFaultSorts = 4;
[[nodiscard]] std::string_view to_string(FaultSort sort);
[[nodiscard]] FaultSort sort_of(FaultKind kind);

// Which DMA: of the rings (descriptors, completions), of everything else, or any.
enum class DmaTarget : std::uint8_t { kAny, kRing, kData };
[[nodiscard]] std::string_view to_string(DmaTarget target);

struct Fault {
  FaultKind kind = FaultKind::kDead;
  unsigned line = 0;                   // in the plan's file
  std::optional<std::uint64_t> at_ps;  // simulated time; without it `after` counts
  std::uint64_t after = 0;             // events to let pass before the first that is hit
  std::uint32_t count = 1;             // events in a row that are hit
  std::optional<unsigned> queue;       // only its completions or units
  std::optional<unsigned> vector;      // only its interrupts
  DmaTarget target = DmaTarget::kAny;
  std::uint64_t first_address = 0;  // only DMA that touches these
  std::uint64_t last_address = std::numeric_limits<std::uint64_t>::max();
  std::optional<std::uint8_t> status;  // poisoned: what the completion says
  unsigned byte = 0;                   // or a byte of it,
  std::uint8_t mask = 0;               // of which these bits are inverted
  std::uint64_t duration_ps = 0;       // of a stall, of an interrupt's delay
  std::uint32_t cycles = 0;            // of a stuck engine; 0: for ever
  std::uint32_t bit = 0;               // of the output
};

struct FaultPlan {
  std::string file;  // where it was read
  std::vector<Fault> faults;
};

// Throws std::invalid_argument: an unreadable file, or "file:line: what" with the key that is
// unknown, missing, of no use to its kind, or out of its range.
[[nodiscard]] FaultPlan load_fault_plan(const std::string& path);
[[nodiscard]] FaultPlan parse_fault_plan(std::string_view file, std::string_view text);

}  // namespace pagepress::model
