// SPDX-License-Identifier: Apache-2.0
// Pages that are touched, or scanned, while their write is queued: locked (the RFC) and under
// writeback (v1).
#include <gtest/gtest.h>

#include <string_view>

#include "tests/reclaim/mm_machine.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr Ns kMs = 1'000'000;
constexpr std::size_t kPages = 8'192;  // 32 MiB, of 16 MiB

MachineConfig machine_with(const std::string& lru, double locked, double writeback) {
  MachineConfig config;
  config.memory.zones = {{.name = "Normal", .managed_mib = 16}};
  config.memory.lru = lru;
  config.swap.locked = locked;
  config.swap.writeback = writeback;
  return config;
}

class Queued : public testing::TestWithParam<const char*> {};

// Fills memory until kswapd has queued some, with the worker held. Returns what of it is first.
PageId fill(Machine& machine, Task& task, PageId first) {
  machine.swap.held = true;
  for (std::size_t i = 0; i < kPages && machine.swap.queued() == 0; ++i) {
    machine.mm.touch(task, static_cast<PageId>(first + i), true);
    task.run(1'000);
  }
  require(machine.swap.queued() != 0, "something was queued");
  task.sleep(kMs);
  return machine.swap.first_queued();
}

json touch_a_queued_page(const MachineConfig& config, bool write) {
  return simulated([&] {
    Machine machine(config);
    const PageId first = machine.mm.add_region(PageType::kAnonymous, kPages);
    json result;
    machine.program("app", [&](Task& task) {
      const PageId page = fill(machine, task, first);
      result["version"] = machine.mm.version(page);
      machine.scheduler.spawn({.name = "release"}, [&](Task& other) {
        other.sleep(5 * kMs);
        result["copies_before"] = machine.swap.has_copy(page);
        machine.swap.release();
      });
      const Ns before = now_ns();
      require(machine.mm.touch(task, page, write), "a fault");
      task.settle();
      result["waited"] = now_ns() - before;
      result["queued_ns"] = machine.mm.stalls().queued_ns;
      machine.mm.check();
      task.sleep(20 * kMs);
      result["versions"] = machine.mm.version(page) - result["version"].get<Version>();
      result["copy"] = machine.swap.has_copy(page);
    });
    machine.run();
    result["vmstat"] = to_json(machine.vmstat);
    result["reads"] = machine.swap.reads;
    return result;
  });
}

TEST_P(Queued, TouchOfALockedPageWaitsForItsWrite) {
  const json result = touch_a_queued_page(machine_with(GetParam(), 1, 0), false);
  EXPECT_GE(result["waited"], 5 * kMs);
  ASSERT_EQ(result["queued_ns"].size(), 1U);
  EXPECT_GE(result["queued_ns"][0], 5 * kMs);
  EXPECT_LE(result["queued_ns"][0], result["waited"]);
  EXPECT_EQ(result["vmstat"]["refault_queued"], 1);
  EXPECT_EQ(result["vmstat"]["swap_cache_hit"], 1);
  EXPECT_EQ(result["vmstat"]["pgmajfault"], 0);
  EXPECT_EQ(result["reads"], 0);
  EXPECT_EQ(result["versions"], 0);
  EXPECT_EQ(result["copy"], true) << "its copy is good, the swap cache keeps it";
}

TEST_P(Queued, TouchOfAPageUnderWritebackTakesItBackAtOnce) {
  const json result = touch_a_queued_page(machine_with(GetParam(), 0, 1), false);
  EXPECT_LT(result["waited"], kMs);
  EXPECT_TRUE(result["queued_ns"].empty());
  EXPECT_EQ(result["vmstat"]["refault_queued"], 1);
  EXPECT_EQ(result["reads"], 0);
  EXPECT_EQ(result["copy"], true);
}

TEST_P(Queued, WriteToALockedPageMakesItsCopyUseless) {
  const json result = touch_a_queued_page(machine_with(GetParam(), 1, 0), true);
  EXPECT_GE(result["waited"], 5 * kMs);
  EXPECT_EQ(result["versions"], 1);
  EXPECT_EQ(result["copy"], false);
}

TEST_P(Queued, WriteToAPageUnderWritebackMakesItsCopyUseless) {
  const json result = touch_a_queued_page(machine_with(GetParam(), 0, 1), true);
  EXPECT_LT(result["waited"], kMs);
  EXPECT_EQ(result["versions"], 1);
  EXPECT_EQ(result["copies_before"], false);
  EXPECT_EQ(result["copy"], false) << "of the version before";
}

json scanned_again(const MachineConfig& config) {
  return simulated([&] {
    Machine machine(config);
    const PageId first = machine.mm.add_region(PageType::kAnonymous, kPages);
    machine.program("app", [&](Task& task) {
      fill(machine, task, first);
      machine.scheduler.spawn({.name = "release"}, [&](Task& other) {
        other.sleep(50 * kMs);
        machine.swap.release();
      });
      // The rest: reclaim goes round its lists until the worker goes on.
      for (std::size_t i = 0; i < kPages; ++i) {
        machine.mm.touch(task, static_cast<PageId>(first + i), true);
      }
      check_identities(machine.vmstat);
      task.sleep(100 * kMs);
    });
    machine.run();
    return to_json(machine.vmstat);
  });
}

TEST_P(Queued, LockedPagesAreScannedInVain) {
  const json result = scanned_again(machine_with(GetParam(), 1, 0));
  if (GetParam() == std::string_view("classic")) {
    EXPECT_GT(result["rescan_locked"], 0);
  } else {
    // evict_folios() moves them to the youngest generation, which is not scanned so soon.
    EXPECT_EQ(result["rescan_locked"], 0);
  }
  EXPECT_EQ(result["rescan_writeback"], 0);
  EXPECT_EQ(result["oom_kill"], 0);
}

TEST_P(Queued, PagesUnderWritebackAreScannedInVain) {
  const json result = scanned_again(machine_with(GetParam(), 0, 1));
  EXPECT_GT(result["rescan_writeback"], 0);
  EXPECT_EQ(result["rescan_locked"], 0);
  EXPECT_GT(result["pgrotated"], 0);
  EXPECT_EQ(result["oom_kill"], 0);
}

TEST_P(Queued, FailedWriteKeepsThePage) {
  MachineConfig config = machine_with(GetParam(), 1, 0);
  config.swap.failed = 1;
  const json result = simulated([&] {
    Machine machine(config);
    const PageId first = machine.mm.add_region(PageType::kAnonymous, kPages);
    machine.program("app", [&](Task& task) {
      const PageId page = fill(machine, task, first);
      machine.swap.release();
      task.sleep(kMs);
      machine.mm.check();
      require(!machine.swap.has_copy(page), "no copy");
      require(machine.mm.touch(task, page, false), "a fault");
    });
    machine.run();
    return to_json(machine.vmstat);
  });
  EXPECT_GT(result["pgactivate"], 0);
  EXPECT_EQ(result["swap_cache_hit"], 1);
}

INSTANTIATE_TEST_SUITE_P(Lru, Queued, testing::Values("classic", "mglru"),
                         [](const auto& of) { return std::string(of.param); });

}  // namespace
}  // namespace pagepress::reclaim
