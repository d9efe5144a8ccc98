// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/costs.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>
#include <pagepress/eal.hpp>
#include <pagepress/measure.hpp>

#include "sim/experiment/child_process.hpp"
#include "sim/experiment/machine.hpp"
#include "sim/experiment/meter.hpp"
#include "sim/pagefile/output_file.hpp"

namespace pagepress::sim {
namespace {

nlohmann::json measure(const CompareConfig& config, const BackendTable& backends,
                       const Workload& workload, const Emit& emit) {
  const std::vector<CostInput> inputs = cost_inputs(workload);
  CostTable table(cpu_model(), inputs, config.cost_sweeps,
                  static_cast<std::uint32_t>(config.limit_bytes));
  for (const std::string& name : config.backends) {
    const Backend backend = backends.find(name);
    if (backend.is_engine()) continue;
    const std::unique_ptr<Codec> codec = backend.make_codec(/*for_cost=*/true);
    Meter meter(2 * workload.page_count() * config.cost_sweeps, [&](nlohmann::json message) {
      message["backend"] = name;
      emit(message);
    });
    table.measure(name, backend.library, *codec, inputs,
                  [&](std::uint64_t done, std::uint64_t) { meter(done); });
  }
  Eal eal;
  table.set_driver(measure_driver_cost(eal.memory()));
  return table.to_json();
}

}  // namespace

std::vector<CostInput> cost_inputs(const Workload& workload) {
  std::vector<CostInput> inputs;
  for (const Workload::Input& input : workload.inputs()) {
    inputs.push_back({input.file.path().string(), input.file.bytes(), input.crc32c});
  }
  return inputs;
}

CostTable obtain_costs(const CompareConfig& config, const BackendTable& backends,
                       const Workload& workload, const ProgressFn& progress) {
  const std::vector<CostInput> inputs = cost_inputs(workload);
  const auto limit = static_cast<std::uint32_t>(config.limit_bytes);
  if (!config.costs.empty() && std::filesystem::exists(config.costs)) {
    CostTable table(config.costs, inputs, limit);
    for (const std::string& name : config.backends) {
      const Backend backend = backends.find(name);
      if (!backend.is_engine()) (void)table.codec(name, backend.library);
    }
    return table;
  }
  std::optional<OutputFile> file;  // opened first: no measuring for nothing
  if (!config.costs.empty()) file.emplace(config.costs);
  // In a process of its own: DPDK starts once a process, and back ends need it, too.
  const nlohmann::json json = run_in_child(
      "measuring CPU costs",
      [&](const Emit& emit) { return measure(config, backends, workload, emit); },
      report_progress(progress, Progress::Phase::kMeasure, {}));
  if (file) {
    file->write(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    file->commit();
  }
  return CostTable(json, inputs, limit);
}

}  // namespace pagepress::sim
