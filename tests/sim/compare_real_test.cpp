// SPDX-License-Identifier: Apache-2.0
// compare on real threads: what results.json then has and has not, and what cannot be had.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/experiment/backends.hpp"
#include "sim/experiment/compare.hpp"
#include "sim/host/cost_table.hpp"
#include "tests/sim/pages.hpp"
#include "tests/sim/thrown.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::size_t kPages = 320;

class CompareReal : public ::testing::Test {
 protected:
  CompareReal() {
    config_.files = {
        testing::write_pages(folder_.path() / "a.pages", testing::mixed_pages(kPages, 1))};
    config_.backends = {"cpu:lz4", "cpu:zstd@level=1"};
    config_.time = "real";
    config_.workers = 2;
  }
  std::string error() {
    return testing::thrown<ConfigError>([&] { return run_compare(config_); });
  }

  testing::TemporaryFolder folder_;
  CompareConfig config_;
};

TEST_F(CompareReal, AllIsMeasured) {
  const json results = run_compare(config_);
  EXPECT_EQ(results["time"], "real");
  EXPECT_FALSE(results.contains("costs"));
  for (const json& kind : results["provenance"]) EXPECT_EQ(kind, "measured");
  EXPECT_EQ(results["backends"].size(), 2);
  EXPECT_EQ(count_mismatches(results), 0);
  for (const json& backend : results["backends"]) {
    EXPECT_EQ(backend["verified"], kPages);
    EXPECT_TRUE(backend["device"].is_null());
    for (const char* operation : {"compress", "decompress"}) {
      const json& pass = backend[operation];
      EXPECT_GT(pass["sim_gb_per_s"], 0);
      EXPECT_GT(pass["cpu_ns_per_page"], 0);
      EXPECT_GT(pass["latency_ns"]["p50"], 0);
      EXPECT_GE(pass["latency_ns"]["p99"], pass["latency_ns"]["p50"]);
      EXPECT_GE(pass["queue_latency_ns"]["p50"], pass["latency_ns"]["p50"]);
      EXPECT_TRUE(pass["worker_ns_per_page"]["driver"].is_null());
      EXPECT_EQ(pass["queue"]["synchronous"], 0);
      ASSERT_EQ(pass["threads"].size(), 3);
      EXPECT_EQ(pass["threads"][0]["name"], "kswapd");
      EXPECT_EQ(pass["threads"][2]["name"], "kcompressd/1");
    }
    EXPECT_GT(backend["decompress"]["busy_latency_ns"]["p50"], 0);
  }
}

TEST_F(CompareReal, TheConfigurationHasNothingOfTheModel) {
  const json config = to_json(config_);
  EXPECT_EQ(config["run"]["time"], "real");
  EXPECT_EQ(config["queue"]["workers"]["value"], 2);
  EXPECT_FALSE(config.contains("engine"));
  EXPECT_FALSE(config.contains("link"));
  EXPECT_FALSE(config["host"].contains("cost_scale"));
}

TEST_F(CompareReal, SimulatedTimeSaysSo) {
  config_ = {};
  config_.files = {testing::write_pages(folder_.path() / "b.pages", testing::mixed_pages(8, 1))};
  config_.backends = {"cpu:lz4"};
  config_.cost_sweeps = 1;
  const json results = run_compare(config_);
  EXPECT_EQ(results["time"], "simulated");
  EXPECT_FALSE(results["backends"][0]["compress"].contains("threads"));
}

TEST_F(CompareReal, AModelHasNoRealTime) {
  for (const char* engine : {"engine:fast", "engine:rtl"}) {
    config_.backends = {"cpu:lz4", engine};
    EXPECT_THAT(error(), AllOf(HasSubstr("run.time"), HasSubstr(engine)));
  }
}

TEST_F(CompareReal, SettingsOfTheOtherTimeAreRefused) {
  config_.clock_mhz = 800;
  EXPECT_EQ(error(), "engine.clock_mhz = 800.0 cannot be had with run.time = \"real\"");
  config_.clock_mhz = CompareConfig().clock_mhz;
  config_.costs = folder_.path() / "costs.json";
  EXPECT_THAT(error(), HasSubstr("compare.costs"));
  config_.costs.clear();
  config_.route = "adaptive";
  EXPECT_THAT(error(), HasSubstr("queue.route"));
  config_.route = CompareConfig().route;
  config_.faults = "plan.toml";
  EXPECT_THAT(error(), HasSubstr("run.faults"));
  config_.faults.clear();
  config_.time = "unreal";
  EXPECT_EQ(error(), "run.time: unknown value 'unreal' (known: simulated, real)");
}

TEST_F(CompareReal, ACostTableIsOfNoUse) {
  const CostTable costs("cpu", {}, 1, 3625);
  EXPECT_THROW((void)run_compare(config_, costs, BackendTable()), ConfigError);
}

}  // namespace
}  // namespace pagepress::sim
