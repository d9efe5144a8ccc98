// SPDX-License-Identifier: Apache-2.0
// The table of settings of a Scenario: section, key, field, range, and the source of the default.
// It drives TOML, overrides, checks, and the `scenario` object of results.json. Private to
// sim/reclaim/scenario. Elements of lists ([[cpu.cores]], [[memory.zones]], [[program]]) have
// tables of their own (element_settings.hpp); the kernel's steps are in cost_settings.hpp.
// A provenance is the default's; without one, the value only says what was asked for.
#pragma once

#include "sim/config/setting.hpp"
#include "sim/reclaim/scenario.hpp"
#include "sim/reclaim/scenario/cost_settings.hpp"

namespace pagepress::reclaim {

template <typename Config, typename Visitor>
void for_each_cpu_setting(Config& cpu, Visitor&& visit) {
  using Info = sim::SettingInfo;
  constexpr double kS = 1e9;
  visit(Info{"cpu", "slice_ns", "assumed",
             "Linux 6.12 kernel/sched/fair.c: sysctl_sched_base_slice is 0.75 ms, times 1 + "
             "log2(CPUs) with at most 8 CPUs: 3 ms",
             1000, kS},
        cpu.slice_ns);
  visit(Info{"cpu", "wakeup_granularity_ns", "assumed",
             "CFS before EEVDF: sysctl_sched_wakeup_granularity of 1 ms (kernel/sched/fair.c)", 0,
             kS},
        cpu.wakeup_granularity_ns);
  visit(Info{"cpu", "sleeper_credit_ns", "assumed",
             "a slice: how far place_entity() lets a sleeper fall behind", 0, kS},
        cpu.sleeper_credit_ns);
  visit(Info{"cpu", "context_switch_ns", "assumed",
             "the order that pipe ping-pongs between two threads show (1 to 2 us on server cores)",
             0, 1e6},
        cpu.context_switch_ns);
  visit(Info{"cpu", "wake_ns", "assumed",
             "IPI to a core in a shallow idle state, and schedule(): about 1 us; deep states, "
             "which take 50 us and more, are not modelled",
             0, 1e6},
        cpu.wake_ns);
  visit(Info{"cpu", "most_owed_ns", "assumed",
             "precision of the simulation: small steps are put together up to this", 1, 1e6},
        cpu.most_owed_ns);
  visit(Info{"cpu", "placement", "assumed",
             "fastest: reclaim under pressure keeps all cores busy; slowest: as energy-aware "
             "scheduling puts small tasks"},
        cpu.placement);
}

template <typename Config, typename Visitor>
void for_each_memory_setting(Config& memory, Visitor&& visit) {
  using Info = sim::SettingInfo;
  visit(Info{"memory", "min_free_kbytes", "assumed",
             "0: the kernel's formula, sqrt(16 * lowmem_kB) (mm/page_alloc.c, 6.12)", 0, 262144},
        memory.min_free_kbytes);
  visit(Info{"memory", "watermark_scale_factor", "assumed",
             "default of vm.watermark_scale_factor: 0.1 % of memory", 1, 3000},
        memory.watermark_scale_factor);
  visit(Info{"memory", "swappiness", "assumed", "default of vm.swappiness", 0, 200},
        memory.swappiness);
  visit(Info{"memory", "lru", "assumed", "classic: CONFIG_LRU_GEN_ENABLED is off by default"},
        memory.lru);
  visit(Info{"memory", "folio_pages", "assumed",
             "anonymous memory in order-0 folios: mTHP is off by default", 1, 16},
        memory.folio_pages);
  visit(Info{"memory", "memcg_limit_mib", "assumed", "0: no limit but the machine's", 0, 1e6},
        memory.memcg_limit_mib);
  visit(Info{"memory", "memcg_zswap_writeback", "assumed",
             "default of memory.zswap.writeback (cgroup-v2.rst, 6.12)"},
        memory.memcg_zswap_writeback);
  visit(Info{"memory", "memcg_charges_pool", "assumed",
             "obj_cgroup_charge_zswap() charges the owner's memcg (mm/memcontrol.c, 6.12)"},
        memory.memcg_charges_pool);
  visit(Info{"memory", "swap_in_keeps_copy", "assumed",
             "6.12: zswap_load() and zram's synchronous swap-in free the copy"},
        memory.swap_in_keeps_copy);
  visit(
      Info{"memory", "tlb_flush_each_folio", "assumed",
           "6.12: try_to_unmap_flush_dirty() before each pageout() (mm/vmscan.c); false: one flush "
           "for a batch of 32"},
      memory.tlb_flush_each_folio);
  visit(Info{"memory", "file_read_ns", "assumed",
             "4 KiB random read of NVMe or UFS flash: about 100 us", 0, 1e9},
        memory.file_read_ns);
  visit(Info{"memory", "kswapd_sleep_ns", "assumed",
             "HZ/10: schedule_timeout() of kswapd_try_to_sleep() (mm/vmscan.c, 6.12)", 1000, 1e10},
        memory.kswapd_sleep_ns);
  visit(Info{"memory", "kswapd_cores", "assumed", "empty: any core of its node"},
        memory.kswapd_cores);
}

template <typename Config, typename Visitor>
void for_each_store_setting(Config& store, Visitor&& visit) {
  using Info = sim::SettingInfo;
  visit(Info{"store", "kind", "assumed", "zswap, or zram as phones have it"}, store.kind);
  visit(Info{"store", "limit_bytes", "assumed",
             "zsmalloc: huge_class_size of 6.12 with 4 KiB pages; longer ones are whole pages", 64,
             4096},
        store.limit_bytes);
  visit(Info{"store", "max_pool_percent", "assumed",
             "default of zswap.max_pool_percent (mm/zswap.c, 6.12)", 1, 100},
        store.max_pool_percent);
  visit(Info{"store", "accept_threshold_percent", "assumed",
             "default of zswap.accept_threshold_percent (mm/zswap.c, 6.12)", 0, 100},
        store.accept_threshold_percent);
  visit(Info{"store", "shrinker", "assumed",
             "shrink_worker() runs once the limit was hit (mm/zswap.c, 6.12)"},
        store.shrinker);
  visit(Info{"store", "zsmalloc", "assumed", "size classes of the kernel that is modelled"},
        store.zsmalloc);
  visit(Info{"store", "zspage_chain", "assumed",
             "0: the kernel's (CONFIG_ZSMALLOC_CHAIN_SIZE of 8; 6.1: 4)", 0, 16},
        store.zspage_chain);
}

template <typename Config, typename Visitor>
void for_each_device_setting(Config& device, Visitor&& visit) {
  using Info = sim::SettingInfo;
  visit(Info{"device", "size_mib", "assumed", "swap of a machine with 4 GiB; of zram its disksize",
             1, 1e6},
        device.size_mib);
  visit(Info{"device", "read_latency_ns", "assumed",
             "4 KiB random read of an NVMe flash drive, queue depth 1: 80 to 100 us", 0, 1e9},
        device.read_latency_ns);
  visit(Info{"device", "write_latency_ns", "assumed",
             "as reads; a drive's write cache answers sooner until it is full", 0, 1e9},
        device.write_latency_ns);
  visit(Info{"device", "read_bytes_per_ns", "assumed",
             "4 KiB random reads of a PCIe 3 NVMe drive: 250 K IOPS, 1 GB/s", 0.001, 1000},
        device.read_bytes_per_ns);
  visit(Info{"device", "write_bytes_per_ns", "assumed", "half of reads: sustained random writes",
             0.001, 1000},
        device.write_bytes_per_ns);
  visit(Info{"device", "queue_depth", "assumed",
             "requests that flash channels work on at once; more do not make a drive faster", 1,
             65536},
        device.queue_depth);
  visit(Info{"device", "requests", "assumed",
             "blk-mq's nr_requests of a device without an elevator: 128 (BLKDEV_DEFAULT_RQ)", 1,
             65536},
        device.requests);
}

template <typename Config, typename Visitor>
void for_each_engine_setting(Config& engine, Visitor&& visit) {
  using Info = sim::SettingInfo;
  visit(
      Info{"engine", "engines", "assumed", "as many as rtl/pagepress_top.sv has by default", 1, 8},
      engine.engines);
  visit(Info{"engine", "w", "assumed", "the width that rtl/pagepress_top.sv has by default", 8, 32},
        engine.w);
  visit(Info{"engine", "clock_mhz", "assumed", "as compare's engine.clock_mhz (docs/compare.md)", 1,
             10000},
        engine.clock_mhz);
  visit(Info{"engine", "link_preset", "", "model/link/presets names sources of its own"},
        engine.link_preset);
  visit(Info{"engine", "watchdog_us", "assumed",
             "no completion for this long is a hang: thousands of times what a page takes", 1, 1e6},
        engine.watchdog_us);
}

template <typename Config, typename Visitor>
void for_each_energy_setting(Config& energy, Visitor&& visit) {
  using Info = sim::SettingInfo;
  visit(Info{"energy", "engine_active_mw", "assumed", "0: not counted", 0, 1e6},
        energy.engine_active_mw);
  visit(Info{"energy", "engine_idle_mw", "assumed", "0: not counted", 0, 1e6},
        energy.engine_idle_mw);
  visit(Info{"energy", "dram_pj_per_byte", "assumed", "0: not counted", 0, 1e6},
        energy.dram_pj_per_byte);
  visit(Info{"energy", "link_pj_per_byte", "assumed", "0: not counted", 0, 1e6},
        energy.link_pj_per_byte);
  visit(Info{"energy", "device_uj_per_page", "assumed", "0: not counted", 0, 1e6},
        energy.device_uj_per_page);
}

template <typename Config, typename Visitor>
void for_each_workload_setting(Config& workload, Visitor&& visit) {
  using Info = sim::SettingInfo;
  visit(Info{"workload", "recording", "", "of `pagepress record`; empty: none"},
        workload.recording);
  visit(Info{"workload", "recording_speed", "assumed", "1: as it was recorded", 0.01, 1000},
        workload.recording_speed);
  visit(Info{"workload", "zero_share", "assumed", "-1: as the page files have it", -1, 1},
        workload.zero_share);
  visit(Info{"workload", "random_share", "assumed", "-1: as the page files have it", -1, 1},
        workload.random_share);
  visit(Info{"workload", "seconds", "assumed", "simulated time of a run", 0.001, 3600},
        workload.seconds);
  visit(Info{"workload", "seed", "assumed", "any number: another draws other accesses", 0, 1e15},
        workload.seed);
}

// Calls visit(info, field) once for each setting that is no element of a list. Config is Scenario
// or const Scenario.
template <typename Config, typename Visitor>
void for_each_setting(Config& scenario, Visitor&& visit) {
  using Info = sim::SettingInfo;
  for_each_cpu_setting(scenario.cpu, visit);
  for_each_memory_setting(scenario.memory, visit);
  for_each_cost_setting(scenario.costs, visit);
  for_each_step_setting(scenario.steps, visit);
  for_each_store_setting(scenario.store, visit);
  for_each_device_setting(scenario.device, visit);
  for_each_engine_setting(scenario.engine, visit);
  visit(Info{"codec", "cost_scale", "assumed",
             "1: a core of speed 1 is like the one that was measured", 0.01, 1000},
        scenario.cost_scale);
  visit(Info{"codec", "cpu", "assumed", "lz4: the format of the engine"}, scenario.cpu_codec);
  for_each_energy_setting(scenario.energy, visit);
  for_each_workload_setting(scenario.workload, visit);
  visit(Info{"run", "policies", "", "who compresses; the first is what others are compared with"},
        scenario.policies);
  visit(Info{"run", "sample_ms", "assumed", "resolution of the time series", 0.1, 10000},
        scenario.sample_ms);
  visit(Info{"run", "faults", "", "plan of what goes wrong with engines; empty: nothing"},
        scenario.faults);
  visit(Info{"grid", "cores", "", "of the first kind; empty: as it is", 1, 1024},
        scenario.grid.cores);
  visit(Info{"grid", "speeds", "", "factors on the speed of all cores; empty: 1", 0.01, 100},
        scenario.grid.speeds);
  visit(Info{"grid", "pressures", "", "factors on the programs' memory; empty: 1", 0.01, 100},
        scenario.grid.pressures);
  visit(Info{"grid", "policies", "", "empty: those of the run"}, scenario.grid.policies);
}

}  // namespace pagepress::reclaim
