// SPDX-License-Identifier: Apache-2.0
// Whatever compresses: every page is stored once, with the version and the bytes that it had, and
// its write ends once; counters agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reclaim/policy_world.hpp"

namespace pagepress::reclaim {
namespace {

struct Load {
  std::uint64_t steps = 3'000;
  PageId folio_pages = 1;
  std::uint32_t direct = 1;  // tasks that reclaim beside kswapd
  std::uint64_t think_ns = 0;
};

// Folios out and pages back at random, in a part of the memory that is the task's own.
void churn(World& world, Task& task, Caller caller, PageId first, PageId count, const Load& load,
           std::uint32_t seed) {
  std::mt19937 random(seed);
  for (std::uint64_t step = 0; step < load.steps; ++step) {
    const PageId folio = first + random() % (count / load.folio_pages) * load.folio_pages;
    std::vector<PageId> pages;
    bool resident = true;
    for (PageId page = folio; page < folio + load.folio_pages; ++page) {
      pages.push_back(page);
      resident = resident && world.mm.state(page) == FakeMm::State::kResident;
    }
    if (resident) {
      world.write(task, pages, caller);
    } else {
      for (const PageId page : pages) {
        if (world.mm.state(page) == FakeMm::State::kSwapped) world.touch(task, page);
      }
    }
    if (load.think_ns != 0) task.sleep(random() % load.think_ns);
  }
}

nlohmann::json play(const WorldConfig& config, const Load& load) {
  return simulated([&] {
    World world(config);
    const PageId share = config.pages / (load.direct + 1);
    std::uint32_t running = load.direct;
    sc_core::sc_event ended{"ended"};
    for (std::uint32_t i = 0; i < load.direct; ++i) {
      world.scheduler().spawn(
          {.name = fmt::format("app/{}", i), .group = "app"}, [&, i](Task& task) {
            churn(world, task, Caller::kDirect, share * (i + 1), share, load, 100 + i);
            task.settle();
            --running;
            ended.notify();
          });
    }
    return world.run([&](Task& task) {
      churn(world, task, Caller::kKswapd, 0, share, load, 1);
      while (running != 0) (void)task.wait_for(ended, 1'000'000);
      world.finish(task);
      nlohmann::json result = world.policy().to_json();
      result["now_ns"] = now_ns();
      result["ends"] = world.mm.ends;
      return result;
    });
  });
}

// What holds of the counters of any run that was drained.
void expect_consistent(const nlohmann::json& run) {
  const auto count = [&](const char* pointer) {
    return run.at(nlohmann::json::json_pointer(pointer)).get<std::uint64_t>();
  };
  EXPECT_EQ(count("/write/pages"), count("/write/stored") + count("/write/to_device") +
                                       count("/write/failed") + count("/write/dropped"));
  std::uint64_t ways = count("/write/caught") + count("/synchronous/pages");
  if (run.contains("requests")) ways += count("/requests/pages");
  if (run.contains("queue")) {
    EXPECT_EQ(count("/queue/enqueued"), count("/queue/completed") + count("/queue/taken_back"));
    EXPECT_EQ(count("/queue/queued"), 0u);
    ways += count("/queue/completed");
    std::uint64_t completed = 0;
    std::uint64_t submitted = 0;
    for (const auto& worker : run["workers"]) {
      completed += worker["completed"].get<std::uint64_t>();
      submitted += worker["submitted"].get<std::uint64_t>();
    }
    EXPECT_EQ(completed, count("/queue/completed"));
    EXPECT_EQ(submitted, completed);
  }
  EXPECT_EQ(ways, count("/write/pages"));
}

class EveryPolicy : public testing::TestWithParam<const char*> {};

TEST_P(EveryPolicy, LosesNothingAndDoublesNothing) {
  for (const char* store : {"zswap", "zram"}) {
    SCOPED_TRACE(store);
    const nlohmann::json run = play({.spec = GetParam(), .store = store}, {});
    expect_consistent(run);
    EXPECT_GT(run["write"]["pages"].get<int>(), 1'000);
  }
}

TEST_P(EveryPolicy, TakesLargeFolios) {
  for (const PageId pages : {4u, 16u}) {
    const nlohmann::json run = play({.spec = GetParam()}, {.steps = 300, .folio_pages = pages});
    expect_consistent(run);
    EXPECT_EQ(run["write"]["pages"], run["write"]["folios"].get<std::uint64_t>() * pages);
  }
}

TEST_P(EveryPolicy, IsTheSameEveryTime) {
  const Load load{.steps = 800, .direct = 2, .think_ns = 20'000};
  EXPECT_EQ(play({.spec = GetParam()}, load), play({.spec = GetParam()}, load));
}

TEST_P(EveryPolicy, GoesOnOnOneCoreOnly) {
  expect_consistent(play({.spec = GetParam(), .cores = 1}, {.steps = 800}));
}

INSTANTIATE_TEST_SUITE_P(Cpu, EveryPolicy,
                         testing::Values("kswapd", "kswapd@codec=cpu:zstd", "kcompressd",
                                         "kcompressd@shape=zram-v1",
                                         "kcompressd@fifo_entries=8,policy=wait",
                                         "kcompressd@fifo_entries=8,policy=drain-oldest",
                                         "kcompressd@fifo_entries=8,policy=divert-to-cpu",
                                         "threads", "threads@split=shared,workers=3",
                                         "threads@split=own,fifo_entries=16", "batch"));
INSTANTIATE_TEST_SUITE_P(
    Engine, EveryPolicy,
    testing::Values("engine", "engine@wait=interrupt", "engine@wait=hybrid",
                    "engine@wait=interrupt,irq_count=1,swapin_engine=1",
                    "engine@fifo_entries=8,batch=4,policy=sync-newest,same_filled=engine",
                    "engine@fifo_entries=8,policy=drain-oldest",
                    "engine@fifo_entries=8,policy=divert-to-cpu,workers=2,split=shared",
                    "engine@state=writeback,swapin_engine=1", "batch@codec=engine:fast",
                    "batch@codec=engine:fast,workers=2,wait=interrupt,swapin_engine=1"));

}  // namespace
}  // namespace pagepress::reclaim
