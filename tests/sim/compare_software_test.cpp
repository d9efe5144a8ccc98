// SPDX-License-Identifier: Apache-2.0
// compare's way with an engine, both directions, on a device in software: which
// queues it uses, what it counts, and what it says of devices that lack something,
// lie or fall silent. compare_engine_test has the RTL.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/experiment/backends.hpp"
#include "sim/experiment/compare.hpp"
#include "tests/sim/pages.hpp"
#include "tests/sim/software_device.hpp"
#include "tests/sim/thrown.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::SoftwareDevice;

constexpr std::size_t kPages = 320;
constexpr std::size_t kBlocks = kPages * 5 / 8;  // stored compressed
constexpr std::uint32_t kNoPriority = PP_FEAT_SAME_FILLED | PP_FEAT_CRC32C;

// What comes out of a decompression, and of nothing else here, is a page.
bool came_back(const pp_cqe& cqe) { return cqe.status == PP_STATUS_OK && cqe.out_len == 4096; }

class CompareSoftware : public ::testing::Test {
 protected:
  CompareSoftware() {
    config_.files = {
        testing::write_pages(folder_.path() / "a.pages", testing::mixed_pages(kPages, 3))};
    config_.backends = {"engine:soft"};
    config_.idle_pages = 8;
  }
  json compare_all(const SoftwareDevice::Identity& identity = {},
                   const SoftwareDevice::Watch& watch = {}) {
    BackendTable table;
    table.add("engine:soft",
              {.summary = "",
               .make_codec = {},
               .library = {},
               .make_device = [identity,
                               watch](const EngineSetup& setup) -> std::unique_ptr<model::Device> {
                 return std::make_unique<SoftwareDevice>("soft", setup.clock_period, identity,
                                                         watch);
               }});
    return run_compare(config_, {}, table);
  }
  json compare(const SoftwareDevice::Identity& identity = {},
               const SoftwareDevice::Watch& watch = {}) {
    return compare_all(identity, watch)["backends"].at(0);
  }
  std::string error_of(const SoftwareDevice::Identity& identity,
                       const SoftwareDevice::Watch& watch = {}) {
    return testing::thrown<CompareError>([&] { return compare(identity, watch); });
  }

  testing::TemporaryFolder folder_;
  CompareConfig config_;
};

TEST_F(CompareSoftware, ThereAndBackEveryPageVerifies) {
  const json results = compare_all();
  const json& backend = results["backends"].at(0);
  EXPECT_EQ(backend["verified"], kPages);
  EXPECT_EQ(backend["mismatches"], 0);
  EXPECT_EQ(backend["device"]["queues"], 2);
  const json& back = backend["decompress"];
  EXPECT_EQ(back["pages"], kBlocks);
  EXPECT_EQ(back["verified"], kBlocks);
  EXPECT_EQ(back["mismatches"], 0);
  EXPECT_EQ(back["bytes_out"], kBlocks * 4096);
  EXPECT_EQ(back["bytes_in"].get<std::uint64_t>() + kPages / 8 * 4096,
            backend["bytes_out"].get<std::uint64_t>());
  EXPECT_EQ(results["provenance"]["backends[engine:*].decompress.cpu_ns_per_page"], "assumed");
}

TEST_F(CompareSoftware, EachOperationHasItsOwnFigures) {
  const json backend = compare();
  const json& there = backend["compress"];
  const json& back = backend["decompress"];
  // The device takes 512 cycles a page there and 256 back.
  EXPECT_EQ(there["engine_cycles_per_page"]["mean"], 512.0);
  EXPECT_EQ(back["engine_cycles_per_page"]["mean"], 256.0);
  EXPECT_NEAR(there["bytes_per_cycle"].get<double>(), 8.0, 0.5);
  EXPECT_NEAR(back["bytes_per_cycle"].get<double>(), 16.0, 1.0);
  EXPECT_GT(back["sim_gb_per_s"].get<double>(), 10.0);
  EXPECT_LE(back["sim_gb_per_s"].get<double>(), 16.0);
  EXPECT_LT(back["latency_ns"]["p50"].get<double>(), there["latency_ns"]["p50"].get<double>());
  EXPECT_LT(back["idle_latency_ns"]["p50"].get<double>(),
            there["idle_latency_ns"]["p50"].get<double>());
  EXPECT_LT(back["idle_latency_ns"]["p50"].get<double>(), back["latency_ns"]["p50"].get<double>());
  const double per_doorbell = back["pages_per_doorbell"].get<double>();
  EXPECT_GE(per_doorbell, 8);
  EXPECT_NEAR(back["cpu_ns_per_page"].get<double>(), 2 + 20 + 30 + 100 / per_doorbell, 1e-6);
  EXPECT_EQ(back["cpu_ns_per_page"], back["worker_ns_per_page"]["driver"]);
}

