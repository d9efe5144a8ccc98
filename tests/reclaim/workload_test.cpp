// SPDX-License-Identifier: Apache-2.0
// Programs and recordings on a simulated machine: same inputs, same results; memory that exits give
// back; programs that are killed; and what paced, computing and recorded programs do.
#include "sim/reclaim/workload/workload.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "sim/reclaim/contents.hpp"
#include "sim/reclaim/workload/recording.hpp"
#include "tests/app/temporary_folder.hpp"
#include "tests/reclaim/mm_machine.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

constexpr std::size_t kFilePages = 100;

// The workload's own account, and the machine's.
json run(const WorkloadConfig& config, std::uint64_t memory_mib = 64,
         std::uint64_t slots = 1u << 24) {
  return simulated([&]() -> json {
    MachineConfig machine_config;
    machine_config.memory.zones = {{"Normal", memory_mib}};
    machine_config.swap.slots = slots;
    Machine machine(machine_config);
    const std::vector<std::uint8_t> page(sim::kPageBytes);
    Contents contents(
        std::vector<sim::PageView>(kFilePages + 257, sim::PageView(page.data(), sim::kPageBytes)));
    const auto workload =
        make_workload(config, machine.scheduler, machine.mm, contents, kFilePages);
    machine.program("join", [&](Task& task) { workload->join(task); });
    machine.run();
    const Mm::Levels levels = machine.mm.levels();
    return {{"workload", workload->to_json()},
            {"vmstat", to_json(machine.vmstat)},
            {"end_ns", now_ns()},
            {"resident", levels.anon_active + levels.anon_inactive},
            {"copies", machine.swap.copies()}};
  });
}

WorkloadConfig one(const ProgramConfig& program, double seconds = 0.2) {
  WorkloadConfig config;
  config.programs = {program};
  config.seconds = seconds;
  return config;
}

ProgramConfig small(const std::string& name = "app") {
  ProgramConfig program;
  program.name = name;
  program.anon_mib = 4;
  return program;
}

TEST(Workload, SameInputsSameResults) {
  WorkloadConfig config = one(small());
  config.programs[0].count = 3;
  config.programs[0].threads = 2;
  config.programs[0].anon_mib = 8;
  config.programs[0].touches_per_s = 0;
  const json first = run(config, 16);
  EXPECT_GT(first["vmstat"]["pswpin"].get<int>() + first["vmstat"]["pgmajfault"].get<int>(), 0);
  EXPECT_EQ(first, run(config, 16));
  config.seed = 2;
  EXPECT_NE(first["vmstat"], run(config, 16)["vmstat"]);
}

TEST(Workload, LaunchTouchesAllMemoryOnce) {
  ProgramConfig program = small();
  program.count = 2;
  program.touches_per_s = 1;
  const json programs = run(one(program))["workload"]["programs"];
  EXPECT_EQ(programs[0]["launches"], 2);
  EXPECT_EQ(programs[0]["faults"], 2 * 1024);
  EXPECT_GT(programs[0]["launch_p50_ms"], 0);
  EXPECT_LE(programs[0]["launch_p50_ms"], programs[0]["launch_max_ms"]);
}

TEST(Workload, PacedLaunchTakesItsTime) {
  ProgramConfig program = small();
  program.populate_pages_per_ms = 10;
  const json programs = run(one(program))["workload"]["programs"];
  EXPECT_NEAR(programs[0]["launch_max_ms"].get<double>(), 102.4, 3);
}

TEST(Workload, PacedThreadsMakeTheirTouches) {
  ProgramConfig program = small();
  program.populate = false;
  program.touches_per_s = 10'000;
  const json programs = run(one(program))["workload"]["programs"];
  EXPECT_NEAR(programs[0]["touches"].get<double>(), 2000, 40);
  EXPECT_NEAR(programs[0]["progress"].get<double>(), 1, 0.02);
}

TEST(Workload, ExitsGiveMemoryBack) {
  ProgramConfig program = small();
  program.anon_mib = 8;
  program.end_s = 0.1;
  const json stays = run(one(small()), 64);
  EXPECT_EQ(stays["resident"], 1024);
  const json exits = run(one(program), 16);
  EXPECT_EQ(exits["resident"], 0);
  EXPECT_EQ(exits["copies"], 0);
}

