// SPDX-License-Identifier: Apache-2.0
// What the engine must reach: the figures that `bench_engine --check` holds it to.
#pragma once

#include <string>
#include <vector>

#include "bench/engine/figures.hpp"

namespace pagepress::bench {

struct Verdict {
  std::string what;
  double value = 0;
  double bound = 0;
  bool at_least = true;  // else at most
  [[nodiscard]] bool good() const { return at_least ? value >= bound : value <= bound; }
};

// Verdicts on all rules whose figures are there. Throws std::runtime_error if pages of a group
// are missing: a corpus of at least five programs ("process") and files ("file") is needed.
[[nodiscard]] std::vector<Verdict> judge(const Figures& figures);

}  // namespace pagepress::bench
