// SPDX-License-Identifier: Apache-2.0
// The table of settings behind CompareConfig: section, key, field, range, basis.
// A provenance is the default's; without one, the value is no assumption but only
// says what was asked for. Private to sim/experiment. Limitation: lists and paths have no range.
#pragma once

#include "sim/experiment/config.hpp"

namespace pagepress::sim {

// Calls visit(info, config.field) once for each setting, in the order of the
// documentation. Config is CompareConfig or const CompareConfig.
template <typename Config, typename Visitor>
void for_each_setting(Config& config, Visitor&& visit) {
  using Info = SettingInfo;
  constexpr double kUs = 1e6;  // a second, in us: longer waits are mistakes

  visit(Info{"compare", "files", "", "page files, compared in this order"}, config.files);
  visit(Info{"compare", "backends", "", "back ends, run in this order"}, config.backends);
  visit(Info{"compare", "costs", "", "saved CPU cost table; empty: measured in this run"},
        config.costs);

  visit(Info{"queue", "shape", "assumed",
             "batch: the RFC's FIFO, and batches of SWAP_CLUSTER_MAX pages to an engine"},
        config.shape);
  visit(Info{"queue", "fifo_entries", "assumed", "kcompressd RFC of 2025-04-30: kfifo of 256", 2,
             65536},
        config.fifo_entries);
  visit(Info{"queue", "batch", "assumed", "SWAP_CLUSTER_MAX: reclaim works in units of 32 pages", 1,
             4096},
        config.batch);
  visit(Info{"queue", "depth", "assumed", "two batches: one in the engine while one is prepared", 2,
             16384},
        config.depth);
  visit(Info{"queue", "limit_bytes", "assumed",
             "zsmalloc (Linux 6.1) stores longer objects as a whole page", 1, 4096},
        config.limit_bytes);
  visit(
      Info{"queue", "workers", "assumed", "kcompressd RFC of 2025-04-30: one thread a node", 1, 64},
      config.workers);
  visit(Info{"queue", "split", "assumed", "one FIFO, whatever the number of workers"},
        config.split);
  visit(Info{"queue", "policy", "assumed", "kswapd waits when the FIFO is full (hwonly trees)"},
        config.policy);
  visit(Info{"queue", "route", "assumed", "every page that is taken goes to the back end"},
        config.route);

  visit(
      Info{"host", "cost_scale", "assumed", "1: a core like the one that was measured", 0.01, 1000},
      config.cost_scale);
  visit(Info{"host", "cost_sweeps", "assumed", "least of this many sweeps over all pages", 1, 1000},
        config.cost_sweeps);
  visit(Info{"host", "enqueue_ns", "assumed",
             "rte_ring put of one entry (about 20 ns) and the folio checks of kswapd", 0, kUs},
        config.enqueue_ns);
  visit(Info{"host", "full_wait_ns", "assumed", "one pass of a yielding kswapd", 1, kUs},
        config.full_wait_ns);
  visit(Info{"host", "dequeue_ns", "assumed", "rte_ring burst of 32 in 33 ns, doubled", 0, kUs},
        config.dequeue_ns);
  visit(Info{"host", "submit_ns", "assumed", "one 64-byte descriptor written into cached memory", 0,
             kUs},
        config.submit_ns);
  visit(Info{"host", "doorbell_ns", "assumed", "one posted write to device memory, with its fence",
             0, kUs},
        config.doorbell_ns);
  visit(Info{"host", "completion_ns", "assumed",
             "one cache miss to the last level for a line that the device wrote", 0, kUs},
        config.completion_ns);
  visit(Info{"host", "poll_interval_ns", "assumed",
             "a worker that polls with pauses; adds half of it to the latency", 1, kUs},
        config.poll_interval_ns);

  visit(
      Info{"engine", "engines", "assumed", "as many as rtl/pagepress_top.sv has by default", 1, 8},
      config.engines);
  visit(Info{"engine", "w", "assumed", "the width that rtl/pagepress_top.sv has by default", 8, 32},
        config.w);
  visit(Info{"engine", "clock_mhz", "assumed",
             "DPZip, an SSD's ASIC engine, runs at 1 GHz; this one's longest path has at most 40 "
             "levels of 2-input gates (docs/engine_paths.md), 25 ps each at 1 GHz; its queues have "
             "longer ones (docs/synthesis.md); no timing run on a cell library has been made",
             1, 10000},
        config.clock_mhz);

  // Without a source: results.json shows the effective values with model/link's.
  visit(Info{"link", "preset", "", ""}, config.link_preset);
  visit(Info{"link", "upstream_latency_ns", "", "", 0.001, kUs}, config.link_upstream_latency_ns);
  visit(Info{"link", "downstream_latency_ns", "", "", 0.001, kUs},
        config.link_downstream_latency_ns);
  visit(Info{"link", "memory_latency_ns", "", "", 0, kUs}, config.link_memory_latency_ns);
  visit(Info{"link", "upstream_bytes_per_ns", "", "", 0.001, kUs},
        config.link_upstream_bytes_per_ns);
  visit(Info{"link", "downstream_bytes_per_ns", "", "", 0.001, kUs},
        config.link_downstream_bytes_per_ns);

  visit(Info{"run", "time", "", "simulated, or real: threads of this machine"}, config.time);
  visit(Info{"run", "bus", "", "in-process, or where an engine outside of this process is"},
        config.bus);
  visit(
      Info{"run", "idle_pages", "assumed", "pages sent one at a time for idle_latency_ns", 0, kUs},
      config.idle_pages);
  visit(Info{"run", "watchdog_us", "assumed",
             "no completion for this long is a hang: thousands of times what a page takes", 1, kUs},
        config.watchdog_us);
  visit(Info{"run", "faults", "", "plan of what goes wrong with engines; empty: nothing"},
        config.faults);
}

// Whether a setting says something of simulated time only: costs of steps, the engine, its link and
// faults, the route between engine and CPU.
[[nodiscard]] inline bool only_simulated(const SettingInfo& info) {
  if (info.section == "host") return info.key != "full_wait_ns" && info.key != "poll_interval_ns";
  return info.section == "engine" || info.section == "link" || info.key == "costs" ||
         info.key == "watchdog_us" || info.key == "faults" || info.key == "route";
}

}  // namespace pagepress::sim
