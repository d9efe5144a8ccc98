// SPDX-License-Identifier: Apache-2.0
// One back end's run on real threads: what timeline.hpp does on simulated time, measured.
//
// Two passes: some pages alone (idle latency), then all pages through the queue; what was stored
// as blocks comes back likewise. Last, blocks come back one at a time, on a thread of their own,
// while all pages are compressed once more (busy latency). What comes out is copied to where it
// stays, in the thread that has it: a block as into zram's pool, a page as into a process. Every
// page is verified, after its pass and outside of what is measured.
// A back end is a RealBackend: a CPU's codecs, or an engine's that a Bus in real time reaches.
// Limitations: three times the memory of the page files; figures differ from run to run.
#pragma once

#include <functional>

#include <pagepress/codec.hpp>

#include "sim/experiment/metrics.hpp"
#include "sim/experiment/real_threads.hpp"
#include "sim/experiment/workload.hpp"

namespace pagepress::sim {

// Called in the calling thread with 0 when the pages of a pass start to flow, then some times a
// second.
using RealProgressFn =
    std::function<void(Operation operation, std::uint64_t done, std::uint64_t total)>;

// EAL must run. Throws what codecs and driver throw.
[[nodiscard]] BackendRun run_real(const RealConfig& config, const RealBackend& backend,
                                  const Workload& workload, const RealProgressFn& progress);

}  // namespace pagepress::sim
