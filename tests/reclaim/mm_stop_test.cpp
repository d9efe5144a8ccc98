// SPDX-License-Identifier: Apache-2.0
// Ends: of a process that the OOM killer took, and of kswapd.
#include <gtest/gtest.h>

#include "tests/reclaim/mm_machine.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr Ns kMs = 1'000'000;
constexpr std::size_t kPages = 8'192;

MachineConfig machine_without_swap() {
  MachineConfig config;
  config.memory.zones = {{.name = "Normal", .managed_mib = 16}};
  config.swap.slots = 0;
  return config;
}

// Two tasks that want more than there is; when each was told that there is none.
json two_tasks(std::uint32_t first_process, std::uint32_t second_process) {
  return simulated([&] {
    Machine machine(machine_without_swap());
    json ends = json::array();
    for (const std::uint32_t process : {first_process, second_process}) {
      const PageId first = machine.mm.add_region(PageType::kAnonymous, kPages);
      const std::string name = "app/" + std::to_string(ends.size()) + std::to_string(first);
      machine.scheduler.spawn({.name = name, .group = "app", .process = process},
                              [&, first](Task& task) {
                                try {
                                  for (PageId page = first; page < first + kPages; ++page) {
                                    machine.mm.touch(task, page, true);
                                  }
                                } catch (const OutOfMemory&) {
                                  ends.push_back(now_ns());
                                }
                                if (ends.size() == 2) sc_core::sc_pause();
                              });
    }
    simulate(machine.scheduler);
    machine.mm.check();
    return json{{"ends", ends}, {"oom_kill", machine.vmstat.oom_kill}};
  });
}

TEST(MmStop, TasksOfAVictimDieWithIt) {
  const json result = two_tasks(7, 7);
  EXPECT_EQ(result["oom_kill"], 1);
  EXPECT_LT(result["ends"][1].get<Ns>() - result["ends"][0].get<Ns>(), 100 * kMs);
}

TEST(MmStop, OthersWaitForTheVictimToExit) {
  const json result = two_tasks(7, 8);
  EXPECT_EQ(result["oom_kill"], 2);
  EXPECT_GE(result["ends"][1].get<Ns>() - result["ends"][0].get<Ns>(), 900 * kMs);
}

TEST(MmStop, KswapdWritesNothingOnceItHasStopped) {
  const json result = simulated([] {
    MachineConfig config;
    config.memory.zones = {{.name = "Normal", .managed_mib = 16}};
    config.swap.write_ns = 100'000;  // so that it is at it when it is told to stop
    Machine machine(config);
    const PageId first = machine.mm.add_region(PageType::kAnonymous, kPages);
    json found;
    machine.program("app", [&](Task& task) {
      while (machine.swap.folios == 0) {
        machine.mm.touch(task, first + static_cast<PageId>(found.size()), true);
        found.push_back(0);
      }
      machine.mm.stop_kswapd(task);
      const std::uint64_t folios = machine.swap.folios;
      task.sleep(1'000 * kMs);
      found = {{"before", folios}, {"after", machine.swap.folios}};
    });
    machine.run();
    return found;
  });
  EXPECT_GT(result["before"], 0);
  EXPECT_EQ(result["before"], result["after"]);
}

}  // namespace
}  // namespace pagepress::reclaim
