// SPDX-License-Identifier: Apache-2.0
// Random work for a policy, and what holds of its counters afterwards.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <vector>

#include "tests/reclaim/policy_world.hpp"

namespace pagepress::reclaim {

struct Load {
  std::uint64_t steps = 3'000;
  PageId folio_pages = 1;
  std::uint32_t direct = 1;  // tasks that reclaim beside kswapd
  std::uint64_t think_ns = 0;
};

// Folios out and pages back at random, in a part of the memory that is the task's own.
inline void churn(World& world, Task& task, Caller caller, PageId first, PageId count,
                  const Load& load, std::uint32_t seed) {
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

inline nlohmann::json play(const WorldConfig& config, const Load& load) {
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
inline void expect_consistent(const nlohmann::json& run) {
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
  // A device that was never reset counts what it was given.
  if (!run.contains("engine") || run["engine"].contains("reliable") ||
      run["engine"].contains("no_device")) {
    return;
  }
  std::uint64_t units = 0;
  for (const auto& engine : run["engine"]["engines"]) units += engine["units"].get<std::uint64_t>();
  EXPECT_EQ(units,
            count("/read/by_engine") +
                (run.contains("requests") ? count("/requests/pages") : count("/queue/completed")));
}

}  // namespace pagepress::reclaim
