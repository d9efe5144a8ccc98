// SPDX-License-Identifier: Apache-2.0
// Figures of results.json from hand-made runs, by the definitions of docs/results.md.
#include "sim/experiment/metrics.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "tests/sim/pages.hpp"

namespace pagepress::sim {
namespace {

class Metrics : public ::testing::Test {
 protected:
  // A unit that completes at `ns`, submitted 1000 ns before.
  void complete(Status status, std::uint64_t ns, std::uint32_t out_len = 0) {
    complete(run_.compress, status, ns, out_len);
  }
  static void complete(PassRun& run, Status status, std::uint64_t ns, std::uint32_t out_len) {
    PageRecord page;
    page.status = status;
    page.out_len = out_len;
    page.engine_cycles = status == Status::kSameFilled ? 128 : 512;
    page.completed = true;
    page.complete_ns = ns;
    page.arrive_ps = ns * 1000;
    page.submit_ns = ns - 1000;
    page.enqueue_ns = ns - 3000;
    run.order.push_back(static_cast<std::uint32_t>(run.pages.size()));
    run.pages.push_back(page);
  }
  nlohmann::json json() {
    testing::TemporaryFolder folder;
    const Workload workload({testing::write_pages(
        folder.path() / "p", testing::mixed_pages(run_.compress.pages.size(), 1))});
    return to_json(run_, workload);
  }
  static PassRun no_pages(double cpu_ns) {
    PassRun run;
    run.cpu_ns_per_page = cpu_ns;
    run.wall_s = 2;
    return run;
  }
  BackendRun run_{.name = "engine:test",
                  .clock_mhz = 2000.0,
                  .device = {},
                  .compress = no_pages(30),
                  .decompress = {},
                  .block_bytes = 0};
};

TEST_F(Metrics, SameFilledPagesAddNeitherBytesNorCyclesToTheSteadyFigure) {
  // Two runs of matched units, 256 ns = 512 cycles apart; between them 40 same-filled
  // ones, 64 ns apart.
  std::uint64_t now = 10'000;
  complete(Status::kOk, now, 100);
  for (int i = 0; i < 9; ++i) complete(Status::kOk, now += 256, 100);
  for (int i = 0; i < 40; ++i) complete(Status::kSameFilled, now += 64);
  for (int i = 0; i < 10; ++i) complete(Status::kIncompressible, now += 256);
  const Throughput throughput = steady_throughput(run_.compress, run_.clock_mhz);
  ASSERT_TRUE(throughput.matched && throughput.all);
  EXPECT_DOUBLE_EQ(*throughput.matched, 4096.0 / 512);
  const double cycles = 2.0 * (9 * 256 + 40 * 64 + 10 * 256);
  EXPECT_DOUBLE_EQ(*throughput.all, 59 * 4096.0 / cycles);
  // Units of two engines overlap: no interval can be left out.
  const Throughput two = steady_throughput(run_.compress, run_.clock_mhz, 2);
  ASSERT_TRUE(two.matched && two.all);
  EXPECT_DOUBLE_EQ(*two.matched, 19 * 4096.0 / cycles);
  EXPECT_DOUBLE_EQ(*two.all, *throughput.all);
}

TEST_F(Metrics, NoSteadyFigureWithoutTwoMatchedUnitsInARow) {
  complete(Status::kOk, 5000, 100);
  complete(Status::kSameFilled, 5100);
  complete(Status::kOk, 5200, 100);
  EXPECT_FALSE(steady_throughput(run_.compress, run_.clock_mhz).matched);
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
  run_.compress.pages.back().zero = true;
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

TEST_F(Metrics, AnEngineWithATimeOfItsOwnHasCountsAndCyclesOnly) {
  for (std::uint64_t i = 1; i <= 3; ++i) complete(Status::kOk, i * 10'000, 100);
  run_.compress.idle_ns = {500};
  run_.decompress.busy_ns = {700};
  run_.clock_mhz.reset();
  run_.device = Capabilities{};
  run_.real_time = run_.emulated = true;
  const nlohmann::json json = this->json();
  const nlohmann::json& compress = json.at("compress");
  EXPECT_EQ(json.at("bytes_out"), 300);
  EXPECT_EQ(compress.at("engine_cycles_per_page").at("mean"), 512);
  for (const char* key : {"sim_gb_per_s", "cpu_ns_per_page", "bytes_per_cycle"}) {
    EXPECT_TRUE(compress.at(key).is_null()) << key;
  }
  for (const char* key : {"latency_ns", "queue_latency_ns", "idle_latency_ns"}) {
    EXPECT_TRUE(compress.at(key).at("p50").is_null()) << key;
  }
  EXPECT_TRUE(json.at("decompress").at("busy_latency_ns").at("p50").is_null());
  EXPECT_TRUE(json.at("latency_histogram").at("counts").empty());
}

TEST(Answers, HashWhatCameOutAndNothingElse) {
  std::array<std::byte, 3> bytes = {std::byte{1}, std::byte{2}, std::byte{3}};
  const Completion done = {.status = Status::kOk, .out_len = 3};
  const std::uint64_t answer = answer_hash(done, bytes);
  Completion other = done;
  other.engine_cycles = 9;
  other.crc32c = 1;  // a codec may compute none
  EXPECT_EQ(answer_hash(other, bytes), answer);
  bytes[2] = std::byte{4};
  EXPECT_NE(answer_hash(other, bytes), answer);
  other = {.status = Status::kSameFilled, .info = 1};
  const std::uint64_t filled = answer_hash(other, {});
  other.info = 2;
  EXPECT_NE(answer_hash(other, {}), filled);
}

TEST_F(Metrics, PagesThatKswapdCompressedSayNothingOfEngineCycles) {
  complete(Status::kOk, 5000, 100);
  complete(Status::kOk, 6000, 100);
  PageDone done;
  done.completion = {.status = Status::kOk, .out_len = 100};
  done.synchronous = true;
  done.complete_ns = 7000;
  run_.compress.pages.push_back(to_record(done));
  EXPECT_EQ(json()["compress"]["engine_cycles_per_page"]["mean"], 512);
}

TEST_F(Metrics, AnswersAreInTheOrderOfThePages) {
  complete(Status::kOk, 10'000, 100);
  complete(Status::kOk, 20'000, 100);
  run_.compress.pages[0].answer = 1;
  run_.compress.pages[1].answer = 2;
  const nlohmann::json before = json().at("compress").at("answers_fnv");
  std::swap(run_.compress.order[0], run_.compress.order[1]);
  EXPECT_EQ(json().at("compress").at("answers_fnv"), before);
  std::swap(run_.compress.pages[0].answer, run_.compress.pages[1].answer);
  EXPECT_NE(json().at("compress").at("answers_fnv"), before);
}

TEST_F(Metrics, WhatTheDeviceIs) {
  complete(Status::kOk, 5000, 100);
  EXPECT_TRUE(json()["device"].is_null());
  run_.device = Capabilities{.queues = 8, .engines = 2, .unit_log2 = 14, .positions = 16};
  const nlohmann::json expected = {
      {"queues", 8}, {"engines", 2}, {"positions", 16}, {"unit_bytes", 16384}};
  EXPECT_EQ(json()["device"], expected);
}

TEST_F(Metrics, PagesADoorbell) {
  complete(Status::kOk, 5000, 100);
  run_.compress.worker.submitted = 30;
  run_.compress.worker.doorbells = 4;
  EXPECT_EQ(json()["compress"]["pages_per_doorbell"], 7.5);
  run_.compress.worker.doorbells = 0;
  EXPECT_TRUE(json()["compress"]["pages_per_doorbell"].is_null());
}

TEST_F(Metrics, EngineCyclesLeaveOutSameFilledPages) {
  complete(Status::kOk, 5000, 100);
  complete(Status::kSameFilled, 5100);
  const nlohmann::json cycles = json()["compress"]["engine_cycles_per_page"];
  EXPECT_EQ(cycles["mean"], 512.0);
  EXPECT_EQ(cycles["p99"], 512);
}

TEST_F(Metrics, DecompressionHasTheSameKeysAndItsOwnPages) {
  for (int i = 0; i < 8; ++i) complete(Status::kOk, 5000 + 1000 * static_cast<unsigned>(i), 100);
  // Two blocks back, 256 ns = 512 cycles apart.
  complete(run_.decompress, Status::kOk, 20'000, 4096);
  complete(run_.decompress, Status::kOk, 20'256, 4096);
  run_.decompress.mismatches.push_back({3, "a reason"});
  run_.decompress.wall_s = 0.5;
  run_.block_bytes = 200;
  const nlohmann::json backend = json();
  const nlohmann::json& back = backend["decompress"];
  for (const auto& [key, value] : backend["compress"].items()) {
    EXPECT_TRUE(back.contains(key)) << key;
  }
  EXPECT_EQ(back["pages"], 2);
  EXPECT_EQ(back["bytes_in"], 200);
  EXPECT_EQ(back["bytes_out"], 2 * 4096);
  EXPECT_EQ(back["verified"], 1);
  EXPECT_EQ(back["mismatches"], 1);
  EXPECT_EQ(back["mismatch_list"][0]["page"], 3) << "of the file, not of the pass";
  EXPECT_EQ(backend["mismatches"], 0);
  EXPECT_DOUBLE_EQ(back["bytes_per_cycle"].get<double>(), 8.0);
  EXPECT_DOUBLE_EQ(back["sim_gb_per_s"].get<double>(), 8192.0 / 1256);
  EXPECT_EQ(back["latency_histogram"]["counts"], nlohmann::json({2}));
  EXPECT_EQ(backend["host"]["decompress_pages_per_s"], 4.0);
  EXPECT_EQ(backend["host"]["pages_per_s"], 4.0);
}

TEST_F(Metrics, NothingToDecompressIsNull) {
  complete(Status::kSameFilled, 5000);
  const nlohmann::json back = json()["decompress"];
  EXPECT_EQ(back["pages"], 0);
  for (const char* key : {"sim_gb_per_s", "cpu_ns_per_page", "engine_cycles_per_page",
                          "bytes_per_cycle", "pages_per_doorbell"}) {
    EXPECT_TRUE(back[key].is_null()) << key;
  }
  EXPECT_TRUE(back["latency_ns"]["p50"].is_null());
  EXPECT_TRUE(back["worker_ns_per_page"]["driver"].is_null());
}

}  // namespace
}  // namespace pagepress::sim
