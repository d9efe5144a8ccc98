// SPDX-License-Identifier: Apache-2.0
// kswapd's priorities, sleeps and failures; direct reclaim beside it. Scans are scripted by a
// stand-in for the LRU.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "sim/reclaim/mm/node.hpp"
#include "tests/reclaim/mm_machine.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

// A scan "frees" frames that a test had taken.
class ScriptedLru final : public Lru {
 public:
  struct Scan {
    std::uint64_t scanned;
    std::uint64_t freed;
  };
  ScriptedLru(Node& node, Scan scan) : node_(node), scan_(scan) {}

  void add(PageId) override {}
  void put_back(PageId) override {}
  void remove(PageId) override {}
  void rotate(PageId) override {}
  void activate(PageId) override {}
  std::uint32_t evicted(PageId) override { return 1; }
  void refault(PageId, std::uint32_t) override {}
  void age(ScanControl&) override {}
  void shrink(ScanControl& control) override {
    priorities.push_back(control.priority);
    control.nr_scanned += scan_.scanned;
    control.nr_reclaimed += scan_.freed;
    node_.zones[0].free += scan_.freed;
  }
  void snapshot_refaults() override {}
  LruLevels levels() const override { return {}; }
  void check() const override {}

  std::vector<int> priorities;

 private:
  Node& node_;
  Scan scan_;
};

class NoSwap final : public SwapPath {
 public:
  WriteResult write_folio(Task&, Caller, std::span<const PageId>) override {
    return WriteResult::kActivate;
  }
  ReadFrom read_page(Task&, PageId) override { return ReadFrom::kStore; }
  void invalidate(PageId) override {}
  std::uint64_t free_slots() const noexcept override { return 1; }
};

// kswapd of a node of 64 MiB of which nothing is free.
json kswapd_with(ScriptedLru::Scan scan, const std::function<void(Node&, Task&)>& wake) {
  return simulated([&] {
    Vmstat vmstat;
    Scheduler scheduler({.cores = {{.name = "cpu", .count = 2}}}, nullptr);
    NoSwap swap;
    Node node({.zones = {{"Normal", 64}}}, {}, scheduler, vmstat, nullptr);
    node.path = &swap;
    auto lru = std::make_unique<ScriptedLru>(node, scan);
    const ScriptedLru& seen = *lru;
    node.lru = std::move(lru);
    KswapdTimes times;
    scheduler.spawn({.name = "kswapd0"}, [&](Task& task) { run_kswapd(node, task, times); });
    scheduler.spawn({.name = "test"}, [&](Task& task) {
      task.sleep(kSecond);
      wake(node, task);
      task.sleep(kSecond);
      sc_core::sc_pause();
    });
    sc_core::sc_start();
    scheduler.rethrow_error();
    return json{{"priorities", seen.priorities},    {"failures", node.kswapd_failures},
                {"vmstat", to_json(vmstat)},        {"free", node.zones[0].free},
                {"high", node.zones[0].marks.high}, {"asleep", node.kswapd_sleeps}};
  });
}

void exhaust(Node& node, Task& task) {
  node.zones[0].free = 0;
  node.wake_kswapd(&task);
}

TEST(Kswapd, PriorityStaysWhileScansAreLongAndFree) {
  const json result = kswapd_with({.scanned = 1'000'000, .freed = 10}, exhaust);
  EXPECT_THAT(result["priorities"].get<std::vector<int>>(), testing::Each(12));
  EXPECT_GT(result["free"], result["high"]);
  EXPECT_LE(result["free"], result["high"].get<std::uint64_t>() + 10) << "it stops there";
  EXPECT_EQ(result["vmstat"]["pageoutrun"], 1);
  EXPECT_EQ(result["asleep"], true);
}

TEST(Kswapd, PriorityDropsWhenScansAreShort) {
  const json result = kswapd_with({.scanned = 10, .freed = 10}, exhaust);
  const auto priorities = result["priorities"].get<std::vector<int>>();
  ASSERT_GT(priorities.size(), 12U);
  for (std::size_t i = 0; i < priorities.size(); ++i) {
    ASSERT_EQ(priorities[i], 12 - static_cast<int>(i % 12)) << "scan " << i;
  }
  EXPECT_EQ(result["failures"], 0);
}

TEST(Kswapd, PriorityDropsWhenNothingIsFreed) {
  const json result = kswapd_with({.scanned = 1'000'000, .freed = 0}, exhaust);
  EXPECT_EQ(result["priorities"].size(), 12U * kMaxReclaimRetries);
  EXPECT_EQ(result["failures"], kMaxReclaimRetries);
  EXPECT_EQ(result["vmstat"]["pageoutrun"], kMaxReclaimRetries);
  EXPECT_EQ(result["asleep"], true);
}

TEST(Kswapd, GivesUpUntilDirectReclaimFreesSomething) {
  const json result = kswapd_with({.scanned = 1'000'000, .freed = 0}, [](Node& node, Task& task) {
    exhaust(node, task);
    task.sleep(kSecond);
    node.wake_kswapd(&task);  // hopeless: it is left alone
    require(node.kswapd_sleeps, "kswapd sleeps");
    node.kswapd_failures = 0;  // as shrink_node() does
    node.wake_kswapd(&task);
  });
  EXPECT_EQ(result["vmstat"]["pageoutrun"], 2 * kMaxReclaimRetries);
}

TEST(Kswapd, WakesThrottledTasks) {
  const json result = kswapd_with({.scanned = 1'000, .freed = 100}, [](Node& node, Task& task) {
    node.zones[0].lru[0] = 1'000;  // else there is nothing to wait for
    node.zones[0].free = 0;
    require(!node.may_reclaim_directly(), "throttled");  // wakes kswapd
    const Ns before = now_ns();
    ++node.throttled;
    require(task.wait_for(node.pfmemalloc_wait, kSecond), "woken");
    --node.throttled;
    require(node.may_reclaim_directly(), "not throttled");
    require(now_ns() - before < kSecond / 10, "soon");
  });
  EXPECT_GT(result["free"], 0);
}

TEST(Kswapd, CountsHowItSleeps) {
  const json quick = kswapd_with({.scanned = 1'000'000, .freed = 10}, [](Node& node, Task& task) {
    exhaust(node, task);
    task.sleep(kSecond / 20);  // within the short sleep
    exhaust(node, task);
  });
  EXPECT_EQ(quick["vmstat"]["kswapd_low_wmark_hit_quickly"], 1);
  const json later = kswapd_with({.scanned = 1'000'000, .freed = 10}, [](Node& node, Task& task) {
    exhaust(node, task);
    task.sleep(kSecond / 20);
    node.zones[0].free = node.zones[0].marks.low;  // nobody wakes it
  });
  EXPECT_EQ(later["vmstat"]["kswapd_high_wmark_hit_quickly"], 1);
  EXPECT_GT(later["free"], later["high"]);
}

TEST(DirectReclaim, GoesDownToPriorityZero) {
  const json result = kswapd_with({.scanned = 10, .freed = 0}, [](Node& node, Task& task) {
    ScanControl control{.task = task, .caller = Caller::kDirect, .nr_to_reclaim = 32};
    require(try_to_free_pages(node, control) == 0, "nothing is freed");
  });
  EXPECT_THAT(result["priorities"].get<std::vector<int>>(),
              testing::ElementsAre(12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0));
  EXPECT_EQ(result["vmstat"]["allocstall"], 1);
}

}  // namespace
}  // namespace pagepress::reclaim
