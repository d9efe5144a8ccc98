// SPDX-License-Identifier: Apache-2.0
// SweepInputs: what the points of a sweep share, read once: page files by content, and the CPU
// costs that hold for them. With them a point has its identity.
// Limitation: page files stay mapped while it lives.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/experiment/backends.hpp"
#include "sim/experiment/compare.hpp"
#include "sim/experiment/config.hpp"
#include "sim/experiment/sweep_config.hpp"
#include "sim/experiment/workload.hpp"
#include "sim/host/cost_table.hpp"

namespace pagepress::sim {

class SweepInputs {
 public:
  // Reads all page files. Costs of CPU back ends come from base.costs if it is given, else from
  // `costs_folder`, where they are saved when they have been measured; without CPU back ends there
  // are none. Throws FileError, CostError, ConfigError, and what `progress` throws.
  SweepInputs(const SweepConfig& sweep, const std::vector<SweepPoint>& points,
              const BackendTable& backends, const std::filesystem::path& costs_folder,
              const ProgressFn& progress);

  [[nodiscard]] const CostTable& costs(const SweepPoint& point) const;
  // All that determines a point's outcome: settings, pages, costs, this program.
  [[nodiscard]] nlohmann::json identity(const SweepPoint& point) const;
  // Page files, each once, in the order of the points.
  [[nodiscard]] nlohmann::json files() const { return files_; }
  // Summaries of the cost tables that points rest on.
  [[nodiscard]] nlohmann::json costs() const;

 private:
  struct Costs {
    CostTable table;
    std::string hash;  // empty: no point rests on them
  };
  using Files = std::vector<std::filesystem::path>;

  void read_files(const SweepPoint& point);
  void obtain_costs(const SweepConfig& sweep, const SweepPoint& point, const BackendTable& backends,
                    const std::filesystem::path& folder, const ProgressFn& progress);
  // Of pages, limit, back ends and method: one table a key.
  [[nodiscard]] std::string cost_key(const SweepPoint& point) const;

  std::map<Files, Workload> workloads_;
  std::map<Files, nlohmann::json> contents_;
  std::map<std::string, Costs> costs_;
  std::vector<std::string> cost_order_;
  nlohmann::json files_ = nlohmann::json::array();
  nlohmann::json cpu_backends_ = nlohmann::json::object();  // name -> library
  nlohmann::json program_;
};

}  // namespace pagepress::sim
