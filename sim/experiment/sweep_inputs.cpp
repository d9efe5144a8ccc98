// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/sweep_inputs.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "sim/experiment/costs.hpp"
#include "sim/experiment/fnv.hpp"
#include "sim/experiment/machine.hpp"
#include "sim/experiment/point_store.hpp"
#include "sim/experiment/queue_setup.hpp"

namespace pagepress::sim {
namespace {

// The table of a sweep's own folder: measured anew if it is torn or of other pages.
CostTable own_costs(const CostRequest& request, const BackendTable& backends,
                    std::span<const CostInput> inputs, const ProgressFn& progress) {
  try {
    return obtain_costs(request, backends, inputs, progress);
  } catch (const CostError&) {
    if (!std::filesystem::exists(request.file)) throw;
    std::filesystem::remove(request.file);
    return obtain_costs(request, backends, inputs, progress);
  }
}

}  // namespace

SweepInputs::SweepInputs(const SweepConfig& sweep, const std::vector<SweepPoint>& points,
                         const BackendTable& backends, const std::filesystem::path& costs_folder,
                         const ProgressFn& progress)
    : program_(describe_program()) {
  for (const SweepPoint& point : points) {
    for (const std::string& name : cpu_codecs(point.config, backends)) {
      cpu_backends_[name] = backends.find(name).library;
    }
    read_files(point);
  }
  if (!cpu_backends_.empty() && sweep.base.costs.empty()) make_folder(costs_folder);
  for (const SweepPoint& point : points) {
    obtain_costs(sweep, point, backends, costs_folder, progress);
  }
}

void SweepInputs::read_files(const SweepPoint& point) {
  const Files& files = point.config.files;
  if (workloads_.contains(files)) return;
  const Workload& workload = workloads_.emplace(files, Workload(files)).first->second;
  nlohmann::json contents = nlohmann::json::array();
  for (const Workload::Input& input : workload.inputs()) {
    contents.push_back({{"pages", input.file.page_count()},
                        {"crc32c", fmt::format("{:08x}", input.crc32c)},
                        {"fnv", fnv_of(std::as_bytes(input.file.bytes()))}});
    const nlohmann::json file = input.describe();
    if (std::find(files_.begin(), files_.end(), file) == files_.end()) files_.push_back(file);
  }
  contents_[files] = std::move(contents);
}

std::string SweepInputs::cost_key(const SweepPoint& point) const {
  const nlohmann::json key = {{"pages", contents_.at(point.config.files)},
                              {"limit_bytes", point.config.limit_bytes},
                              {"sweeps", point.config.cost_sweeps},
                              {"backends", cpu_backends_}};
  return fnv_of(key.dump());
}

void SweepInputs::obtain_costs(const SweepConfig& sweep, const SweepPoint& point,
                               const BackendTable& backends, const std::filesystem::path& folder,
                               const ProgressFn& progress) {
  const std::string key = cost_key(point);
  if (costs_.contains(key)) return;
  const std::vector<CostInput> inputs = cost_inputs(workloads_.at(point.config.files));
  if (cpu_backends_.empty()) {
    const auto limit = static_cast<std::uint32_t>(point.config.limit_bytes);
    costs_.emplace(key, Costs{CostTable("", inputs, 0, limit), ""});
    return;
  }
  const bool given = !sweep.base.costs.empty();
  if (given && !costs_.empty()) {
    throw ConfigError(
        "compare.costs: one table does not hold for points of different pages or "
        "queue.limit_bytes; without the key the sweep keeps a table of each in its folder");
  }
  CostRequest request = cost_request(point.config, {});
  if (!given) request.file = folder / (key + ".json");
  // All that any point needs: points of the same pages share a table.
  for (const auto& [name, library] : cpu_backends_.items()) request.codecs.push_back(name);
  CostTable table = given ? sim::obtain_costs(request, backends, inputs, progress)
                          : own_costs(request, backends, inputs, progress);
  nlohmann::json content = table.to_json();
  content.erase("inputs");  // names of files; their contents are in the identity
  costs_.emplace(key, Costs{std::move(table), fnv_of(content.dump())});
  cost_order_.push_back(key);
}

const CostTable& SweepInputs::costs(const SweepPoint& point) const {
  return costs_.at(cost_key(point)).table;
}

nlohmann::json SweepInputs::identity(const SweepPoint& point) const {
  nlohmann::json config = to_json(point.config);
  // Where costs come from is none of the outcome's; the costs are.
  config["compare"].erase("costs");
  config["host"].erase("cost_sweeps");
  return {{"config", std::move(config)},
          {"pages", contents_.at(point.config.files)},
          {"costs", costs_.at(cost_key(point)).hash},
          {"program", program_}};
}

nlohmann::json SweepInputs::costs() const {
  nlohmann::json list = nlohmann::json::array();
  for (const std::string& key : cost_order_) list.push_back(costs_.at(key).table.describe());
  return list;
}

}  // namespace pagepress::sim
