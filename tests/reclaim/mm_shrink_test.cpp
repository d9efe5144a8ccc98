// SPDX-License-Identifier: Apache-2.0
// shrink_folio_list() and reclaim_throttle() by themselves: what a batch costs in TLB flushes, and
// how long whom reclaim puts to sleep.
#include <gtest/gtest.h>

#include <array>
#include <bit>

#include "sim/reclaim/mm/fault.hpp"
#include "sim/reclaim/mm/node.hpp"
#include "tests/reclaim/mm_machine.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr std::uint64_t kBatch = kSwapClusterMax;
constexpr Ns kFlush = 1'000;

class InstantSwap final : public SwapPath {
 public:
  WriteResult write_folio(Task&, Caller, std::span<const PageId>) override {
    return WriteResult::kDone;
  }
  ReadFrom read_page(Task&, PageId) override { return ReadFrom::kStore; }
  void invalidate(PageId) override {}
  std::uint64_t free_slots() const noexcept override { return 1'000; }
};

KernelCosts only_flushes() {
  constexpr std::array<Ns, sizeof(KernelCosts) / sizeof(Ns)> kNothing{};
  auto costs = std::bit_cast<KernelCosts>(kNothing);
  costs.tlb_flush_ns = kFlush;
  return costs;
}

// Runs `body` in a task of a node without kswapd.
json on_node(const MmConfig& config, const std::function<json(Node&, Task&)>& body) {
  return simulated([&] {
    Vmstat vmstat;
    Scheduler scheduler(free_switching(2), nullptr);
    InstantSwap swap;
    Node node(config, only_flushes(), scheduler, vmstat, nullptr);
    node.path = &swap;
    json result;
    scheduler.spawn({.name = "test"}, [&](Task& task) {
      result = body(node, task);
      sc_core::sc_pause();
    });
    sc_core::sc_start();
    scheduler.rethrow_error();
    return result;
  });
}

// Reclaims pages 0 to kBatch - 1, which are resident. Returns flushes.
std::uint64_t reclaim(Node& node, Task& task) {
  ScanControl control{.task = task, .caller = Caller::kDirect, .nr_to_reclaim = kBatch};
  for (PageId id = 0; id < kBatch; ++id) {
    node.lru->remove(id);
    node.pages[id].clear(kYoung);  // as aging would
    node.pages[id].set(kIsolated);
    ++node.isolated[0];
    control.folios.push_back(id);
  }
  ShrinkStat stat;
  task.settle();
  const Ns before = task.work_ns();
  require(shrink_folio_list(node, control, stat) == kBatch, "all are freed");
  task.settle();
  return (task.work_ns() - before) / kFlush;
}

// Flushes of a batch of pages that were written to, and of them again, having been read back.
json flushes(bool each_folio) {
  MmConfig config{.zones = {{"Normal", 16}}};
  config.tlb_flush_each_folio = each_folio;
  return on_node(config, [](Node& node, Task& task) -> json {
    AllocationStalls stalls;
    Faults faults(node, stalls);
    (void)faults.add_region(PageType::kAnonymous, kBatch);
    const auto touch = [&](bool write) {
      for (PageId id = 0; id < kBatch; ++id) faults.touch(task, id, write);
    };
    touch(true);
    const std::uint64_t written = reclaim(node, task);
    touch(false);
    const std::uint64_t read = reclaim(node, task);
    touch(false);
    touch(true);
    return {written, read, reclaim(node, task)};
  });
}

TEST(TlbFlush, ComesBeforeEachFolioThatADirtyPteMapped) {
  // Read back, a folio is dirty for it has no copy, but its PTE is clean.
  EXPECT_EQ(flushes(true), json({kBatch, 1, kBatch}));
}

TEST(TlbFlush, OfABatchAsASetting) { EXPECT_EQ(flushes(false), json({1, 1, 1})); }

TEST(TlbFlush, OfEachFolioIsTheDefaultAsOf612) { EXPECT_TRUE(MmConfig{}.tlb_flush_each_folio); }

// How long reclaim_throttle() sleeps if nobody wakes the task.
TEST(ReclaimThrottle, SleepsAsLongAsItsReasonSays) {
  const json slept = on_node({}, [](Node& node, Task& task) -> json {
    json times;
    for (const Throttle reason :
         {Throttle::kWriteback, Throttle::kIsolated, Throttle::kNoProgress}) {
      const Ns before = now_ns();
      node.throttle(task, reason);
      times.push_back(now_ns() - before);
    }
    return times;
  });
  EXPECT_EQ(slept, json({kSecond / 10, kSecond / 50, kJiffy}));  // HZ/10, HZ/50, one tick
}

TEST(ReclaimThrottle, WritebackEndsItOnceMoreThanABatchAWaiterIsWritten) {
  const json result = on_node({}, [](Node& node, Task& task) -> json {
    node.note_written(1'000);  // before anybody waits: does not count
    json woken;
    for (const char* name : {"one", "two"}) {
      node.scheduler.spawn({.name = name}, [&](Task& waiter) {
        node.throttle(waiter, Throttle::kWriteback);
        woken.push_back(now_ns());
      });
    }
    task.sleep(kSecond / 100);
    node.note_written(2 * kSwapClusterMax);
    task.sleep(kSecond / 100);
    const std::size_t early = woken.size();
    node.note_written(1);
    task.sleep(kSecond / 100);
    return {early, woken};
  });
  EXPECT_EQ(result[0], 0U) << "SWAP_CLUSTER_MAX a waiter is not more than that";
  EXPECT_EQ(result[1], json({kSecond / 50, kSecond / 50}));
}

TEST(ReclaimThrottle, NoProgressOnlyIfMostIsUnderWriteback) {
  const json result = on_node({.zones = {{"Normal", 16}}}, [](Node& node, Task&) -> json {
    node.zones[0].lru = {60, 40};
    json waits;
    for (const std::uint64_t writeback : {50U, 51U}) {
      node.writeback = writeback;
      waits.push_back(node.waits_for_writeback());
    }
    node.kswapd_failures = kMaxReclaimRetries;  // near out of memory: nobody is put to sleep
    waits.push_back(node.waits_for_writeback());
    return waits;
  });
  EXPECT_EQ(result, json({false, true, false}));
}

}  // namespace
}  // namespace pagepress::reclaim
