// SPDX-License-Identifier: Apache-2.0
#include "bench/faults/random_plan.hpp"

#include <array>
#include <random>

#include <fmt/format.h>

#include "model/fault/fault_plan.hpp"

namespace pagepress::bench {
namespace {

using model::FaultKind;

constexpr unsigned kMostFaults = 6;

class Maker {
 public:
  Maker(std::uint64_t seed, std::uint64_t pages)
      : random_(seed), most_us_(20 + pages * 2 / 5), most_after_(2 * pages) {}

  std::string plan() {
    std::string text;
    const std::uint64_t faults = 1 + below(kMostFaults);
    for (std::uint64_t i = 0; i < faults; ++i) text += fault();
    return text;
  }

 private:
  // The standard's distributions differ from library to library.
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  std::string fault() {
    auto kind = static_cast<FaultKind>(below(model::kFaultKinds));
    // A dead device ends what can be learnt of the others.
    if (kind == FaultKind::kDead && below(2) != 0) kind = FaultKind::kReset;
    std::string text = fmt::format("[[fault]]\nkind = \"{}\"\n", to_string(kind));
    text += below(2) == 0 ? fmt::format("at_us = {}.{:03}\n", below(most_us_), below(1000))
                          : fmt::format("after = {}\n", below(most_after_));
    return text + details(kind);
  }

  std::string count() { return fmt::format("count = {}\n", 1 + below(below(4) == 0 ? 40 : 3)); }

  std::string details(FaultKind kind) {
    constexpr std::array<const char*, 3> kTargets{"any", "ring", "data"};
    switch (kind) {
      case FaultKind::kDmaRead:
      case FaultKind::kDmaWrite:
        return fmt::format("target = \"{}\"\n", kTargets[below(kTargets.size())]) + count();
      case FaultKind::kPoisonedCompletion:
        if (below(2) == 0) return fmt::format("status = {}\n", below(12)) + count();
        return fmt::format("byte = {}\nmask = {}\n", below(32), 1 + below(255)) + count();
      case FaultKind::kLostCompletion:
      case FaultKind::kDroppedInterrupt:
        return count();
      case FaultKind::kLateInterrupt:
        return fmt::format("for_us = {}\n", 1 + below(300)) + count();
      case FaultKind::kStuckEngine:
        return fmt::format("cycles = {}\n", below(3) == 0 ? 0 : 1 + below(500'000)) + count();
      case FaultKind::kFlippedOutput:
        return fmt::format("bit = {}\n", below(8192)) + count();
      case FaultKind::kLinkStall:
        return fmt::format("for_us = {}\n", 1 + below(below(3) == 0 ? 2000 : 100));
      default:
        return {};
    }
  }

  std::mt19937_64 random_;
  const std::uint64_t most_us_;     // about as long as it takes
  const std::uint64_t most_after_;  // completions; there are more DMA reads
};

}  // namespace

std::string random_plan(std::uint64_t seed, std::uint64_t pages) {
  return Maker(seed, pages).plan();
}

}  // namespace pagepress::bench
