// SPDX-License-Identifier: Apache-2.0
// One back end's run on one SystemC timeline: kswapd (producer), kcompressd's
// FIFO and worker, and, for an engine, driver, link, memory and device.
//
//   kswapd --> FIFO --> kcompressd --> CPU codec
//                                  \-> engine codec --> TlmBus --> Link --> Device
//                                                  HostMemory <----'
//
// First idle_pages pages go through the back end one at a time (idle latency),
// then all pages through the FIFO. Each page is verified as it completes.
// Limitations: once a process (SystemC elaborates once); one queue, one engine.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "sim/experiment/backends.hpp"
#include "sim/experiment/config.hpp"
#include "sim/experiment/metrics.hpp"
#include "sim/experiment/workload.hpp"
#include "sim/host/cost_table.hpp"

namespace pagepress::sim {

// Called with 0 when the pages start to flow, then for each completed page.
using PageCountFn = std::function<void(std::uint64_t done)>;

// Runs `name`. Throws CompareError, DeviceError and what the driver throws.
[[nodiscard]] BackendRun run_timeline(const CompareConfig& config, const std::string& name,
                                      const Backend& backend, const Workload& workload,
                                      const CostTable& costs, const PageCountFn& progress);

}  // namespace pagepress::sim
