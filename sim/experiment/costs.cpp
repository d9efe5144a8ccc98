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

nlohmann::json measure(const CostRequest& request, const BackendTable& backends,
                       std::span<const CostInput> inputs, const Emit& emit) {
  CostTable table(cpu_model(), inputs, request.sweeps, request.limit_bytes);
  std::uint64_t bytes = 0;
  for (const CostInput& input : inputs) bytes += input.bytes.size();
  for (const std::string& name : request.codecs) {
    const Backend backend = backends.find(name);
    const std::unique_ptr<Codec> codec = backend.make_codec(/*for_cost=*/true);
    Meter meter(2 * (bytes / kPageBytes) * request.sweeps, [&](nlohmann::json message) {
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

CostRequest cost_request(const CompareConfig& config, std::vector<std::string> codecs) {
  return {.file = config.costs,
          .sweeps = config.cost_sweeps,
          .limit_bytes = static_cast<std::uint32_t>(config.limit_bytes),
          .codecs = std::move(codecs)};
}

CostTable obtain_costs(const CostRequest& request, const BackendTable& backends,
                       std::span<const CostInput> inputs, const ProgressFn& progress) {
  if (!request.file.empty() && std::filesystem::exists(request.file)) {
    CostTable table(request.file, inputs, request.limit_bytes);
    for (const std::string& name : request.codecs) {
      (void)table.codec(name, backends.find(name).library);
    }
    return table;
  }
  std::optional<OutputFile> file;  // opened first: no measuring for nothing
  if (!request.file.empty()) file.emplace(request.file);
  // In a process of its own: DPDK starts once a process, and back ends need it, too.
  const nlohmann::json json = run_in_child(
      "measuring CPU costs",
      [&](const Emit& emit) { return measure(request, backends, inputs, emit); },
      report_progress(progress, Progress::Phase::kMeasure, {}));
  if (file) {
    file->write(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    file->commit();
  }
  return CostTable(json, inputs, request.limit_bytes);
}

}  // namespace pagepress::sim
