// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/stats/run_results.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/reclaim/conservation.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr Ns kSecond = 1'000'000'000;

// Counters that agree with each other.
RunRecord record() {
  RunRecord record{.policy = "kswapd", .simulated = 2 * kSecond};
  record.vmstat.pgscan_kswapd = 900;
  record.vmstat.pgscan_direct = 100;
  record.vmstat.pgscan_anon = 800;
  record.vmstat.pgscan_file = 200;
  record.vmstat.pgsteal_kswapd = 500;
  record.vmstat.pgsteal_direct = 60;
  record.vmstat.pgsteal_anon = 400;
  record.vmstat.pgsteal_file = 160;
  record.vmstat.allocstall = 4;
  record.kswapd_awake = kSecond / 2;
  record.stalls.allocations = 1000;
  record.stalls.stall_ns = {400, 100, 300, 200};
  return record;
}

TEST(RunResults, RatesAreOverTheRunAndOverTheTimeKswapdWasAwake) {
  const json run = to_json(record());
  EXPECT_DOUBLE_EQ(run["rates"]["pgsteal_anon_per_s"], 200.0);
  EXPECT_DOUBLE_EQ(run["rates"]["pgsteal_anon_per_s_awake"], 800.0);
  EXPECT_DOUBLE_EQ(run["rates"]["pgscan_per_s"], 500.0);
  EXPECT_DOUBLE_EQ(run["seconds"], 2.0);
  EXPECT_DOUBLE_EQ(run["kswapd_awake_s"], 0.5);
}

TEST(RunResults, NoRateWhileKswapdSlept) {
  RunRecord asleep = record();
  asleep.kswapd_awake = 0;
  EXPECT_TRUE(to_json(asleep)["rates"]["pgsteal_anon_per_s_awake"].is_null());
}

TEST(RunResults, CountersHaveTheKernelsNames) {
  const json vmstat = to_json(record())["vmstat"];
  EXPECT_EQ(vmstat.size(), vmstat_names().size());
  EXPECT_EQ(vmstat["pgscan_kswapd"], 900);
  EXPECT_EQ(vmstat["allocstall"], 4);
}

TEST(RunResults, StallsOfThoseThatStalledAndOfAllAllocations) {
  const json stalls = to_json(record())["stalls"];
  EXPECT_EQ(stalls["stalled"], 4);
  EXPECT_EQ(stalls["total_ns"], 1000);
  EXPECT_DOUBLE_EQ(stalls["mean_ns"], 250.0);
  EXPECT_EQ(stalls["p50_ns"], 200);
  EXPECT_EQ(stalls["p99_ns"], 400);
  EXPECT_EQ(stalls["max_ns"], 400);
  // 996 of 1000 did not stall: the 990th is 0, the 999th is the third of those that did.
  EXPECT_EQ(stalls["all_p99_ns"], 0);
  EXPECT_EQ(stalls["all_p999_ns"], 300);
  std::uint64_t counted = 0;
  for (const json& count : stalls["histogram"]["counts"]) counted += count.get<std::uint64_t>();
  EXPECT_EQ(counted, 4u);
  EXPECT_EQ(stalls["histogram"]["bins_ns"].size(), stalls["histogram"]["counts"].size() + 1);
}

TEST(RunResults, WithoutStallsOrFaultsTimesAreNullAndTotalsZero) {
  RunRecord idle{.policy = "kswapd", .simulated = kSecond};
  const json run = to_json(idle);
  EXPECT_TRUE(run["stalls"]["p99_ns"].is_null());
  EXPECT_TRUE(run["stalls"]["histogram"].is_null());
  EXPECT_TRUE(run["stalls"]["all_p99_ns"].is_null());
  EXPECT_EQ(run["stalls"]["total_ns"], 0);
  EXPECT_EQ(run["faults"]["count"], 0);
  EXPECT_TRUE(run["faults"]["mean_ns"].is_null());
  EXPECT_TRUE(run["energy"]["uj_per_page_reclaimed"].is_null());
  EXPECT_TRUE(run["traffic"]["dram_bytes_per_page"].is_null());
  EXPECT_EQ(run["binds"]["resource"], "none");
}