TEST_F(CompareSoftware, WhatComesBackHasAQueueOfAHigherClass) {
  const json backend = compare({}, [](unsigned queue, unsigned priority, pp_cqe& cqe) {
    const bool right = came_back(cqe) ? queue == 1 && priority > 0 : queue == 0 && priority == 0;
    if (!right) throw std::runtime_error("a unit in the wrong queue");
    return true;
  });
  EXPECT_EQ(backend["decompress"]["verified"], kBlocks);
}

// Beside compressions at full load a page waits for one of them, not for all that are queued.
TEST_F(CompareSoftware, APageFaultDuringCompression) {
  config_.idle_pages = 40;
  const json backend = compare();
  const json& back = backend["decompress"];
  EXPECT_GT(back["busy_latency_ns"]["p50"].get<double>(),
            back["idle_latency_ns"]["p50"].get<double>());
  EXPECT_LT(back["busy_latency_ns"]["p99"].get<double>(),
            backend["compress"]["latency_ns"]["p50"].get<double>() / 4);
  config_.idle_pages = 0;
  EXPECT_TRUE(compare()["decompress"]["busy_latency_ns"]["p50"].is_null());
}

TEST_F(CompareSoftware, APageSpoiltBesideCompressionsIsAMismatch) {
  std::size_t pages = 0;
  const json backend = compare({}, [&, pages](unsigned, unsigned, pp_cqe& cqe) mutable {
    if (came_back(cqe) && ++pages > kBlocks + config_.idle_pages) cqe.crc32c ^= 1;
    return true;
  });
  EXPECT_EQ(backend["decompress"]["mismatches"], config_.idle_pages);
  EXPECT_EQ(backend["decompress"]["verified"], kBlocks - config_.idle_pages);
  EXPECT_THAT(backend["decompress"]["mismatch_list"][0]["reason"].get<std::string>(),
              HasSubstr("while others were compressed: CRC32C"));
}

TEST_F(CompareSoftware, WithoutClassesOrAnotherQueueThereIsOne) {
  const auto one_queue = [](unsigned queue, unsigned priority, pp_cqe&) {
    if (queue != 0 || priority != 0) throw std::runtime_error("a unit in the wrong queue");
    return true;
  };
  for (const SoftwareDevice::Identity& identity :
       {SoftwareDevice::Identity{.features = kNoPriority}, SoftwareDevice::Identity{.queues = 1}}) {
    const json back = compare(identity, one_queue)["decompress"];
    EXPECT_EQ(back["verified"], kBlocks);
    EXPECT_TRUE(back["busy_latency_ns"]["p50"].is_null()) << "one queue, one owner";
  }
  EXPECT_THAT(error_of({}, one_queue), HasSubstr("a unit in the wrong queue"));
}

TEST_F(CompareSoftware, ADeviceThatCannotDecompressIsSaidToBeOne) {
  EXPECT_THAT(error_of({.operations = 1u << PP_OP_COMPRESS}),
              AllOf(HasSubstr("engine:soft: "), HasSubstr("cannot decompress"),
                    HasSubstr("PP_OP_DECOMPRESS")));
}

TEST_F(CompareSoftware, AWrongChecksumOfWhatComesBackIsAMismatch) {
  int pages = 0;
  const json backend = compare({}, [pages](unsigned, unsigned, pp_cqe& cqe) mutable {
    if (came_back(cqe) && ++pages % 50 == 0) cqe.crc32c ^= 1;
    return true;
  });
  EXPECT_EQ(backend["mismatches"], 0);
  EXPECT_EQ(backend["decompress"]["mismatches"], (kBlocks + config_.idle_pages) / 50);
  EXPECT_THAT(backend["decompress"]["mismatch_list"][0]["reason"].get<std::string>(),
              HasSubstr("CRC32C"));
  EXPECT_EQ(count_mismatches({{"backends", json::array({backend})}}),
            backend["decompress"]["mismatches"]);
}

TEST_F(CompareSoftware, AHangOnTheWayBackIsAnError) {
  config_.watchdog_us = 200;
  int pages = 0;
  EXPECT_THAT(
      error_of({}, [pages](unsigned, unsigned,
                           pp_cqe& cqe) mutable { return !came_back(cqe) || ++pages < 30; }),
      AllOf(HasSubstr("engine:soft: "), HasSubstr("no completion for 200 us")));
}

TEST_F(CompareSoftware, TheSameInputsGiveTheSameResults) {
  json first = compare();
  json second = compare();
  first.erase("host");
  second.erase("host");
  EXPECT_EQ(first.dump(), second.dump());
}

TEST_F(CompareSoftware, NothingStoredNothingSentBack) {
  config_.files = {
      testing::write_pages(folder_.path() / "z.pages", std::vector<std::uint8_t>(64 * 4096))};
  const json backend = compare();
  EXPECT_EQ(backend["verified"], 64);
  EXPECT_EQ(backend["decompress"]["pages"], 0);
  EXPECT_TRUE(backend["decompress"]["bytes_per_cycle"].is_null());
}

}  // namespace
}  // namespace pagepress::sim
