// SPDX-License-Identifier: Apache-2.0
// Sampler: looks at the simulated machine each so many simulated milliseconds, from first to last,
// and makes time series of what it saw. It takes no simulated time and changes nothing.
//
// Limitation: samples are kept, some 400 bytes each: a run has thousands, not millions.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <systemc>

#include "sim/reclaim/cpu/scheduler.hpp"
#include "sim/reclaim/ids.hpp"
#include "sim/reclaim/mm/mm.hpp"
#include "sim/reclaim/stats/vmstat.hpp"

namespace pagepress::reclaim {

// Something that can be the bottleneck, and how long it has been busy since the start.
struct ResourceUse {
  std::string name;         // "kswapd CPU", "kcompressd CPU", "all cores", "engine", "link", ...
  double busy_ns = 0;       // of all its units together
  double units = 1;         // workers, cores, engines: so many can be busy at once
  bool awake_only = false;  // busy only while kswapd is awake: kswapd itself
};

// The machine at one moment; counters from the start.
struct Sample {
  Ns at = 0;
  Mm::Levels levels = {};
  Vmstat vmstat = {};
  Ns kswapd_awake_ns = 0;
  std::vector<Scheduler::GroupUse> groups;
  std::optional<double> engine_busy;  // ns, of all engines over their number; without one: nothing
  std::vector<ResourceUse> resources;
};

class Sampler {
 public:
  // During elaboration. `look` sets all but `at`; it must outlive this. Throws
  // std::invalid_argument: no period.
  Sampler(Ns period, std::function<Sample()> look);
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  // A last sample, now; none after it. Without it the process keeps simulation going for ever.
  void stop();
  [[nodiscard]] const std::vector<Sample>& samples() const noexcept { return samples_; }

 private:
  void watch();
  void take();

  Ns period_;
  std::function<Sample()> look_;
  std::vector<Sample> samples_;
  sc_core::sc_event stopping_;
  bool stopped_ = false;
};

// `series` of docs/reclaim/results.md: levels at each sample, and what was counted since the one
// before (0 at the first). Empty object without samples.
[[nodiscard]] nlohmann::json series_json(const std::vector<Sample>& samples);

// `binds`: the resource with the highest busy share while kswapd was awake, that share, and those
// of all. Between two samples a resource is taken to be as busy while kswapd is awake as while it
// is not. {"resource": "none", "share": null, "shares": []} if it never was.
[[nodiscard]] nlohmann::json binding_resource(const std::vector<Sample>& samples);

}  // namespace pagepress::reclaim
