// SPDX-License-Identifier: Apache-2.0
// Faults and limits: what a program sees of memory that is too small.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/reclaim/mm_machine.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr Ns kMs = 1'000'000;
constexpr Ns kSecond = 1'000 * kMs;

MachineConfig machine_of(std::uint64_t mib) {
  MachineConfig config;
  config.memory.zones = {{.name = "Normal", .managed_mib = mib}};
  return config;
}

// Runs `body` as one program over `pages` anonymous pages; what it leaves in `result`, and vmstat.
using Body = std::function<void(Machine&, Task&, PageId, json&)>;
json with_program(const MachineConfig& config, std::size_t pages, const Body& body) {
  return simulated([&] {
    Machine machine(config);
    const PageId first = machine.mm.add_region(PageType::kAnonymous, pages);
    json result;
    machine.program("app", [&](Task& task) { body(machine, task, first, result); });
    machine.run();
    check_identities(machine.vmstat);
    result["vmstat"] = to_json(machine.vmstat);
    return result;
  });
}

void touch_all(Machine& machine, Task& task, PageId first, std::size_t pages, bool write = true) {
  for (std::size_t i = 0; i < pages; ++i) {
    machine.mm.touch(task, static_cast<PageId>(first + i), write);
    task.charge(1'000);
  }
}

TEST(Memory, KswapdStopsAtTheHighWatermark) {
  const json result = with_program(
      machine_of(32), 9'000, [](Machine& machine, Task& task, PageId first, json& out) {
        for (PageId page = first; page < first + 9'000; ++page) {
          machine.mm.touch(task, page, true);
          task.run(20'000);  // slower than kswapd
        }
        task.sleep(kSecond);
        const auto marks = machine.mm.watermarks(0);
        out["free"] = machine.mm.levels().free;
        out["high"] = marks.high;
        const Ns awake = machine.mm.kswapd_awake_ns();
        task.sleep(5 * kSecond);
        require(machine.mm.kswapd_awake_ns() == awake, "kswapd sleeps");
      });
  EXPECT_GT(result["free"], result["high"]);
  EXPECT_LT(result["free"], result["high"].get<std::uint64_t>() + 200) << "and not far above";
  EXPECT_GT(result["vmstat"]["pgsteal_kswapd"], 500);
  EXPECT_LE(result["vmstat"]["allocstall"], 5) << "it kept up with one program";
}

TEST(Memory, OutOfMemoryIsClean) {
  MachineConfig config = machine_of(16);
  config.swap.slots = 0;
  const json result =
      with_program(config, 8'192, [](Machine& machine, Task& task, PageId first, json& out) {
        try {
          touch_all(machine, task, first, 8'192);
        } catch (const OutOfMemory& error) {
          out["error"] = error.what();
        }
        machine.mm.check();
        machine.mm.discard(task, first, 8'192);
        machine.mm.check();
        out["free"] = machine.mm.levels().free;
        touch_all(machine, task, first, 100);
      });
  EXPECT_THAT(result["error"].get<std::string>(), testing::HasSubstr("app: out of memory"));
  EXPECT_EQ(result["free"], 16 * 256);
  EXPECT_EQ(result["vmstat"]["oom_kill"], 1);
  EXPECT_EQ(result["vmstat"]["pgsteal_anon"], 0);
}

TEST(Memory, MemcgLimitHolds) {
  MachineConfig config = machine_of(256);
  config.memory.memcg_limit_mib = 16;
  const json result =
      with_program(config, 8'192, [](Machine& machine, Task& task, PageId first, json& out) {
        std::uint64_t most = 0;
        for (PageId page = first; page < first + 8'192; ++page) {
          machine.mm.touch(task, page, true);
          const auto now = machine.mm.levels();
          most = std::max(most, now.anon_active + now.anon_inactive + now.pool);
        }
        out["most"] = most;
        out["stalled"] = machine.mm.stalls().stall_ns.size();
      });
  EXPECT_LE(result["most"], 16 * 256);
  EXPECT_GT(result["most"], 15 * 256);
  EXPECT_EQ(result["vmstat"]["pgsteal_kswapd"], 0);
  EXPECT_GT(result["vmstat"]["pgsteal_direct"], 4'000);
  EXPECT_EQ(result["vmstat"]["allocstall"], 0)
      << "the kernel counts it for the node's reclaim only";
  EXPECT_GT(result["stalled"], 100);
  EXPECT_GE(result["vmstat"]["memcg_max_events"], result["stalled"]);
}

TEST(Memory, FramesOfPoolsGoDownToTheMinWatermarkAndWakeKswapd) {
  const json result =
      with_program(machine_of(32), 1, [](Machine& machine, Task& task, PageId, json& out) {
        task.sleep(kSecond);
        const auto marks = machine.mm.watermarks(0);
        const Ns slept = machine.mm.kswapd_awake_ns();
        while (machine.mm.levels().free > marks.low) {
          require(machine.mm.take_frames(1, false), "above the low watermark");
        }
        task.sleep(kMs);
        require(machine.mm.kswapd_awake_ns() == slept, "nobody has woken kswapd");
        require(machine.mm.take_frames(1, false), "between low and min");
        task.sleep(kMs);
        require(machine.mm.kswapd_awake_ns() > slept, "kswapd was woken");
        while (machine.mm.take_frames(1, false)) continue;
        out["free"] = machine.mm.levels().free;
        out["min"] = marks.min;
        require(machine.mm.take_frames(1, true), "PF_MEMALLOC ignores watermarks");
      });
  EXPECT_EQ(result["free"], result["min"]);
}

TEST(Memory, LargeFoliosAreOneOnTheirWayOut) {
  MachineConfig config = machine_of(32);
  config.memory.folio_pages = 16;
  const json result =
      with_program(config, 12'288, [](Machine& machine, Task& task, PageId first, json& out) {
        touch_all(machine, task, first, 12'288);
        out["faults"] = machine.vmstat.pgfault;
        out["folios"] = machine.swap.folios;
        out["written"] = machine.vmstat.nr_vmscan_write;
        machine.mm.check();
        touch_all(machine, task, first, 1'000, false);
        out["reads"] = machine.swap.reads;
      });
  // Memory is short from two thirds on: those come a page at a time.
  EXPECT_LT(result["faults"], 12'288);
  EXPECT_GT(result["faults"], 12'288 / 16);
  EXPECT_GT(result["written"], result["folios"].get<std::uint64_t>() * 3);
  EXPECT_GT(result["reads"], 500);
}

TEST(Memory, LowerZonesKeepTheirReserve) {
  MachineConfig config = machine_of(32);
  config.memory.zones = {{.name = "DMA32", .managed_mib = 16},
                         {.name = "Normal", .managed_mib = 64}};
  const json result =
      with_program(config, 24'000, [](Machine& machine, Task& task, PageId first, json& out) {
        touch_all(machine, task, first, 24'000);
        out["free"] = machine.mm.levels().free;
        out["low"] = machine.mm.watermarks(0).min;
      });
  EXPECT_GT(result["free"], result["low"].get<std::uint64_t>() + 64 * 256 / 256);
  EXPECT_GT(result["vmstat"]["pgsteal_anon"], 3'000);
}

TEST(Memory, FilePagesAreDroppedAndReadAgain) {
  const json result = simulated([] {
    Machine machine(machine_of(32));
    const PageId file = machine.mm.add_region(PageType::kFile, 20'000);
    json out;
    machine.program("app", [&](Task& task) {
      touch_all(machine, task, file, 20'000, true);  // a write is a read
      const Ns before = now_ns();
      require(machine.mm.touch(task, file, false), "it was dropped");
      task.settle();
      out["fault_ns"] = now_ns() - before;
      require(!machine.mm.touch(task, file, false), "it is there");
    });
    machine.run();
    out["folios"] = machine.swap.folios;
    out["vmstat"] = to_json(machine.vmstat);
    return out;
  });
  EXPECT_GE(result["fault_ns"], 100'000);
  EXPECT_EQ(result["folios"], 0);
  EXPECT_GT(result["vmstat"]["pgsteal_file"], 10'000);
  EXPECT_EQ(result["vmstat"]["workingset_refault_file"], 1);
}

TEST(Memory, TwoTasksThatFaultOnAPageReadItOnce) {
  MachineConfig config = machine_of(16);
  config.swap.read_ns = kMs;
  const json result = simulated([&] {
    Machine machine(config);
    const PageId first = machine.mm.add_region(PageType::kAnonymous, 6'000);
    json out;
    const auto fault = [&machine, &out, first](const char* name) {
      return [&machine, &out, first, name](Task& task) {
        task.sleep(10 * kSecond);
        require(machine.mm.touch(task, first, false), "a fault");
        task.settle();
        out[name] = now_ns();
      };
    };
    machine.program("fill", [&, first](Task& task) { touch_all(machine, task, first, 6'000); });
    machine.program("one", fault("one"));
    machine.program("two", fault("two"));
    machine.run();
    out["reads"] = machine.swap.reads;
    out["vmstat"] = to_json(machine.vmstat);
    return out;
  });
  EXPECT_EQ(result["reads"], 1);
  EXPECT_EQ(result["vmstat"]["pgmajfault"], 1);
  for (const char* name : {"one", "two"}) EXPECT_GE(result[name], 10 * kSecond + kMs);
}

TEST(Memory, TasksAreThrottledWhenHalfTheMinimumIsGone) {
  const json result =
      with_program(machine_of(32), 7'000, [](Machine& machine, Task& task, PageId first, json&) {
        touch_all(machine, task, first, 6'000);
        while (machine.mm.levels().free > 20) require(machine.mm.take_frames(1, true), "a frame");
        require(machine.mm.touch(task, first + 6'500, true), "a fault");
        require(machine.mm.levels().free > machine.mm.watermarks(0).min / 2, "kswapd has run");
        require(machine.mm.stalls().stall_ns.size() == 1, "one allocation waited");
      });
  EXPECT_EQ(result["vmstat"]["direct_throttled"], 1);
  EXPECT_GT(result["vmstat"]["pgsteal_kswapd"], 0);
  EXPECT_EQ(result["vmstat"]["oom_kill"], 0);
}

}  // namespace
}  // namespace pagepress::reclaim
