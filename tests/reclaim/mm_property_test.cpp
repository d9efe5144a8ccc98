// SPDX-License-Identifier: Apache-2.0
// Random programs on random machines: no page is lost, doubled or comes back as another, and the
// counters' identities hold all the time.
#include <gtest/gtest.h>

#include "tests/reclaim/mm_machine.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

struct Load {
  MachineConfig machine;
  std::size_t programs = 3;
  std::size_t anon_pages = 8'000;  // of each
  std::size_t file_pages = 1'000;
  std::size_t touches = 60'000;
};

void program(Machine& machine, Task& task, const Load& load, PageId anon, PageId file,
             std::uint64_t seed) {
  RandomStream random(seed);
  for (std::size_t i = 0; i < load.touches; ++i) {
    const bool is_file = load.file_pages != 0 && random.share() < 0.1;
    const std::size_t size = is_file ? load.file_pages : load.anon_pages;
    // Half of the touches go to an eighth of the pages.
    const std::uint64_t range = random.share() < 0.5 ? size / 8 : size;
    const auto page = static_cast<PageId>((is_file ? file : anon) + random.next() % range);
    machine.mm.touch(task, page, !is_file && random.share() < 0.4);
    task.charge(300);
    if (i % 2'000 == 999) {
      const auto first = static_cast<PageId>(anon + random.next() % (load.anon_pages - 200));
      machine.mm.discard(task, first, random.below(200));
    }
    if (i % 500 == 0) {
      check_identities(machine.vmstat);
      machine.mm.check();
    }
  }
}

json run(const Load& load) {
  return simulated([&load] {
    Machine machine(load.machine);
    for (std::size_t i = 0; i < load.programs; ++i) {
      const PageId anon = machine.mm.add_region(PageType::kAnonymous, load.anon_pages);
      const PageId file = machine.mm.add_region(PageType::kFile, load.file_pages);
      machine.program(fmt::format("app/{}", i), [&machine, &load, anon, file, i](Task& task) {
        program(machine, task, load, anon, file, i + 1);
      });
    }
    machine.run();
    check_identities(machine.vmstat);
    json result = to_json(machine.vmstat);
    result["end_ns"] = now_ns();
    result["stalls"] = machine.mm.stalls().stall_ns.size();
    result["reads"] = machine.swap.reads;
    return result;
  });
}

Load small(const std::string& lru) {
  Load load;
  load.machine.memory.zones = {{.name = "Normal", .managed_mib = 48}};
  load.machine.memory.lru = lru;
  return load;
}

class MmProperty : public testing::TestWithParam<const char*> {
 protected:
  static void expect_swapped(const json& result) {
    EXPECT_GT(result["pgsteal_anon"], 5'000);
    EXPECT_GT(result["reads"], 1'000);
    EXPECT_EQ(result["oom_kill"], 0);
  }
};

TEST_P(MmProperty, Inline) {
  const json result = run(small(GetParam()));
  expect_swapped(result);
  EXPECT_GT(result["pgsteal_file"], 0);
  EXPECT_EQ(result["refault_queued"], 0);
}

TEST_P(MmProperty, QueuedLocked) {
  Load load = small(GetParam());
  load.machine.swap.locked = 1;
  load.machine.swap.random_delay_ns = 50'000;
  const json result = run(load);
  expect_swapped(result);
  EXPECT_GT(result["refault_queued"], 0);
  EXPECT_EQ(result["rescan_writeback"], 0);
  EXPECT_EQ(result["pgrotated"], 0);
}

TEST_P(MmProperty, QueuedWriteback) {
  Load load = small(GetParam());
  load.machine.swap.writeback = 1;
  load.machine.swap.random_delay_ns = 50'000;
  const json result = run(load);
  expect_swapped(result);
  EXPECT_GT(result["refault_queued"], 0);
  EXPECT_GT(result["pgrotated"], 0);
  EXPECT_EQ(result["rescan_locked"], 0);
}

TEST_P(MmProperty, AllThatCanGoWrong) {
  for (const std::uint64_t cores : {1U, 4U}) {
    for (const std::uint64_t folio_pages : {1U, 16U}) {
      Load load = small(GetParam());
      load.touches = 30'000;
      load.machine.cores = cores;
      load.machine.memory.folio_pages = folio_pages;
      load.machine.memory.swap_in_keeps_copy = cores == 4;
      load.machine.memory.zones = {{.name = "DMA32", .managed_mib = 16},
                                   {.name = "Normal", .managed_mib = 32}};
      load.machine.swap.locked = 0.4;
      load.machine.swap.writeback = 0.3;
      load.machine.swap.activated = 0.1;
      load.machine.swap.failed = 0.1;
      load.machine.swap.random_delay_ns = 20'000;
      const json result = run(load);
      EXPECT_GT(result["write_activated"], 0);
      EXPECT_GT(result["pgsteal_anon"], 3'000);
      EXPECT_EQ(result["oom_kill"], 0);
    }
  }
}

TEST_P(MmProperty, WithinAMemcg) {
  Load load = small(GetParam());
  load.machine.memory.zones = {{.name = "Normal", .managed_mib = 512}};
  load.machine.memory.memcg_limit_mib = 48;
  load.machine.swap.locked = 0.5;
  const json result = run(load);
  expect_swapped(result);
  EXPECT_EQ(result["pageoutrun"], 0);
  EXPECT_EQ(result["pgscan_kswapd"], 0);
  EXPECT_EQ(result["allocstall"], 0) << "counts the node's, not the memcg's";
  EXPECT_GT(result["stalls"], 1'000);
}

TEST_P(MmProperty, SameInputsSameResults) {
  Load load = small(GetParam());
  load.machine.swap.locked = 0.5;
  load.machine.swap.writeback = 0.2;
  load.machine.swap.failed = 0.05;
  load.machine.swap.random_delay_ns = 10'000;
  EXPECT_EQ(run(load), run(load));
}

INSTANTIATE_TEST_SUITE_P(Lru, MmProperty, testing::Values("classic", "mglru"),
                         [](const auto& of) { return std::string(of.param); });

}  // namespace
}  // namespace pagepress::reclaim
