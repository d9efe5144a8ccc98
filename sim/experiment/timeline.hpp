// SPDX-License-Identifier: Apache-2.0
// One back end's run on one SystemC timeline: kswapd (producer), kcompressd's
// FIFOs and workers, and, for an engine, driver, link, memory and device.
//
//   kswapd --> FIFOs --> kcompressd's workers --> CPU codecs
//      |                                      \-> engine codecs --> TlmBus --> Link --> Device
//      '--> CPU codec (back pressure)                         HostMemory <----'
//
// Two passes, one after the other. Compression: first idle_pages pages go through
// the back end one at a time (idle latency), then all pages through the FIFO. What
// was stored as a block and verified goes back the same way: decompression. An
// engine with priority classes has a queue of a higher class for that. Last, idle_pages
// blocks come back one at a time while all pages are compressed once more (busy
// latency), if the two have queues of their own. Each page is verified as it completes.
// Limitations: once a process (SystemC elaborates once); but for the busy latency the
// operations do not overlap; same-filled and incompressible pages come back without a
// codec and are in no figure of decompression.
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

// Called with 0 when the pages of a pass start to flow, then for each completed page.
using PageCountFn =
    std::function<void(Operation operation, std::uint64_t done, std::uint64_t total)>;

// Runs `name`. Throws CompareError, DeviceError and what the driver throws.
[[nodiscard]] BackendRun run_timeline(const CompareConfig& config, const std::string& name,
                                      const BackendTable& backends, const Workload& workload,
                                      const CostTable& costs, const PageCountFn& progress);

}  // namespace pagepress::sim
