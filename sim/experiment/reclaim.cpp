// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/reclaim.hpp"

#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>
#include <pagepress/codecs.hpp>

#include "sim/experiment/child_pool.hpp"
#include "sim/experiment/costs.hpp"
#include "sim/experiment/machine.hpp"
#include "sim/pagefile/output_file.hpp"
#include "sim/reclaim/run/run.hpp"
#include "sim/reclaim/scenario/load.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using reclaim::Scenario;
using SteadyClock = std::chrono::steady_clock;

constexpr double kNsPerS = 1e9;
constexpr double kLatestTraceS = 1e6;  // runs are shorter

// A point of the grid; without factors, the scenario itself.
struct Point {
  std::optional<std::uint64_t> cores;
  double speed = 1;
  double pressure = 1;
  Scenario scenario;
};

template <typename T>
std::vector<T> or_one(const std::vector<T>& values, T one) {
  return values.empty() ? std::vector<T>{one} : values;
}

std::vector<Point> grid_points(const Scenario& scenario) {
  const reclaim::GridConfig& grid = scenario.grid;
  std::vector<Point> points;
  if (grid.cores.empty() && grid.speeds.empty() && grid.pressures.empty()) return points;
  for (const std::uint64_t cores : or_one<std::uint64_t>(grid.cores, 0)) {
    for (const double speed : or_one(grid.speeds, 1.0)) {
      for (const double pressure : or_one(grid.pressures, 1.0)) {
        Point point{.speed = speed, .pressure = pressure, .scenario = scenario};
        if (cores != 0) {
          point.cores = cores;
          point.scenario.cpu.cores.front().count = cores;
        }
        for (reclaim::CoreKind& kind : point.scenario.cpu.cores) kind.speed *= speed;
        for (reclaim::ProgramConfig& program : point.scenario.workload.programs) {
          program.anon_mib = static_cast<std::uint64_t>(
              std::max(1.0, static_cast<double>(program.anon_mib) * pressure));
        }
        if (!grid.policies.empty()) point.scenario.policies = grid.policies;
        points.push_back(std::move(point));
      }
    }
  }
  return points;
}

// A run to be done: a policy at a point.
struct Task {
  const Point* point;
  std::string policy;
  bool in_grid;
};

void check_policies(const std::vector<std::string>& specs) {
  std::set<std::string> seen;
  for (const std::string& spec : specs) {
    if (!seen.insert(spec).second) {
      throw ConfigError(fmt::format("policy '{}': is there twice", spec));
    }
    try {
      (void)reclaim::parse_policy(spec);
    } catch (const std::invalid_argument& error) {
      throw ConfigError(error.what());
    }
  }
}

class Experiment {
 public:
  Experiment(const ReclaimConfig& config, const ReclaimProgressFn& progress)
      : config_(config),
        progress_(progress),
        contents_(config.files),
        inputs_{{.path = "contents",
                 .bytes = contents_.bytes(),
                 .crc32c = pagepress::crc32c(contents_.bytes().data(), contents_.bytes().size())}},
        faults_(fault_plan(config.scenario)) {
    base_.scenario = config.scenario;
    if (config.grid) grid_ = grid_points(config.scenario);
    add_tasks(base_, false);
    for (const Point& point : grid_) add_tasks(point, true);
  }

  json run() {
    const CostTable costs =
        obtain_costs({.file = config_.costs,
                      .sweeps = config_.cost_sweeps,
                      .limit_bytes = static_cast<std::uint32_t>(config_.scenario.store.limit_bytes),
                      .codecs = codecs()},
                     BackendTable(), inputs_, measuring());
    std::vector<json> outcomes(tasks_.size());
    std::size_t done = 0;
    const SteadyClock::time_point start = SteadyClock::now();
    const auto tick = [&] {
      if (!progress_) return;
      const std::chrono::duration<double> elapsed = SteadyClock::now() - start;
      progress_({.what = "simulating",
                 .done = done,
                 .total = tasks_.size(),
                 .per_s = static_cast<double>(done) / std::max(elapsed.count(), 1e-3)});
    };
    run_pool(tasks_.size(), config_.jobs,
             {.task = [&](std::size_t i) { return pool_task(tasks_[i], costs); },
              .ended =
                  [&](std::size_t i, ChildProcess& child) {
                    outcomes[i] = child.result();
                    ++done;
                  },
              .tick = tick});
    return results(costs, outcomes);
  }

 private:
  static std::optional<model::FaultPlan> fault_plan(const Scenario& scenario) {
    if (scenario.faults.empty()) return std::nullopt;
    return model::load_fault_plan(scenario.faults.string());
  }

  // CPU codecs that any policy may run.
  std::vector<std::string> codecs() const {
    std::set<std::string> names{config_.scenario.cpu_codec};
    for (const Task& task : tasks_) {
      const std::string codec = reclaim::parse_policy(task.policy).codec;
      if (codec.starts_with("cpu:")) names.insert(codec);
    }
    return {names.begin(), names.end()};
  }

