// SPDX-License-Identifier: Apache-2.0
// bench_engine's results as JSON (docs/engine-bench.md) and as text.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench/engine/figures.hpp"
#include "bench/engine/pages.hpp"
#include "bench/engine/rules.hpp"

namespace pagepress::bench {

[[nodiscard]] nlohmann::ordered_json to_json(const Figures& figures,
                                             const std::vector<Pages>& corpus,
                                             const std::vector<Verdict>& verdicts);

[[nodiscard]] std::string to_text(const Figures& figures, const std::vector<Pages>& corpus);

[[nodiscard]] std::string to_text(const std::vector<Verdict>& verdicts);

}  // namespace pagepress::bench
