// SPDX-License-Identifier: Apache-2.0
// What a run used: which resources were busy and could bind, what moved through DRAM and link, and
// the energy of it all. Limitations: of DRAM only what compression moves is counted, not what
// programs do; a CPU is taken to read a cold page once and to write its block once.
#pragma once

#include <vector>

#include "sim/reclaim/policy/policy.hpp"
#include "sim/reclaim/scenario.hpp"
#include "sim/reclaim/stats/energy.hpp"
#include "sim/reclaim/stats/run_results.hpp"
#include "sim/reclaim/stats/sampler.hpp"
#include "sim/reclaim/swap/swap_store.hpp"

namespace pagepress::reclaim {

// `groups`: CPU time so far.
[[nodiscard]] std::vector<ResourceUse> resources(const PolicyConfig& config,
                                                 const std::vector<Scheduler::GroupUse>& groups,
                                                 const std::vector<Scheduler::CoreUse>& cores,
                                                 const Policy::Use& use,
                                                 const SwapStore::Use& store);

[[nodiscard]] Traffic traffic(const Policy::Use& use);

// `device_pages`: read from the swap device, or written to it.
[[nodiscard]] EnergyUse energy(const EnergyConfig& config,
                               const std::vector<Scheduler::CoreUse>& cores, const Policy::Use& use,
                               std::uint64_t device_pages, Ns duration);

}  // namespace pagepress::reclaim