  ProgressFn measuring() const {
    if (!progress_) return {};
    return [this](const Progress& measured) {
      progress_({.what = "measuring " + measured.backend,
                 .done = measured.done,
                 .total = measured.total,
                 .per_s = measured.pages_per_s});
    };
  }

  void add_tasks(const Point& point, bool in_grid) {
    for (const std::string& policy : point.scenario.policies) {
      tasks_.push_back({&point, policy, in_grid});
    }
  }

  PoolTask pool_task(const Task& task, const CostTable& costs) const {
    return {task.policy, [this, &task, &costs](const Emit&) { return run_task(task, costs); }};
  }

  // In the run's process.
  json run_task(const Task& task, const CostTable& costs) const {
    std::optional<reclaim::Trace> trace;
    if (!task.in_grid && !config_.trace_dir.empty()) {
      const auto ns = [](double s) { return static_cast<reclaim::Ns>(s * kNsPerS); };
      trace.emplace(reclaim::Trace::Window{.from = ns(config_.trace_from_s),
                                           .until = ns(config_.trace_from_s + config_.trace_s)});
    }
    const SteadyClock::time_point start = SteadyClock::now();
    json outcome = reclaim::run_policy({.scenario = task.point->scenario,
                                        .policy = task.policy,
                                        .contents = contents_,
                                        .costs = costs,
                                        .faults = faults_,
                                        .trace = trace ? &*trace : nullptr});
    const std::chrono::duration<double> wall = SteadyClock::now() - start;
    const double steals = outcome.at("vmstat").at("pgsteal_kswapd").get<double>() +
                          outcome.at("vmstat").at("pgsteal_direct").get<double>();
    outcome["host"] = {{"wall_s", wall.count()}, {"reclaims_per_s", steals / wall.count()}};
    if (task.in_grid) outcome.erase("series");
    if (trace) write_trace(task.policy, *trace);
    return outcome;
  }

  void write_trace(const std::string& policy, const reclaim::Trace& trace) const {
    std::ostringstream text;
    trace.write(text);
    OutputFile file(config_.trace_dir / trace_name(policy));
    file.write(text.str());
    file.commit();
  }

  static std::string trace_name(std::string policy) {
    std::replace_if(
        policy.begin(), policy.end(), [](char c) { return c == '/' || c == ':' || c == ','; }, '-');
    return policy + ".trace.json";
  }

  json results(const CostTable& costs, const std::vector<json>& outcomes) const {
    json results = {{"schema", "pagepress.reclaim/1"},
                    {"kind", "reclaim"},
                    {"created", describe_creation(config_.command)},
                    {"scenario", reclaim::to_json(config_.scenario)},
                    {"inputs", json::array()},
                    {"costs", costs.describe()},
                    {"runs", json::array()},
                    {"grid", json::array()},
                    {"traces", json::array()}};
    const Workload files(config_.files);
    for (const Workload::Input& input : files.inputs()) {
      results["inputs"].push_back(input.describe());
    }
    const Point* last = &base_;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      const Point& point = *tasks_[i].point;
      if (!tasks_[i].in_grid) {
        results["runs"].push_back(outcomes[i]);
        if (!config_.trace_dir.empty()) results["traces"].push_back(trace_name(tasks_[i].policy));
        continue;
      }
      if (&point != last) {
        results["grid"].push_back({{"cores", point.cores ? json(*point.cores) : json()},
                                   {"speed", point.speed},
                                   {"pressure", point.pressure},
                                   {"runs", json::array()}});
        last = &point;
      }
      results["grid"].back()["runs"].push_back(outcomes[i]);
    }
    return results;
  }

  const ReclaimConfig& config_;
  const ReclaimProgressFn& progress_;
  reclaim::ContentArena contents_;
  std::vector<CostInput> inputs_;
  std::optional<model::FaultPlan> faults_;
  Point base_;
  std::vector<Point> grid_;
  std::vector<Task> tasks_;
};

}  // namespace

void check(const ReclaimConfig& config) {
  if (config.files.empty()) throw ConfigError("reclaim needs a page file");
  if (config.jobs == 0) throw ConfigError("--jobs must be at least 1");
  if (!(config.trace_from_s >= 0) || !(config.trace_s > 0) ||
      !(config.trace_from_s + config.trace_s <= kLatestTraceS)) {
    throw ConfigError(fmt::format(
        "the trace must begin at 0 s or later, be longer than 0 s and end at {} s or before",
        kLatestTraceS));
  }
  reclaim::check(config.scenario);
  check_policies(config.scenario.policies);
  if (!config.grid) return;
  check_policies(config.scenario.grid.policies);
  for (const Point& point : grid_points(config.scenario)) {
    try {
      reclaim::check(point.scenario);
    } catch (const ConfigError& error) {
      throw ConfigError(fmt::format("grid, at speed {} and pressure {}: {}", point.speed,
                                    point.pressure, error.what()));
    }
  }
}

json run_reclaim(const ReclaimConfig& config, const ReclaimProgressFn& progress) {
  check(config);
  // SystemC's banner has no place between our messages.
  ::setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", /*overwrite=*/1);
  return Experiment(config, progress).run();
}

}  // namespace pagepress::sim
