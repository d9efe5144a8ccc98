// SPDX-License-Identifier: Apache-2.0
// The memory's part of the timeline: slices of faults and reclaim on the tasks' tracks, counters of
// free memory; and that a trace changes nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "sim/reclaim/stats/trace.hpp"
#include "tests/reclaim/mm_machine.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr std::uint32_t kPages = 6'000;  // of 16 MiB, which are 4,096

// Two programs that overcommit memory; most that is written is queued as the RFC does it.
json pressed(bool traced) {
  return simulated([&] {
    Trace trace({});
    MachineConfig config;
    config.memory.zones = {{.name = "Normal", .managed_mib = 16}};
    config.swap.locked = 0.9;
    if (traced) config.trace = &trace;
    Machine machine(config);
    const PageId first = machine.mm.add_region(PageType::kAnonymous, kPages);
    for (const char* name : {"one", "two"}) {
      machine.program(name, [&, first](Task& task) {
        RandomStream random(1);
        for (std::uint32_t i = 0; i != 2 * kPages; ++i) {
          const std::uint32_t page = i < kPages ? i : random.below(kPages);
          machine.mm.touch(task, first + page, true);
          task.charge(300);
        }
        machine.mm.trace_levels();
      });
    }
    machine.run();
    std::ostringstream out;
    trace.write(out);
    return json{{"vmstat", to_json(machine.vmstat)},
                {"end", now_ns()},
                {"events", json::parse(out.str())["traceEvents"]}};
  });
}

// Names of tracks by thread, of one group.
std::map<int, std::string> tracks(const json& events, const std::string& group) {
  int pid = 0;
  std::map<int, std::string> names;
  for (const json& event : events) {
    if (event["name"] == "process_name" && event["args"]["name"] == group) pid = event["pid"];
  }
  for (const json& event : events) {
    if (event["name"] == "thread_name" && event["pid"] == pid) {
      names[event["tid"]] = event["args"]["name"];
    }
  }
  return names;
}

// In the file's order: a slice lies within the one that it began in, or after it.
void expect_nested(const json& events, int tid) {
  std::vector<double> ends;
  for (const json& event : events) {
    if (event["ph"] != "X" || event["tid"] != tid) continue;
    const double from = event["ts"];
    const double until = from + event["dur"].get<double>();
    while (!ends.empty() && ends.back() <= from + 1e-6) ends.pop_back();
    if (!ends.empty()) EXPECT_LE(until, ends.back() + 1e-6) << event;
    ends.push_back(until);
  }
}

TEST(MmTrace, TasksHaveSlicesOfWhatTheyWaitFor) {
  const json events = pressed(true)["events"];
  const auto names = tracks(events, "tasks");
  std::set<std::string> tasks;
  std::set<std::string> slices;
  for (const auto& [tid, name] : names) {
    tasks.insert(name);
    expect_nested(events, tid);
    for (const json& event : events) {
      if (event["ph"] == "X" && event["tid"] == tid) slices.insert(event["name"]);
    }
  }
  EXPECT_THAT(tasks, testing::ElementsAre("one", "two"));
  EXPECT_THAT(slices, testing::IsSupersetOf({"direct reclaim", "swap-in", "queued page"}));
}

TEST(MmTrace, FreeMemoryStandsBesideTheWatermarks) {
  const json events = pressed(true)["events"];
  std::map<std::string, std::set<double>> values;
  for (const json& event : events) {
    if (event["ph"] == "C") values[event["name"]].insert(event["args"]["value"].get<double>());
  }
  ASSERT_EQ(values.size(), 4U);
  EXPECT_GT(values["free"].size(), 10U);
  for (const char* mark : {"min watermark", "low watermark", "high watermark"}) {
    EXPECT_EQ(values[mark].size(), 1U) << mark;
  }
  EXPECT_LT(*values["min watermark"].begin(), *values["high watermark"].begin());
}

TEST(MmTrace, ChangesNothing) {
  const json with = pressed(true);
  const json without = pressed(false);
  EXPECT_EQ(with["vmstat"], without["vmstat"]);
  EXPECT_EQ(with["end"], without["end"]);
  EXPECT_EQ(tracks(without["events"], "tasks").size(), 0U);
}

}  // namespace
}  // namespace pagepress::reclaim
