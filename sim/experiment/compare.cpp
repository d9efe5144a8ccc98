// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/compare.hpp"

#include <stdlib.h>

#include <chrono>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <pagepress/eal.hpp>

#include "sim/experiment/child_process.hpp"
#include "sim/experiment/machine.hpp"
#include "sim/experiment/metrics.hpp"
#include "sim/experiment/timeline.hpp"
#include "sim/experiment/workload.hpp"
#include "sim/host/cost_table.hpp"
#include "sim/pagefile/output_file.hpp"

namespace pagepress::sim {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Passes progress on a few times a second. 0 pages done (re)starts its clock.
class Meter {
 public:
  Meter(std::uint64_t total, Emit emit) : total_(total), emit_(std::move(emit)) {}
  void operator()(std::uint64_t done) { (*this)(done, total_, nlohmann::json::object()); }
  // With another total, and more to say.
  void operator()(std::uint64_t done, std::uint64_t total, nlohmann::json message) {
    total_ = total;
    const auto now = SteadyClock::now();
    if (done == 0) start_ = last_ = now;
    if (done != 0 && done != total_ && now - last_ < std::chrono::milliseconds(200)) return;
    last_ = now;
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    message["done"] = done;
    message["total"] = total_;
    message["pages_per_s"] = elapsed > 0 ? static_cast<double>(done) / elapsed : 0.0;
    emit_(message);
  }

 private:
  std::uint64_t total_;
  Emit emit_;
  SteadyClock::time_point start_ = SteadyClock::now();
  SteadyClock::time_point last_ = start_;
};

Emit report(const ProgressFn& progress, Progress::Phase phase, const std::string& backend) {
  if (!progress) return {};
  return [&progress, phase, backend](const nlohmann::json& message) {
    const bool back = message.value("operation", "") == to_string(Operation::kDecompress);
    progress({.phase = back ? Progress::Phase::kDecompress : phase,
              .backend = message.value("backend", backend),
              .done = message.at("done"),
              .total = message.at("total"),
              .pages_per_s = message.at("pages_per_s")});
  };
}

class Comparison {
 public:
  Comparison(const CompareConfig& config, const ProgressFn& progress, const BackendTable& backends)
      : config_(config), progress_(progress), backends_(backends), workload_(config.files) {
    for (const Workload::Input& input : workload_.inputs()) {
      cost_inputs_.push_back({input.file.path().string(), input.file.bytes(), input.crc32c});
    }
  }

  nlohmann::json run() {
    const CostTable costs = obtain_costs();
    nlohmann::json results = {{"schema", "pagepress.results/1"},
                              {"kind", "compare"},
                              {"created", describe_creation(config_.command)},
                              {"config", to_json(config_)},
                              {"inputs", inputs_json()},
                              {"costs", costs.describe()},
                              {"provenance", provenance(costs)},
                              {"backends", nlohmann::json::array()}};
    for (const std::string& name : config_.backends) {
      results["backends"].push_back(run_backend(name, costs));
    }
    return results;
  }

 private:
  std::uint32_t limit() const { return static_cast<std::uint32_t>(config_.limit_bytes); }

  // Loaded if the file is there, else measured (and saved, if there is a name).
  CostTable obtain_costs() {
    if (!config_.costs.empty() && std::filesystem::exists(config_.costs)) {
      CostTable table(config_.costs, cost_inputs_, limit());
      for (const std::string& name : config_.backends) {
        const Backend& backend = backends_.find(name);
        if (!backend.is_engine()) (void)table.codec(name, backend.library);
      }
      return table;
    }
    std::optional<OutputFile> file;  // opened first: no measuring for nothing
    if (!config_.costs.empty()) file.emplace(config_.costs);
    // In a process of its own: DPDK starts once a process, and back ends need it, too.
    const nlohmann::json json = run_in_child(
        "measuring CPU costs", [this](const Emit& emit) { return measure_costs(emit); },
        report(progress_, Progress::Phase::kMeasure, {}));
    if (file) {
      file->write(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
      file->commit();
    }
    return CostTable(json, cost_inputs_, limit());
  }

  nlohmann::json measure_costs(const Emit& emit) const {
    CostTable table(cpu_model(), cost_inputs_, config_.cost_sweeps, limit());
    for (const std::string& name : config_.backends) {
      const Backend& backend = backends_.find(name);
      if (backend.is_engine()) continue;
      const std::unique_ptr<Codec> codec = backend.make_codec(/*for_cost=*/true);
      Meter meter(2 * workload_.page_count() * config_.cost_sweeps, [&](nlohmann::json message) {
        message["backend"] = name;
        emit(message);
      });
      table.measure(name, backend.library, *codec, cost_inputs_,
                    [&](std::uint64_t done, std::uint64_t) { meter(done); });
    }
    Eal eal;
    table.set_driver(measure_driver_cost(eal.memory()));
    return table.to_json();
  }

  nlohmann::json run_backend(const std::string& name, const CostTable& costs) const {
    return run_in_child(
        name,
        [&](const Emit& emit) {
          Meter meter(workload_.page_count(), emit);
          const BackendRun run =
              run_timeline(config_, name, backends_.find(name), workload_, costs,
                           [&](Operation operation, std::uint64_t done, std::uint64_t total) {
                             meter(done, total, {{"operation", to_string(operation)}});
                           });
          return to_json(run, workload_);
        },
        report(progress_, Progress::Phase::kCompress, name));
  }

  nlohmann::json inputs_json() const {
    nlohmann::json inputs = nlohmann::json::array();
    for (const Workload::Input& input : workload_.inputs()) {
      inputs.push_back({{"path", input.file.path().string()},
                        {"pages", input.file.page_count()},
                        {"bytes", input.file.bytes().size()},
                        {"crc32c", fmt::format("{:08x}", input.crc32c)}});
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
  std::vector<CostInput> cost_inputs_;
};

}  // namespace

std::vector<std::string> known_backends() { return BackendTable().names(); }

void check_backend(const std::string& name) { (void)BackendTable().find(name); }

nlohmann::json run_compare(const CompareConfig& config, const ProgressFn& progress) {
  return run_compare(config, progress, BackendTable());
}

nlohmann::json run_compare(const CompareConfig& config, const ProgressFn& progress,
                           const BackendTable& backends) {
  check(config);
  if (config.files.empty()) throw ConfigError("compare.files: no page file given");
  for (const std::string& name : config.backends) (void)backends.find(name);
  // SystemC's banner has no place between our messages.
  ::setenv("SC_COPYRIGHT_MESSAGE", "DISABLE", /*overwrite=*/1);
  return Comparison(config, progress, backends).run();
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
