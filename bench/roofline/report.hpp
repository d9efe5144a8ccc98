// SPDX-License-Identifier: Apache-2.0
// bench_roofline's results as JSON (docs/roofline.md) and as text.
#pragma once

#include <nlohmann/json.hpp>
#include <span>
#include <string>

#include "bench/pages/page_set.hpp"
#include "bench/roofline/point.hpp"

namespace pagepress::bench {

// What was run. No corpus: synthetic pages.
struct Setting {
  std::span<const PageSet> corpus;
  const Loads& loads;
  model::fast::Geometry geometry;  // engines aside
  double clock_ghz;
};

[[nodiscard]] nlohmann::ordered_json to_json(const Setting& setting, std::span<const Point> points);
[[nodiscard]] std::string to_text(const Setting& setting, std::span<const Point> points);
// What misses the rule; "" if nothing does.
[[nodiscard]] std::string misses(std::span<const Point> points);

}  // namespace pagepress::bench
