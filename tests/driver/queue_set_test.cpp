// SPDX-License-Identifier: Apache-2.0
// Many queues of one device, one thread each; also for TSan.
#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>
#include <pagepress/monotonic_clock.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/driver/fake_device.hpp"
#include "tests/driver/support.hpp"

namespace pagepress::test {
namespace {

constexpr unsigned kThreads = 4;
constexpr std::uint64_t kPagesEach = 2000;

// Pages through a codec that nobody else uses; how many came back right, and once.
std::uint64_t run_pages(Codec& codec, const std::byte* page, std::byte* destination) {
  std::vector<unsigned> seen(kPagesEach, 0);
  std::vector<Completion> done(16);
  std::uint64_t submitted = 0;
  std::uint64_t right = 0;
  for (std::uint64_t completed = 0; completed < kPagesEach;) {
    if (submitted < kPagesEach) {
      const Request request{
          .src = page, .dst = destination, .capacity = kPageSize, .tag = submitted};
      submitted += codec.submit(std::span(&request, 1));
    }
    const std::size_t count = codec.poll(done);
    for (std::size_t i = 0; i < count; ++i) {
      right +=
          done[i].status == Status::kSameFilled && done[i].info == 77 && ++seen.at(done[i].tag) == 1
              ? 1u
              : 0u;
    }
    completed += count;
    if (count == 0) {
      codec.wait(1'000'000);
    }
  }
  return right;
}

struct Rig {
  explicit Rig(WaitMode mode, std::uint64_t timeout_ns = 60'000'000'000) : bus(identity()) {
    bus.bus_vectors = FakeDevice::kVectors;
    device.emplace(bus, clock, DeviceConfig{.register_timeout_ns = 2'000'000});
    const PageData filled = filled_page(77);
    std::memcpy(buffer.data(), filled.data(), kPageSize);
    queues.emplace(*device, map, memory,
                   QueueConfig{.sq_depth = 16,
                               .cq_depth = 16,
                               .completion_timeout_ns = timeout_ns,
                               .wait = {.mode = mode}},
                   kThreads);
    for (unsigned i = 0; i < kThreads; ++i) {
      codecs.push_back(make_reliable_codec(make_engine_codec("engine:fake", (*queues)[i], map),
                                           make_cpu_lz4(), {.backoff_ns = 100'000}));
    }
  }
  static FakeDevice::Identity identity() {
    FakeDevice::Identity identity;
    identity.queues = FakeDevice::kMostQueues;
    identity.features |= PP_FEAT_IRQ | PP_FEAT_IRQ_MASK | PP_FEAT_ABORT;
    return identity;
  }
  // All threads to their end, the device beside them; `disturb` now and then, by the device's.
  std::uint64_t run(const std::function<void(unsigned)>& disturb = {}) {
    std::atomic<bool> power{true};
    std::atomic<std::uint64_t> right{0};
    std::thread engine([&] {
      for (unsigned step = 0; power; ++step) {
        if (disturb) {
          disturb(step);
        }
        if (bus.step(4) == 0) {
          std::this_thread::yield();
        }
      }
    });
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        right += run_pages(*codecs[i], buffer.data(), buffer.data() + (i + 1) * kPageSize);
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
    power = false;
    engine.join();
    return right;
  }

  FakeDevice bus;
  MonotonicClock clock;
  CountedMemory memory;
  DmaMap map{bus};
  DmaBuffer buffer{map, memory, (kThreads + 1) * kPageSize};
  std::optional<Device> device;
  std::optional<QueueSet> queues;
  std::vector<std::unique_ptr<ReliableCodec>> codecs;
};

TEST(QueueSet, EveryThreadHasItsQueue) {
  for (const WaitMode mode : {WaitMode::kPoll, WaitMode::kHybrid, WaitMode::kInterrupt}) {
    Rig rig(mode);
    EXPECT_EQ(rig.run(), kThreads * kPagesEach);
    EXPECT_EQ(rig.bus.contract_violations, 0u);
    for (const auto& codec : rig.codecs) {
      EXPECT_EQ(codec->counters().by_engine, kPagesEach);
      EXPECT_EQ(codec->engine().queue().counters().missed_interrupts, 0u);
    }
  }
}

// One queue does not stop, so that its owner resets the device under the other threads.
TEST(QueueSet, AResetIsSeenByAllAndLosesNothing) {
  Rig rig(WaitMode::kPoll, 3'000'000);
  const auto disturb = [&](unsigned step) {
    if (step % 500 == 499) {
      rig.device->reset();
    }
  };
  EXPECT_EQ(rig.run(disturb), kThreads * kPagesEach);
  std::uint64_t seen = 0;
  for (const auto& codec : rig.codecs) {
    seen += codec->counters().resets_by_others;
    EXPECT_EQ(codec->counters().by_engine + codec->counters().by_cpu, kPagesEach);
  }
  EXPECT_GT(seen, 0u);
}

TEST(QueueSet, ADeviceThatComesAndGoesLosesNothing) {
  Rig rig(WaitMode::kPoll, 1'000'000);
  const auto disturb = [&](unsigned step) {
    if (step % 400 == 200) {
      rig.bus.set_gone(true);
    } else if (step % 400 == 0) {
      rig.bus.set_gone(false);
    }
  };
  EXPECT_EQ(rig.run(disturb), kThreads * kPagesEach);
  rig.bus.set_gone(false);
}

TEST(QueueSet, TakesAllQueuesUnlessToldAndNotMore) {
  FakeDevice bus;
  ManualClock clock;
  CountedMemory memory;
  DmaMap map(bus);
  Device device(bus, clock);
  EXPECT_EQ(QueueSet(device, map, memory).size(), FakeDevice::kQueues);
  EXPECT_EQ(QueueSet(device, map, memory, {}, 1).size(), 1u);
  EXPECT_THROW(QueueSet(device, map, memory, {}, 3), std::invalid_argument);
}

}  // namespace
}  // namespace pagepress::test
