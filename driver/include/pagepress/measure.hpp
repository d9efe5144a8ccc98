// SPDX-License-Identifier: Apache-2.0
// What the driver itself costs: thread CPU time a page on this machine.
//
// The device is one in software that completes at once and outside the timed
// parts, so that only the driver's instructions are counted: copying
// descriptors, doorbell call, reading completions, FIFO.
// Limitations: rings are warm in the cache and the doorbell is a function call,
// so that this is a lower bound and not what a page costs: a real link adds cache
// misses and an uncached write (CpuCosts of kcompressd.hpp). EAL must run.
#pragma once

#include <pagepress/memory.hpp>

#include <cstdint>

namespace pagepress {

struct DriverCost {
  double enqueue_ns = 0;     // a page into the FIFO
  double dequeue_ns = 0;     // a page out of it, in bursts of `batch`
  double submit_ns = 0;      // a page, doorbell call included
  double completion_ns = 0;  // a page
  double empty_poll_ns = 0;  // a poll that finds nothing
};

struct MeasureConfig {
  unsigned batch = 32;
  unsigned batches = 64;  // in a run
  unsigned runs = 50;     // the smallest of these counts
};

[[nodiscard]] DriverCost measure_driver_cost(DmaAllocator& memory,
                                             const MeasureConfig& config = {});

}  // namespace pagepress