TEST(Workload, OutOfMemoryKillsOneProgramAndTheOthersGoOn) {
  WorkloadConfig config = one(small("modest"));
  ProgramConfig greedy = small("greedy");
  greedy.anon_mib = 64;
  greedy.start_s = 0.01;
  config.programs.push_back(greedy);
  const json result = run(config, 16, 1000);
  const json programs = result["workload"]["programs"];
  EXPECT_EQ(programs[1]["oom_kills"].get<int>() + programs[0]["oom_kills"].get<int>(),
            result["vmstat"]["oom_kill"]);
  EXPECT_EQ(programs[1]["oom_kills"], 1);
  EXPECT_NEAR(result["end_ns"].get<double>(), 200e6, 1e5);
}

TEST(Workload, ComputingThreadsTakeTheirShareOfACore) {
  ProgramConfig program = small();
  program.anon_mib = 0;
  program.busy_share = 1;
  program.threads = 2;
  const json result = run(one(program));
  EXPECT_EQ(result["workload"]["programs"][0]["touches"], 0);
  EXPECT_GE(result["end_ns"], 200'000'000);
}

TEST(Workload, ProgramsThatWouldStartLaterEndWithTheRun) {
  ProgramConfig program = small();
  program.start_s = 5;
  const json result = run(one(program));
  EXPECT_NEAR(result["end_ns"].get<double>(), 200e6, 1e5);
  EXPECT_EQ(result["resident"], 0);
}

// As many threads as make some have their first slice when the run has ended.
TEST(Workload, ProgramsThatNeverGotToStartEndToo) {
  ProgramConfig busy = small("busy");
  busy.anon_mib = 0;
  busy.busy_share = 1;
  busy.threads = 64;
  WorkloadConfig config = one(busy, 0.02);
  config.programs.push_back(small("late"));
  config.programs.back().start_s = 5;
  EXPECT_LT(run(config)["end_ns"], 1'000'000'000);
}

TEST(Workload, AccessesMayBeYearsApart) {
  ProgramConfig program = small();
  program.populate = false;
  program.touches_per_s = 1e-12;
  const json result = run(one(program));
  EXPECT_EQ(result["workload"]["programs"][0]["touches"], 0);
  EXPECT_NEAR(result["end_ns"].get<double>(), 200e6, 1e5);
}

class Replaying : public ::testing::Test {
 protected:
  WorkloadConfig replay(const Recording& recording) {
    const std::filesystem::path file = folder_.file("x.record", encode(recording));
    WorkloadConfig config;
    config.recording = file;
    config.seconds = 0.2;
    return config;
  }
  test::TemporaryFolder folder_;
};

TEST_F(Replaying, TouchesWhatWasTouchedAtItsTimes) {
  Recording recording;
  recording.pages = 100;
  recording.intervals = {
      {.end_us = 10'000, .touched = {{0, 60}}, .written = {{0, 60}}, .gone = {}},
      {.end_us = 50'000, .touched = {{0, 5}, {60, 40}}, .written = {{0, 2}}, .gone = {{5, 10}}}};
  const json result = run(replay(recording));
  const json replayed = result["workload"]["recording"];
  EXPECT_EQ(replayed["intervals"], 2);
  EXPECT_EQ(replayed["touches"], 105);
  EXPECT_EQ(replayed["writes"], 62);
  EXPECT_EQ(replayed["latest_ms"], 0);
  EXPECT_NEAR(result["end_ns"].get<double>(), 200e6, 1e5);
  WorkloadConfig slow = replay(recording);
  slow.recording_speed = 0.1;
  EXPECT_EQ(run(slow)["workload"]["recording"]["intervals"], 1);
  WorkloadConfig fast = replay(recording);
  fast.recording_speed = 10;
  EXPECT_EQ(run(fast)["workload"]["recording"]["touches"], 105);
}

TEST_F(Replaying, NoPagesAtAll) {
  Recording recording;
  recording.intervals = {{.end_us = 1000, .touched = {}, .written = {}, .gone = {}}};
  EXPECT_EQ(run(replay(recording))["workload"]["recording"]["touches"], 0);
}

TEST_F(Replaying, TornRecordingIsRefused) {
  WorkloadConfig config = replay({});
  std::filesystem::resize_file(config.recording, 20);
  EXPECT_THAT([&] { (void)run(config); },
              ::testing::ThrowsMessage<std::exception>(::testing::HasSubstr("x.record")));
}

}  // namespace
}  // namespace pagepress::reclaim