TEST(RunResults, StallsAtTheLimitOfAMemcgAreNotOfAllocstall) {
  RunRecord limited = record();
  limited.vmstat.allocstall = 0;
  limited.vmstat.memcg_max_events = 4;
  const json run = to_json(limited);
  EXPECT_EQ(run["stalls"]["stalled"], 4);
  EXPECT_EQ(run["vmstat"]["memcg_max_events"], 4);
  EXPECT_DOUBLE_EQ(run["rates"]["memcg_max_events_per_s"], 2.0);
}

TEST(RunResults, WaitsForQueuedPages) {
  RunRecord waited = record();
  waited.vmstat.swap_cache_hit = waited.vmstat.refault_queued = 3;
  waited.stalls.queued_ns = {3000, 1000};
  const json queued = to_json(waited)["faults"]["queued_wait"];
  EXPECT_EQ(queued["count"], 2);
  EXPECT_DOUBLE_EQ(queued["mean_ns"], 2000.0);
  EXPECT_EQ(queued["p50_ns"], 1000);
  EXPECT_EQ(queued["max_ns"], 3000);
  EXPECT_TRUE(to_json(record())["faults"]["queued_wait"]["p99_ns"].is_null());
}

TEST(RunResults, EnergyIsTheSumOfItsParts) {
  RunRecord spent = record();
  spent.energy = {.cpu = 1, .engine = 2, .dram = 3, .link = 4, .device = 4};
  const json energy = to_json(spent)["energy"];
  EXPECT_DOUBLE_EQ(energy["total_mj"], 14.0);
  EXPECT_DOUBLE_EQ(energy["uj_per_page_reclaimed"], 14'000.0 / 560);
}

TEST(RunResults, CpuTimeByGroupAndCore) {
  const CoreKind big{.name = "big", .speed = 1.5};
  RunRecord busy = record();
  busy.groups = {{"kswapd", 10, 15, 3}};
  busy.cores = {{"big/0", &big, 12}};
  const json cpu = to_json(busy)["cpu"];
  EXPECT_EQ(cpu["groups"][0]["work_ns"], 15);
  EXPECT_EQ(cpu["cores"][0]["name"], "big/0");
  EXPECT_EQ(cpu["cores"][0]["kind"], "big");
  EXPECT_DOUBLE_EQ(cpu["cores"][0]["speed"], 1.5);
}

struct Broken {
  const char* what;
  void (*breaks)(RunRecord&);
};

TEST(RunResults, CountersThatContradictEachOtherAreRefused) {
  const Broken cases[] = {
      {"pgscan_kswapd + pgscan_direct", [](RunRecord& r) { ++r.vmstat.pgscan_direct; }},
      {"pgsteal_kswapd + pgsteal_direct", [](RunRecord& r) { ++r.vmstat.pgsteal_file; }},
      {"pgsteal_kswapd <= pgscan_kswapd",
       [](RunRecord& r) {
         r.vmstat.pgsteal_kswapd += 500;
         r.vmstat.pgsteal_anon += 500;
       }},
      {"pgsteal_direct <= pgscan_direct",
       [](RunRecord& r) {
         r.vmstat.pgsteal_direct += 60;
         r.vmstat.pgsteal_anon += 60;
       }},
      {"pgsteal_file <= pgscan_file",
       [](RunRecord& r) {
         r.vmstat.pgsteal_kswapd += 60;
         r.vmstat.pgsteal_file += 60;
       }},
      {"pgmajfault", [](RunRecord& r) { ++r.vmstat.pgmajfault; }},
      {"refault_queued", [](RunRecord& r) { ++r.vmstat.refault_queued; }},
      {"stalled allocations <= allocations", [](RunRecord& r) { r.stalls.allocations = 3; }},
      {"allocstall", [](RunRecord& r) { r.vmstat.allocstall = 3; }},
      {"waited for a queued page", [](RunRecord& r) { r.stalls.queued_ns = {1}; }},
      {"awake", [](RunRecord& r) { r.kswapd_awake = 3 * kSecond; }},
  };
  for (const Broken& broken : cases) {
    RunRecord wrong = record();
    broken.breaks(wrong);
    EXPECT_THAT([&] { static_cast<void>(to_json(wrong)); },
                ThrowsMessage<ConservationError>(HasSubstr(broken.what)))
        << broken.what;
  }
}

}  // namespace
}  // namespace pagepress::reclaim
