// SPDX-License-Identifier: Apache-2.0
// Figures of results.json from hand-made runs, by the definitions of docs/results.md.
#include "sim/experiment/metrics.hpp"

#include <gtest/gtest.h>

#include "tests/sim/pages.hpp"

namespace pagepress::sim {
namespace {

class Metrics : public ::testing::Test {
 protected:
  // A unit that completes at `ns`, submitted 1000 ns before.
  void complete(Status status, std::uint64_t ns, std::uint32_t out_len = 0) {
    PageRecord page;
    page.status = status;
    page.out_len = out_len;
    page.engine_cycles = status == Status::kSameFilled ? 128 : 512;
    page.completed = true;
    page.complete_ns = ns;
    page.arrive_ps = ns * 1000;
    page.submit_ns = ns - 1000;
    page.enqueue_ns = ns - 3000;
    run_.order.push_back(static_cast<std::uint32_t>(run_.pages.size()));
    run_.pages.push_back(page);
  }
  nlohmann::json json() {
    testing::TemporaryFolder folder;
    const Workload workload(
        {testing::write_pages(folder.path() / "p", testing::mixed_pages(run_.pages.size(), 1))});
    return to_json(run_, workload);
  }
  BackendRun run_{.name = "engine:test",
                  .pages = {},
                  .order = {},
                  .mismatches = {},
                  .idle_ns = {},
                  .clock_mhz = 2000.0,
                  .worker = {},
                  .cpu_ns_per_page = 30,
                  .wall_s = 2};
};

TEST_F(Metrics, SameFilledPagesAddNeitherBytesNorCyclesToTheSteadyFigure) {
  // Two runs of matched units, 256 ns = 512 cycles apart; between them 40 same-filled
  // ones, 64 ns apart.
  std::uint64_t now = 10'000;
  complete(Status::kOk, now, 100);
  for (int i = 0; i < 9; ++i) complete(Status::kOk, now += 256, 100);
  for (int i = 0; i < 40; ++i) complete(Status::kSameFilled, now += 64);
  for (int i = 0; i < 10; ++i) complete(Status::kIncompressible, now += 256);
  const Throughput throughput = steady_throughput(run_);
  ASSERT_TRUE(throughput.matched && throughput.all);
  EXPECT_DOUBLE_EQ(*throughput.matched, 4096.0 / 512);
  const double cycles = 2.0 * (9 * 256 + 40 * 64 + 10 * 256);
  EXPECT_DOUBLE_EQ(*throughput.all, 59 * 4096.0 / cycles);
}

TEST_F(Metrics, NoSteadyFigureWithoutTwoMatchedUnitsInARow) {
  complete(Status::kOk, 5000, 100);
  complete(Status::kSameFilled, 5100);
  complete(Status::kOk, 5200, 100);
  EXPECT_FALSE(steady_throughput(run_).matched);
  EXPECT_TRUE(json()["compress"]["bytes_per_cycle"].is_null());
}

TEST_F(Metrics, NoCyclesWithoutAClock) {
  run_.clock_mhz.reset();
  complete(Status::kOk, 5000, 100);
  complete(Status::kOk, 6000, 100);
  const nlohmann::json compress = json()["compress"];
  EXPECT_TRUE(compress["bytes_per_cycle"].is_null());
  EXPECT_TRUE(compress["engine_cycles_per_page"].is_null());
}

TEST_F(Metrics, BytesCountAsTheContractSays) {
  complete(Status::kOk, 5000, 63);
  complete(Status::kOk, 6000, 64);
  complete(Status::kOk, 7000, 4096);  // a limit of 4096 allows it
  complete(Status::kIncompressible, 8000);
  complete(Status::kSameFilled, 9000);
  run_.pages.back().zero = true;
  const nlohmann::json backend = json();
  EXPECT_EQ(backend["bytes_out"], 63 + 64 + 4096 + 4096);
  EXPECT_EQ(backend["bytes_in"], 5 * 4096);
  EXPECT_EQ(backend["zero_pages"], 1);
  EXPECT_EQ(backend["same_filled_pages"], 1);
  EXPECT_EQ(backend["incompressible_pages"], 1);
  const nlohmann::json& counts = backend["size_histogram"]["counts"];
  EXPECT_EQ(counts[0], 1);
  EXPECT_EQ(counts[1], 1);
  EXPECT_EQ(counts[63], 1);
  EXPECT_EQ(counts[64], 1);
}

TEST_F(Metrics, RatioOfNothingStoredIsNull) {
  complete(Status::kSameFilled, 5000);
  EXPECT_TRUE(json()["ratio"].is_null());
}

TEST_F(Metrics, TimesAreFromFirstSubmissionToLastCompletion) {
  complete(Status::kOk, 5000, 100);
  complete(Status::kOk, 12'192, 100);  // 4000 to 12192: 8192 ns for two pages
  const nlohmann::json backend = json();
  EXPECT_DOUBLE_EQ(backend["compress"]["sim_gb_per_s"].get<double>(), 1.0);
  EXPECT_EQ(backend["compress"]["latency_ns"]["p50"], 1000);
  EXPECT_EQ(backend["compress"]["queue_latency_ns"]["p999"], 3000);
  EXPECT_TRUE(backend["compress"]["idle_latency_ns"]["p50"].is_null());
  EXPECT_EQ(backend["host"]["pages_per_s"], 1.0);
}

TEST_F(Metrics, PagesADoorbell) {
  complete(Status::kOk, 5000, 100);
  run_.worker.submitted = 30;
  run_.worker.doorbells = 4;
  EXPECT_EQ(json()["compress"]["pages_per_doorbell"], 7.5);
  run_.worker.doorbells = 0;
  EXPECT_TRUE(json()["compress"]["pages_per_doorbell"].is_null());
}

TEST_F(Metrics, EngineCyclesLeaveOutSameFilledPages) {
  complete(Status::kOk, 5000, 100);
  complete(Status::kSameFilled, 5100);
  const nlohmann::json cycles = json()["compress"]["engine_cycles_per_page"];
  EXPECT_EQ(cycles["mean"], 512.0);
  EXPECT_EQ(cycles["p99"], 512);
}

}  // namespace
}  // namespace pagepress::sim
