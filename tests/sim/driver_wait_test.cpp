// SPDX-License-Identifier: Apache-2.0
// The driver's ways of waiting on simulated time: the fast device, its MSI-X messages over the
// link, the same QueuePair as in real threads.
#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>

#include <cstring>
#include <functional>
#include <vector>

#include "model/device/fast_device.hpp"
#include "model/link/link.hpp"
#include "sim/host/sc_clock.hpp"
#include "sim/host/tlm_bus.hpp"
#include "tests/driver/support.hpp"

namespace pagepress::sim {
namespace {

constexpr unsigned kPages = 64;
constexpr unsigned kBatch = 8;

struct Outcome {
  unsigned right = 0;
  WaitMode mode = WaitMode::kPoll;
  QueueCounters counters;
  std::uint64_t ns = 0;
};

// Pages through queue 1, which waits as `wait` says.
Outcome run_pages(Device& device, DmaMap& map, DmaAllocator& memory, const WaitConfig& wait) {
  Outcome outcome;
  DmaBuffer buffer(map, memory, 2 * kPageSize);
  const test::PageData page = test::text_page(1);
  std::memcpy(buffer.data(), page.data(), kPageSize);
  QueuePair queue(device, map, memory, {.index = 1, .sq_depth = 16, .cq_depth = 16, .wait = wait});
  const auto codec = make_engine_codec("engine:fast", queue, map);
  const std::vector<Request> batch(
      kBatch, {.src = buffer.data(), .dst = buffer.data() + kPageSize, .capacity = kPageSize});
  std::vector<Completion> done(kBatch);
  const std::uint64_t start = device.clock().now_ns();
  for (unsigned i = 0; i < kPages; i += kBatch) {
    (void)codec->submit(batch);
    for (std::size_t completed = 0; completed < kBatch;) {
      codec->wait(10'000'000);
      const std::size_t count = codec->poll(done);
      for (std::size_t k = 0; k < count; ++k) {
        outcome.right += done[k].status == Status::kOk ? 1u : 0u;
      }
      completed += count;
    }
  }
  outcome.ns = device.clock().now_ns() - start;
  outcome.mode = queue.wait_mode();
  outcome.counters = queue.counters();
  return outcome;
}

TEST(DriverWait, InterruptsHybridAndPollingOnSimulatedTime) {
  model::HostMemory memory("memory");
  model::Link link("link", {});
  TlmBus bus("bus", memory, sc_core::SC_ZERO_TIME, 16);
  model::FastDevice device("device");
  bus.socket.bind(link.host);
  link.registers.bind(device.registers);
  device.dma.bind(link.dma);
  link.memory.bind(memory.socket);
  device.irq.bind(link.irq_in);
  link.irq.bind(bus.irq);

  Outcome polled;
  Outcome each;
  Outcome moderated;
  Outcome hybrid;
  std::string error;
  sc_core::sc_spawn([&] {
    try {
      ScClock clock;
      test::CountedMemory heap;
      DmaMap map(bus);
      Device engine(bus, clock);
      polled = run_pages(engine, map, heap, {.mode = WaitMode::kPoll});
      each = run_pages(engine, map, heap, {.mode = WaitMode::kInterrupt, .vector = 1});
      moderated = run_pages(engine, map, heap,
                            {.mode = WaitMode::kInterrupt,
                             .vector = 1,
                             .irq_count = kBatch,
                             .irq_cycles = 1'000'000});
      hybrid = run_pages(engine, map, heap, {.mode = WaitMode::kHybrid, .spin_ns = 0, .vector = 1});
    } catch (const std::exception& caught) {
      error = caught.what();
    }
    sc_core::sc_stop();
  });
  sc_core::sc_start();
  EXPECT_EQ(error, "");
  for (const Outcome* outcome : {&polled, &each, &moderated, &hybrid}) {
    EXPECT_EQ(outcome->right, kPages);
    EXPECT_EQ(outcome->counters.missed_interrupts, 0u);
  }
  EXPECT_EQ(polled.counters.interrupts, 0u);
  EXPECT_EQ(each.mode, WaitMode::kInterrupt);
  EXPECT_GE(each.counters.interrupts, kPages / kBatch);
  // One a batch, and perhaps one that the queue before it left unread.
  EXPECT_GE(moderated.counters.interrupts, kPages / kBatch);
  EXPECT_LE(moderated.counters.interrupts, kPages / kBatch + 1);
  EXPECT_LT(moderated.ns, 1'000'000u) << "by count, not by time";
  EXPECT_EQ(hybrid.mode, WaitMode::kHybrid);
}

}  // namespace
}  // namespace pagepress::sim
