// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/reclaim.hpp"

#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <set>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <pagepress/codecs.hpp>

#include "sim/experiment/child_pool.hpp"
#include "sim/experiment/costs.hpp"
#include "sim/experiment/machine.hpp"
#include "sim/experiment/reclaim_grid.hpp"
#include "sim/pagefile/file_error.hpp"
#include "sim/reclaim/run/run.hpp"
#include "sim/reclaim/scenario/load.hpp"
#include "sim/reclaim/workload/recording.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using reclaim::Scenario;
using SteadyClock = std::chrono::steady_clock;

constexpr double kNsPerS = 1e9;
constexpr double kLongestRunS = 3600;  // as workload.seconds
constexpr std::size_t kMostJobs = 1024;

// Throws ConfigError: one is unknown, or there twice, or the machine lacks what it names.
void check_policies(std::string_view key, const Scenario& scenario,
                    const std::vector<std::string>& specs) {
  std::set<std::string_view> seen;
  for (const std::string& spec : specs) {
    if (!seen.insert(spec).second) {
      throw ConfigError(fmt::format("{}: the policy '{}' is there twice", key, spec));
    }
    try {
      const reclaim::PolicyConfig policy = reclaim::parse_policy(spec);
      reclaim::check_cores(policy, scenario.cpu);
      reclaim::check_engine(policy, scenario.engine);
    } catch (const std::invalid_argument& error) {
      throw ConfigError(error.what());
    }
  }
}

std::vector<std::span<const std::uint8_t>> bytes_of(const Workload& files) {
  std::vector<std::span<const std::uint8_t>> bytes;
  for (const Workload::Input& input : files.inputs()) bytes.push_back(input.file.bytes());
  return bytes;
}

// A run to be done: a policy at a point.
struct Task {
  const GridPoint* point;
  std::string policy;
  bool in_grid;
  OutputFile* timeline;  // null: none is wanted
};

class Experiment {
 public:
  Experiment(const ReclaimConfig& config, const ReclaimProgressFn& progress)
      : config_(config),
        progress_(progress),
        files_(config.files),
        contents_(bytes_of(files_)),
        inputs_{{.path = "contents",
                 .bytes = contents_.bytes(),
                 .crc32c = pagepress::crc32c(contents_.bytes().data(), contents_.bytes().size())}},
        faults_(fault_plan(config.scenario)) {
    check_recording();
    base_.scenario = config.scenario;
    if (config.grid) grid_ = grid_points(config.scenario);
  }

  ReclaimOutcome run() {
    // Before any work: the folder may not be writable.
    add_tasks(base_, false);
    for (const GridPoint& point : grid_) add_tasks(point, true);
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
    return {results(costs, outcomes), std::move(timelines_)};
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

  // A recording that cannot be replayed is known before anything is measured.
  void check_recording() const {
    const std::filesystem::path& file = config_.scenario.workload.recording;
    if (file.empty()) return;
    const reclaim::Recording recording = reclaim::read_recording(file);
    const std::string own = fmt::format("give its own ({}.pages) as the first", file.string());
    if (recording.pages > contents_.file_pages()) {
      throw FileError(file, fmt::format("a recording of {} pages, the page files have {}: {}",
                                        recording.pages, contents_.file_pages(), own));
    }
    const json crc = recording.header.value("contents_crc32c", json());
    std::vector<std::uint32_t> pages;
    for (std::size_t i = 0; i < recording.pages; ++i) {
      pages.push_back(pagepress::crc32c(&contents_.bytes()[i * kPageBytes], kPageBytes));
    }
    if (crc.is_number() && crc != reclaim::contents_crc32c(pages)) {
      throw FileError(file, fmt::format("a recording of another page file than {}: {}",
                                        config_.files.front().string(), own));
    }
  }

  void add_tasks(const GridPoint& point, bool in_grid) {
    for (const std::string& policy : point.scenario.policies) {
      OutputFile* timeline = nullptr;
      if (!in_grid && !config_.trace_dir.empty()) {
        timeline =
            timelines_
                .emplace_back(std::make_unique<OutputFile>(config_.trace_dir / trace_name(policy)))
                .get();
      }
      tasks_.push_back({&point, policy, in_grid, timeline});
    }
  }

  PoolTask pool_task(const Task& task, const CostTable& costs) const {
    return {task.policy, [this, &task, &costs](const Emit&) { return run_task(task, costs); }};
  }

  // In the run's process.
  json run_task(const Task& task, const CostTable& costs) const {
    std::optional<reclaim::Trace> trace;
    if (task.timeline != nullptr) {
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
    if (trace) write_trace(*task.timeline, *trace);
    return outcome;
  }

  // Into the file that the parent has opened, and will put in place or remove.
  static void write_trace(OutputFile& file, const reclaim::Trace& trace) {
    std::ostringstream text;
    trace.write(text);
    file.write(text.str());
    file.finish();
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
    for (const Workload::Input& input : files_.inputs()) {
      results["inputs"].push_back(input.describe());
    }
    const GridPoint* last = &base_;
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
      const GridPoint& point = *tasks_[i].point;
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
  Workload files_;
  reclaim::ContentArena contents_;
  std::vector<CostInput> inputs_;
  std::optional<model::FaultPlan> faults_;
  GridPoint base_;
  std::vector<GridPoint> grid_;
  std::vector<Task> tasks_;
  std::vector<std::unique_ptr<OutputFile>> timelines_;
};

}  // namespace

void check(const ReclaimConfig& config) {
  if (config.files.empty()) throw ConfigError("reclaim needs a page file");
  if (config.jobs == 0 || config.jobs > kMostJobs) {
    throw ConfigError(fmt::format("--jobs must be between 1 and {}", kMostJobs));
  }
  if (!(config.trace_from_s >= 0 && config.trace_from_s <= kLongestRunS)) {
    throw ConfigError(fmt::format("--trace-from must be between 0 and {}", kLongestRunS));
  }
  if (!(config.trace_s > 0 && config.trace_s <= kLongestRunS)) {
    throw ConfigError(
        fmt::format("--trace-seconds must be more than 0 and at most {}", kLongestRunS));
  }
  reclaim::check(config.scenario);
  check_policies("run.policies", config.scenario, config.scenario.policies);
  if (!config.grid) return;
  check_policies("grid.policies", config.scenario, config.scenario.grid.policies);
  (void)grid_points(config.scenario);
}

ReclaimOutcome run_reclaim(const ReclaimConfig& config, const ReclaimProgressFn& progress) {
  check(config);
  // SystemC's banner has no place between our messages.
  ::setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", /*overwrite=*/1);
  return Experiment(config, progress).run();
}

}  // namespace pagepress::sim
