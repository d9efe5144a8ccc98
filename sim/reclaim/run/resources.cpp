// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/run/resources.hpp"

#include <algorithm>
#include <string_view>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::reclaim {
namespace {

Ns group_ns(const std::vector<Scheduler::GroupUse>& groups, std::string_view name) {
  const auto found = std::find_if(groups.begin(), groups.end(),
                                  [name](const auto& use) { return use.group == name; });
  return found == groups.end() ? 0 : found->cpu_ns;
}

// By the CPU: it reads a page and writes its block; after an engine it writes the block to the
// pool.
double cpu_dram_bytes(const Policy::Use& use) {
  const double pages = static_cast<double>(use.pages) * sim::kPageBytes;
  return static_cast<double>(use.block_bytes) + (use.engines == 0 ? pages : 0.0);
}

}  // namespace

std::vector<ResourceUse> resources(const PolicyConfig& config,
                                   const std::vector<Scheduler::GroupUse>& groups,
                                   const std::vector<Scheduler::CoreUse>& cores,
                                   const Policy::Use& use, const SwapStore::Use& store) {
  std::vector<ResourceUse> list = {{.name = "kswapd CPU",
                                    .busy_ns = static_cast<double>(group_ns(groups, "kswapd")),
                                    .awake_only = true}};
  if (!config.shape.empty()) {
    list.push_back({.name = "kcompressd CPU",
                    .busy_ns = static_cast<double>(group_ns(groups, "kcompressd")),
                    .units = static_cast<double>(config.workers)});
  }
  double busy = 0;
  for (const Scheduler::CoreUse& core : cores) busy += static_cast<double>(core.busy_ns);
  list.push_back(
      {.name = "all cores", .busy_ns = busy, .units = static_cast<double>(cores.size())});
  if (use.engines != 0) {
    list.push_back({.name = "engine",
                    .busy_ns = static_cast<double>(use.engine_busy_ns),
                    .units = static_cast<double>(use.engines)});
    list.push_back({.name = "link", .busy_ns = use.link_busy_ns});
  }
  if (store.device_places != 0) {
    list.push_back({.name = "swap device",
                    .busy_ns = static_cast<double>(store.device_busy_ns),
                    .units = static_cast<double>(store.device_places)});
  }
  return list;
}

Traffic traffic(const Policy::Use& use) {
  if (use.pages == 0) return {};
  const double pages = static_cast<double>(use.pages);
  const double dram = static_cast<double>(use.device_bytes) + cpu_dram_bytes(use);
  Traffic traffic{.dram_bytes_per_page = dram / pages,
                  .basis = use.engines != 0 ? "counted" : "assumed"};
  if (use.engines != 0) traffic.link_bytes_per_page = static_cast<double>(use.link_bytes) / pages;
  return traffic;
}

EnergyUse energy(const EnergyConfig& config, const std::vector<Scheduler::CoreUse>& cores,
                 const Policy::Use& use, std::uint64_t device_pages, Ns duration) {
  EnergyCounts counts{
      .duration_ns = duration,
      .engines = use.engines,
      .engine_busy_ns = use.engine_busy_ns,
      .dram_bytes = use.device_bytes + static_cast<std::uint64_t>(cpu_dram_bytes(use)),
      .link_bytes = use.link_bytes,
      .device_pages = device_pages};
  for (const Scheduler::CoreUse& core : cores) {
    counts.cores.push_back({.busy_ns = core.busy_ns,
                            .active_mw = core.kind->active_mw,
                            .idle_mw = core.kind->idle_mw});
  }
  return energy_use(counts, config);
}

}  // namespace pagepress::reclaim
