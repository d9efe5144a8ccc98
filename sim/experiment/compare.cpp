// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/compare.hpp"

#include <stdlib.h>

#include <fmt/format.h>

#include <functional>

#include "sim/experiment/child_process.hpp"
#include "sim/experiment/costs.hpp"
#include "sim/experiment/machine.hpp"
#include "sim/experiment/meter.hpp"
#include "sim/experiment/metrics.hpp"
#include "sim/experiment/queue_setup.hpp"
#include "sim/experiment/real_compare.hpp"
#include "sim/experiment/timeline.hpp"
#include "sim/experiment/workload.hpp"
#include "sim/host/cost_table.hpp"

namespace pagepress::sim {
namespace {

class Comparison {
 public:
  Comparison(const CompareConfig& config, const ProgressFn& progress, const BackendTable& backends)
      : config_(config), progress_(progress), backends_(backends), workload_(config.files) {}

  nlohmann::json run() const {
    if (config_.real_time()) return run_real_time();
    return run(obtain_costs(cost_request(config_, cpu_codecs(config_, backends_)), backends_,
                            cost_inputs(workload_), progress_));
  }

  nlohmann::json run(const CostTable& costs) const {
    nlohmann::json results = describe();
    results["time"] = "simulated";
    results["costs"] = costs.describe();
    results["provenance"] = provenance(costs);
    for (const std::string& name : config_.backends) {
      results["backends"].push_back(run_backend(name, [&](const PageCountFn& progress) {
        return run_timeline(config_, name, backends_, workload_, costs, progress);
      }));
    }
    return results;
  }

 private:
  using RunFn = std::function<BackendRun(const PageCountFn& progress)>;

  nlohmann::json run_real_time() const {
    nlohmann::json results = describe();
    results["time"] = "real";
    results["provenance"] = {{"inputs[]", "measured"}, {"backends[]", "measured"}};
    const std::optional<RemoteBus> bus = config_.remote_bus();
    for (const Operation operation : {Operation::kCompress, Operation::kDecompress}) {
      if (!bus || bus->kind != "vfio-user") break;  // no engine of a model takes part
      results["provenance"][fmt::format("backends[engine:*].{}.engine_cycles_per_page",
                                        to_string(operation))] = "simulated";
    }
    for (const std::string& name : config_.backends) {
      results["backends"].push_back(run_backend(name, [&](const PageCountFn& progress) {
        return run_real_backend(config_, name, backends_.find(name), workload_, progress);
      }));
    }
    return results;
  }

  // What does not depend on the kind of time.
  nlohmann::json describe() const {
    return {{"schema", "pagepress.results/1"},
            {"kind", "compare"},
            {"created", describe_creation(config_.command)},
            {"config", to_json(config_)},
            {"inputs", inputs_json()},
            {"backends", nlohmann::json::array()}};
  }

  nlohmann::json run_backend(const std::string& name, const RunFn& run) const {
    return run_in_child(
        name,
        [&](const Emit& emit) {
          Meter meter(workload_.page_count(), emit);
          const BackendRun outcome =
              run([&](Operation operation, std::uint64_t done, std::uint64_t total) {
                meter(done, total, {{"operation", to_string(operation)}});
              });
          return to_json(outcome, workload_);
        },
        report_progress(progress_, Progress::Phase::kCompress, name));
  }

  nlohmann::json inputs_json() const {
    nlohmann::json inputs = nlohmann::json::array();
    for (const Workload::Input& input : workload_.inputs()) {
      inputs.push_back(input.describe());
    }
    return inputs;
  }

  // docs/results.md: the longest pattern wins. A CPU codec's times are its
  // measured costs put on the timeline; cost_scale, if not 1, is assumed, and so
  // is that a table of another CPU holds for this one. The driver's steps for an
  // engine are the constants of config.host.
  nlohmann::json provenance(const CostTable& costs) const {
    const bool ours = costs.cpu() == cpu_model();
    const char* cpu_times = ours && config_.cost_scale == 1.0 ? "measured" : "assumed";
    nlohmann::json json = {{"inputs[]", "measured"},
                           {"costs", ours ? "measured" : "assumed"},
                           {"backends[]", "measured"},
                           {"backends[].latency_histogram", "simulated"},
                           {"backends[].host", "measured"}};
    for (const Operation operation : {Operation::kCompress, Operation::kDecompress}) {
      const std::string_view name = to_string(operation);
      json[fmt::format("backends[].{}", name)] = "simulated";
      json[fmt::format("backends[].{}.worker_ns_per_page.driver", name)] = "assumed";
      json[fmt::format("backends[engine:*].{}.cpu_ns_per_page", name)] = "assumed";
      json[fmt::format("backends[cpu:*].{}.cpu_ns_per_page", name)] = cpu_times;
    }
    for (const char* key : {"pages", "bytes_in", "bytes_out", "verified", "mismatches"}) {
      json[fmt::format("backends[].decompress.{}", key)] = "measured";
    }
    return json;
  }

  const CompareConfig& config_;
  const ProgressFn& progress_;
  const BackendTable& backends_;
  Workload workload_;
};

// What can be checked, before anything is done.
void prepare(const CompareConfig& config, const BackendTable& backends) {
  check(config);
  if (config.files.empty()) throw ConfigError("compare.files: no page file given");
  backends.check(config);
  // SystemC's banner has no place between our messages.
  ::setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", /*overwrite=*/1);
}

}  // namespace

std::vector<std::string> known_backends() { return BackendTable().names(); }

std::vector<std::string> describe_backends() { return BackendTable().describe(); }

void check_backends(const CompareConfig& config) { BackendTable().check(config); }

nlohmann::json run_compare(const CompareConfig& config, const ProgressFn& progress) {
  return run_compare(config, progress, BackendTable());
}

nlohmann::json run_compare(const CompareConfig& config, const ProgressFn& progress,
                           const BackendTable& backends) {
  prepare(config, backends);
  return Comparison(config, progress, backends).run();
}

nlohmann::json run_compare(const CompareConfig& config, const CostTable& costs,
                           const BackendTable& backends) {
  prepare(config, backends);
  if (config.real_time()) throw ConfigError("run.time = \"real\" has no use for a cost table");
  const ProgressFn silent;
  return Comparison(config, silent, backends).run(costs);
}

std::uint64_t count_mismatches(const nlohmann::json& results) {
  std::uint64_t mismatches = 0;
  for (const auto& backend : results.at("backends")) {
    mismatches += backend.at("mismatches").get<std::uint64_t>();
    mismatches += backend.at("decompress").at("mismatches").get<std::uint64_t>();
  }
  return mismatches;
}

}  // namespace pagepress::sim
