// SPDX-License-Identifier: Apache-2.0
// Thread CPU time of the driver's steps, the smallest of many runs.
#include <pagepress/codecs.hpp>
#include <pagepress/measure.hpp>
#include <pagepress/monotonic_clock.hpp>

#include <algorithm>
#include <bit>
#include <limits>
#include <stdexcept>
#include <vector>

#include "driver/kcompressd/page_fifo.hpp"
#include "driver/measure/null_device.hpp"

namespace pagepress {
namespace {

// Thread CPU time of `work`, that of reading the clock taken off.
template <class Work>
std::uint64_t timed(std::uint64_t overhead, Work&& work) {
  const std::uint64_t start = thread_cpu_ns();
  work();
  const std::uint64_t spent = thread_cpu_ns() - start;
  return spent > overhead ? spent - overhead : 0;
}

std::uint64_t clock_overhead() {
  std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 1000; ++i) {
    least = std::min(least, timed(0, [] {}));
  }
  return least;
}

void keep_least(double& least, std::uint64_t ns, std::uint64_t count) {
  const double each = static_cast<double>(ns) / static_cast<double>(count);
  least = least == 0 ? each : std::min(least, each);
}

void measure_queue(DmaAllocator& memory, const MeasureConfig& config, std::uint64_t overhead,
                   DriverCost& cost) {
  const unsigned pages = config.batch * config.batches;
  NullDevice bus(PP_DEPTH_LOG2_MAX);
  MonotonicClock clock;
  DmaMap map(bus);
  Device device(bus, clock);
  const unsigned depth = std::bit_ceil(std::max(pages, 2u));
  QueuePair queue(device, map, memory, {.sq_depth = depth, .cq_depth = depth});
  DmaBuffer source(map, memory, kPageSize);
  DmaBuffer destination(map, memory, kPageSize);
  const auto codec = make_engine_codec("engine:null", queue, map);
  const std::vector<Request> requests(
      config.batch, {.src = source.data(), .dst = destination.data(), .capacity = kPageSize});
  std::vector<Completion> done(config.batch);

  for (unsigned run = 0; run < config.runs; ++run) {
    std::size_t submitted = 0;
    std::size_t completed = 0;
    const std::uint64_t submit_ns = timed(overhead, [&] {
      for (unsigned i = 0; i < config.batches; ++i) {
        submitted += codec->submit(requests);
      }
    });
    std::size_t found = 0;
    const std::uint64_t empty_ns = timed(overhead, [&] {
      for (unsigned i = 0; i < config.batches; ++i) {
        found += codec->poll(done);
      }
    });
    bus.complete();
    const std::uint64_t poll_ns = timed(overhead, [&] {
      for (unsigned i = 0; i < config.batches; ++i) {
        completed += codec->poll(done);
      }
    });
    if (submitted != pages || completed != pages || found != 0) {
      throw std::logic_error("measure_driver_cost: the null device lost a completion");
    }
    keep_least(cost.submit_ns, submit_ns, pages);
    keep_least(cost.completion_ns, poll_ns, pages);
    keep_least(cost.empty_poll_ns, empty_ns, config.batches);
  }
}

void measure_fifo(const MeasureConfig& config, std::uint64_t overhead, DriverCost& cost) {
  const unsigned pages = config.batch * config.batches;
  PageFifo fifo(pages);
  std::vector<QueuedPage> burst(config.batch);
  for (unsigned run = 0; run < config.runs; ++run) {
    const std::uint64_t push_ns = timed(overhead, [&] {
      for (unsigned i = 0; i < pages; ++i) {
        (void)fifo.push({.page = {.data = nullptr, .cookie = i}, .enqueue_ns = run});
      }
    });
    unsigned popped = 0;
    const std::uint64_t pop_ns = timed(overhead, [&] {
      for (unsigned i = 0; i < config.batches; ++i) {
        popped += fifo.pop(burst);
      }
    });
    if (popped != pages) {
      throw std::logic_error("measure_driver_cost: the FIFO lost a page");
    }
    keep_least(cost.enqueue_ns, push_ns, pages);
    keep_least(cost.dequeue_ns, pop_ns, pages);
  }
}

}  // namespace

DriverCost measure_driver_cost(DmaAllocator& memory, const MeasureConfig& config) {
  if (config.batch == 0 || config.batches == 0 || config.runs == 0 ||
      std::uint64_t{config.batch} * config.batches > (1u << PP_DEPTH_LOG2_MAX)) {
    throw std::invalid_argument("measure_driver_cost: batch x batches must be 1 to 32768, runs 1");
  }
  const std::uint64_t overhead = clock_overhead();
  DriverCost cost;
  measure_queue(memory, config, overhead, cost);
  measure_fifo(config, overhead, cost);
  return cost;
}

}  // namespace pagepress
