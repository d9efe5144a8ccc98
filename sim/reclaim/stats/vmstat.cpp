// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/stats/vmstat.hpp"

#include <array>

namespace pagepress::reclaim {
namespace {

constexpr std::array kNames = {
    VmstatName{"pgfault", &Vmstat::pgfault},
    VmstatName{"pgmajfault", &Vmstat::pgmajfault},
    VmstatName{"pgscan_kswapd", &Vmstat::pgscan_kswapd},
    VmstatName{"pgscan_direct", &Vmstat::pgscan_direct},
    VmstatName{"pgscan_anon", &Vmstat::pgscan_anon},
    VmstatName{"pgscan_file", &Vmstat::pgscan_file},
    VmstatName{"pgsteal_kswapd", &Vmstat::pgsteal_kswapd},
    VmstatName{"pgsteal_direct", &Vmstat::pgsteal_direct},
    VmstatName{"pgsteal_anon", &Vmstat::pgsteal_anon},
    VmstatName{"pgsteal_file", &Vmstat::pgsteal_file},
    VmstatName{"pgactivate", &Vmstat::pgactivate},
    VmstatName{"pgdeactivate", &Vmstat::pgdeactivate},
    VmstatName{"pgrefill", &Vmstat::pgrefill},
    VmstatName{"pgrotated", &Vmstat::pgrotated},
    VmstatName{"allocstall", &Vmstat::allocstall},
    VmstatName{"pageoutrun", &Vmstat::pageoutrun},
    VmstatName{"kswapd_low_wmark_hit_quickly", &Vmstat::kswapd_low_wmark_hit_quickly},
    VmstatName{"kswapd_high_wmark_hit_quickly", &Vmstat::kswapd_high_wmark_hit_quickly},
    VmstatName{"pgskip", &Vmstat::pgskip},
    VmstatName{"nr_vmscan_write", &Vmstat::nr_vmscan_write},
    VmstatName{"nr_vmscan_immediate_reclaim", &Vmstat::nr_vmscan_immediate_reclaim},
    VmstatName{"workingset_refault_anon", &Vmstat::workingset_refault_anon},
    VmstatName{"workingset_refault_file", &Vmstat::workingset_refault_file},
    VmstatName{"pswpin", &Vmstat::pswpin},
    VmstatName{"pswpout", &Vmstat::pswpout},
    VmstatName{"zswpin", &Vmstat::zswpin},
    VmstatName{"zswpout", &Vmstat::zswpout},
    VmstatName{"zswpwb", &Vmstat::zswpwb},
    VmstatName{"oom_kill", &Vmstat::oom_kill},
    VmstatName{"direct_throttled", &Vmstat::direct_throttled},
    VmstatName{"memcg_max_events", &Vmstat::memcg_max_events},
    VmstatName{"swap_cache_hit", &Vmstat::swap_cache_hit},
    VmstatName{"refault_queued", &Vmstat::refault_queued},
    VmstatName{"rescan_locked", &Vmstat::rescan_locked},
    VmstatName{"rescan_writeback", &Vmstat::rescan_writeback},
    VmstatName{"kswapd_failures", &Vmstat::kswapd_failures},
    VmstatName{"write_activated", &Vmstat::write_activated},
};
static_assert(sizeof(Vmstat) == kNames.size() * sizeof(std::uint64_t), "a counter without a name");

}  // namespace

std::span<const VmstatName> vmstat_names() noexcept { return kNames; }

}  // namespace pagepress::reclaim
