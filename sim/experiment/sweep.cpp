// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/sweep.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "sim/experiment/child_pool.hpp"
#include "sim/experiment/compare.hpp"
#include "sim/experiment/folder_lock.hpp"
#include "sim/experiment/point_store.hpp"
#include "sim/experiment/sweep_inputs.hpp"
#include "sim/experiment/sweep_results.hpp"

namespace pagepress::sim {
namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

ProgressFn measuring(const SweepProgressFn& progress) {
  if (!progress) return {};
  return [&progress](const Progress& measured) {
    progress({.measuring = measured.backend,
              .done = measured.done,
              .total = measured.total,
              .per_s = measured.pages_per_s});
  };
}

class Sweep {
 public:
  Sweep(const SweepPoints& points, const SweepOptions& options, const SweepInputs& inputs,
        const SweepProgressFn& progress, const BackendTable& backends)
      : points_(points.points),
        options_(options),
        inputs_(inputs),
        progress_(progress),
        backends_(backends),
        store_(options.folder / "points"),
        outcomes_(points_.size()) {}

  // Every point's outcome; of a point that failed {"error": ...}.
  std::vector<nlohmann::json> run() {
    std::vector<std::size_t> missing;
    for (std::size_t i = 0; i < points_.size(); ++i) {
      std::optional<nlohmann::json> outcome = store_.find(inputs_.identity(points_[i]));
      if (outcome) {
        outcomes_[i] = std::move(*outcome);
      } else {
        missing.push_back(i);
      }
    }
    found_ = done_ = points_.size() - missing.size();
    tick();
    std::vector<SteadyClock::time_point> starts(missing.size());
    run_pool(
        missing.size(), options_.jobs,
        {.task =
             [&](std::size_t i) {
               starts[i] = SteadyClock::now();
               return task(points_[missing[i]]);
             },
         .ended = [&](std::size_t i, ChildProcess& child) { finish(missing[i], starts[i], child); },
         .tick = [this] { tick(); }});
    return std::move(outcomes_);
  }
  [[nodiscard]] std::size_t found() const { return found_; }

 private:
  PoolTask task(const SweepPoint& point) const {
    return {describe(point),
            [this, &point](const Emit&) { return run_point(point, inputs_.identity(point)); }};
  }

  // In the point's process.
  nlohmann::json run_point(const SweepPoint& point, const nlohmann::json& identity) const {
    const nlohmann::json results = run_compare(point.config, inputs_.costs(point), backends_);
    // What the outcome is kept under must be what it came from.
    for (std::size_t i = 0; i < results["inputs"].size(); ++i) {
      if (results["inputs"][i]["crc32c"] != identity["pages"].at(i)["crc32c"]) {
        throw CompareError(fmt::format("{} has changed while the sweep ran",
                                       results["inputs"][i]["path"].get<std::string>()));
      }
    }
    return point_outcome(results);
  }

  void finish(std::size_t point, SteadyClock::time_point start, ChildProcess& child) {
    nlohmann::json& outcome = outcomes_[point];
    try {
      outcome = child.result();
    } catch (const CompareError& error) {
      tick();  // it may have been ended by the signal that ends this program, too
      outcome = {{"error", error.what()}};
    }
    outcome["wall_s"] = seconds_since(start);
    if (!outcome.contains("error")) store_.put(inputs_.identity(points_[point]), outcome);
    ++done_;
  }

  void tick() const {
    if (!progress_) return;
    const double elapsed = seconds_since(start_);
    progress_({.measuring = {},
               .done = done_,
               .total = points_.size(),
               .per_s = elapsed > 0 ? static_cast<double>(done_ - found_) / elapsed : 0});
  }

  const std::vector<SweepPoint>& points_;
  const SweepOptions& options_;
  const SweepInputs& inputs_;
  const SweepProgressFn& progress_;
  const BackendTable& backends_;
  PointStore store_;
  std::vector<nlohmann::json> outcomes_;
  std::size_t found_ = 0;
  std::size_t done_ = 0;
  const SteadyClock::time_point start_ = SteadyClock::now();
};

}  // namespace

SweepOutcome run_sweep(const SweepConfig& sweep, const SweepPoints& points,
                       const SweepOptions& options, const SweepProgressFn& progress,
                       const BackendTable& backends) {
  const SteadyClock::time_point start = SteadyClock::now();
  make_folder(options.folder);
  const FolderLock lock(options.folder);
  remove_temporaries(options.folder);
  remove_temporaries(options.folder / "costs");
  const SweepInputs inputs(sweep, points.points, backends, options.folder / "costs",
                           measuring(progress));
  Sweep run(points, options, inputs, progress, backends);
  const std::vector<nlohmann::json> outcomes = run.run();

  SweepOutcome outcome;
  outcome.points = points.points.size();
  outcome.found = run.found();
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (outcomes[i].contains("error")) {
      outcome.failures.push_back(outcomes[i]["error"]);
    } else if (count_mismatches(outcomes[i]) != 0) {
      outcome.wrong.push_back(describe(points.points[i]));
    }
  }
  outcome.results = sweep_results(sweep, points, inputs, outcomes);
  outcome.results["host"]["jobs"] = options.jobs;
  outcome.results["host"]["points_found"] = outcome.found;
  outcome.results["host"]["wall_s"] = seconds_since(start);
  return outcome;
}

SweepOutcome run_sweep(const SweepConfig& sweep, const SweepPoints& points,
                       const SweepOptions& options, const SweepProgressFn& progress) {
  return run_sweep(sweep, points, options, progress, BackendTable());
}

}  // namespace pagepress::sim
