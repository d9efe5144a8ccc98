// SPDX-License-Identifier: Apache-2.0
// compare with kcompressd's queue in its shapes: several workers, every back-pressure policy,
// pages that a router gives to a CPU. Each page is verified and counted once whatever the way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pagepress/back_pressure.hpp>
#include <pagepress/queue_shape.hpp>

#include "sim/experiment/backends.hpp"
#include "sim/experiment/compare.hpp"
#include "sim/experiment/queue_setup.hpp"
#include "tests/sim/pages.hpp"
#include "tests/sim/software_device.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::SoftwareDevice;

constexpr std::size_t kPages = 400;

class CompareQueue : public ::testing::Test {
 protected:
  CompareQueue() {
    config_.files = {
        testing::write_pages(folder_.path() / "a.pages", testing::mixed_pages(kPages, 3))};
    config_.backends = {"cpu:lz4", "engine:fast"};
    config_.costs = folder_.path() / "costs.json";
    config_.cost_sweeps = 1;
    config_.idle_pages = 4;
  }
  void use_shape(const std::string& name) {
    config_.shape = name;
    apply_shape(config_);
  }
  json run() { return run_compare(config_)["backends"]; }
  // All of a device whose completions `watch` may change or lose.
  json run_soft(const SoftwareDevice::Watch& watch) {
    BackendTable table;
    table.add("engine:soft",
              {.summary = "",
               .make_codec = {},
               .library = {},
               .make_device = [watch](const EngineSetup& setup) -> std::unique_ptr<model::Device> {
                 return std::make_unique<SoftwareDevice>("soft", setup.clock_period,
                                                         SoftwareDevice::Identity{}, watch);
               }});
    config_.backends = {"engine:soft"};
    return run_compare(config_, {}, table)["backends"][0];
  }
  // Every page is one that a worker completed or that kswapd compressed itself.
  static void expect_each_page_once(const json& backend) {
    SCOPED_TRACE(backend["name"]);
    EXPECT_EQ(backend["verified"], backend["pages"]);
    EXPECT_EQ(backend["mismatches"], 0);
    EXPECT_EQ(backend["decompress"]["mismatches"], 0);
    const std::pair<const char*, std::size_t> passes[] = {
        {"compress", backend["pages"].get<std::size_t>()},
        {"decompress", backend["decompress"]["pages"].get<std::size_t>()}};
    for (const auto& [pass, pages] : passes) {
      const json& queue = backend[pass]["queue"];
      std::size_t by_workers = 0;
      for (const json& worker : queue["workers"]) by_workers += worker["pages"].get<std::size_t>();
      EXPECT_EQ(by_workers + queue["synchronous"].get<std::size_t>(), pages);
      EXPECT_EQ(by_workers + queue["drained"].get<std::size_t>(),
                queue["enqueued"].get<std::size_t>());
    }
  }

  testing::TemporaryFolder folder_;
  CompareConfig config_;
};

TEST_F(CompareQueue, EveryShapeGetsEveryPageThereAndBack) {
  for (const QueueShape& shape : queue_shapes()) {
    SCOPED_TRACE(shape.name);
    use_shape(std::string(shape.name));
    const json results = run_compare(config_);
    for (const json& backend : results["backends"]) {
      expect_each_page_once(backend);
      EXPECT_EQ(backend["compress"]["queue"]["workers"].size(), shape.workers);
    }
    EXPECT_EQ(results["config"]["queue"]["fifo_entries"]["value"], shape.fifo_entries);
    EXPECT_EQ(results["config"]["queue"]["fifo_entries"]["provenance"], "assumed");
  }
}

TEST_F(CompareQueue, EveryPolicyGetsEveryPageThereAndBack) {
  config_.fifo_entries = 16;
  for (const std::string_view policy : back_pressure_names()) {
    SCOPED_TRACE(policy);
    config_.policy = policy;
    const json backends = run();
    for (const json& backend : backends) expect_each_page_once(backend);
    const json& queue = backends[0]["compress"]["queue"];  // a CPU is slower than kswapd
    EXPECT_GT(queue["rejected"], 0);
    EXPECT_GT(queue["refused"]["no_room"], 0);
    EXPECT_EQ(queue["synchronous"].get<int>() > 0, policy != "wait");
    EXPECT_EQ(queue["drained"].get<int>() > 0, policy == "drain-oldest");
  }
}

TEST_F(CompareQueue, EverySplitGetsEveryPageThereAndBack) {
  use_shape("parallel");
  config_.workers = 3;
  for (const char* split : {"shared", "own", "chunks"}) {
    SCOPED_TRACE(split);
    config_.split = split;
    for (const json& backend : run()) {
      expect_each_page_once(backend);
      for (const json& worker : backend["compress"]["queue"]["workers"]) {
        EXPECT_GT(worker["pages"].get<std::size_t>(), kPages / 6) << "each has its share";
      }
    }
  }
}

TEST_F(CompareQueue, FourCoresAreFourTimesAsFast) {
  config_.backends = {"cpu:lz4"};
  const double one = run()[0]["compress"]["sim_gb_per_s"].get<double>();
  config_.workers = 4;
  const double four = run()[0]["compress"]["sim_gb_per_s"].get<double>();
  EXPECT_NEAR(four / one, 4.0, 0.3);
}

TEST_F(CompareQueue, TheFirstFifoOfZramV1TakesAllAsLongAsItHasRoom) {
  config_.backends = {"cpu:lz4"};
  use_shape("zram-v1");
  const json first = run()[0]["compress"]["queue"]["workers"];
  EXPECT_EQ(first[0]["pages"], kPages);
  EXPECT_EQ(first[3]["pages"], 0);
  config_.fifo_entries = 16;
  const json shared = run()[0]["compress"]["queue"]["workers"];
  EXPECT_GT(shared[3]["pages"], 0);
}

TEST_F(CompareQueue, AWorkerOfTheRfcWaitsForEachPage) {
  config_.backends = {"engine:fast"};
  const double batched = run()[0]["compress"]["sim_gb_per_s"].get<double>();
  use_shape("rfc");
  config_.policy = "wait";
  const json compress = run()[0]["compress"];
  EXPECT_EQ(compress["pages_per_doorbell"], 1.0);
  EXPECT_LT(compress["sim_gb_per_s"].get<double>(), batched / 3);
}

TEST_F(CompareQueue, WhatKswapdCompressesForAnEngineCostsCpuTime) {
  config_.backends = {"engine:fast"};
  config_.policy = "sync-newest";
  config_.fifo_entries = 2;
  const json results = run_compare(config_);
  EXPECT_TRUE(results["costs"]["codecs"].contains("cpu:lz4")) << "measured, though no back end";
  const json& compress = results["backends"][0]["compress"];
  const json& queue = compress["queue"];
  ASSERT_GT(queue["synchronous"], 0);
  EXPECT_NEAR(compress["cpu_ns_per_page"].get<double>(),
              compress["worker_ns_per_page"]["driver"].get<double>() +
                  queue["synchronous_ns"].get<double>() / kPages,
              1e-6);
}

TEST_F(CompareQueue, TheSameInputsGiveTheSameResults) {
  config_.backends = {"engine:fast"};
  use_shape("parallel");
  config_.policy = "divert-to-cpu";
  config_.route = "adaptive";
  config_.fifo_entries = 32;
  (void)run();  // measures the costs
  const auto results = [this] {
    json backends = run();
    for (json& backend : backends) backend.erase("host");
    return backends.dump();
  };
  EXPECT_EQ(results(), results());
}

TEST_F(CompareQueue, MoreWorkersThanTheDeviceHasQueuesAreRefused) {
  config_.backends = {"engine:fast"};
  config_.workers = 9;
  try {
    (void)run();
    FAIL() << "nine queues of eight";
  } catch (const CompareError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("queue.workers (9)"), HasSubstr("8 queues")));
  }
}

TEST_F(CompareQueue, WorkersMayShareQueuesBothWays) {
  config_.backends = {"engine:fast"};
  config_.workers = 6;  // of eight queues: none is left for decompression alone
  const json backend = run()[0];
  expect_each_page_once(backend);
  EXPECT_TRUE(backend["decompress"]["busy_latency_ns"]["p50"].is_null());
}

TEST_F(CompareQueue, AFastEngineKeepsItsPages) {
  config_.backends = {"engine:fast"};
  config_.route = "adaptive";
  const json backend = run()[0];
  expect_each_page_once(backend);
  const json& route = backend["compress"]["queue"]["route"];
  EXPECT_EQ(route["to_cpu"], route["samples"]);
  EXPECT_EQ(route["to_engine"].get<std::size_t>(), kPages - 1);
  EXPECT_TRUE(backend["compress"]["bytes_per_cycle"].is_null());
}

TEST_F(CompareQueue, ASlowEngineLosesItsPagesToTheCpu) {
  config_.backends = {"engine:fast"};
  config_.costs.clear();  // a table of the first run would lack those of the CPU
  config_.clock_mhz = 5;
  const double alone = run()[0]["compress"]["sim_gb_per_s"].get<double>();
  config_.route = "adaptive";
  const json backend = run()[0];
  expect_each_page_once(backend);
  const json& route = backend["compress"]["queue"]["route"];
  EXPECT_EQ(route["left_slow"], 1);
  EXPECT_GT(route["to_cpu"].get<std::size_t>(), kPages / 4);
  EXPECT_GT(backend["compress"]["sim_gb_per_s"].get<double>(), alone);
}

TEST_F(CompareQueue, ASickEngineLosesItsPagesUntilItIsWell) {
  config_.route = "adaptive";
  config_.idle_pages = 0;
  constexpr unsigned kFrom = 100;
  constexpr unsigned kTo = 140;
  const json backend = run_soft([seen = 0u](unsigned, unsigned, pp_cqe& cqe) mutable {
    ++seen;
    if (seen >= kFrom && seen < kTo) {
      cqe.status = PP_STATUS_INTERNAL;
      cqe.out_len = 0;
    }
    return true;
  });
  const json& route = backend["compress"]["queue"]["route"];
  EXPECT_GE(route["left_sick"], 1);
  EXPECT_GT(route["to_cpu"], route["samples"]);
  EXPECT_EQ(backend["mismatches"], route["failures"]) << "handed on as they are";
}

TEST_F(CompareQueue, AnEngineThatHangsIsRestartedAndTheRunGoesOn) {
  config_.route = "adaptive";
  config_.idle_pages = 0;
  config_.watchdog_us = 200;
  const json backend = run_soft([seen = 0u](unsigned, unsigned, pp_cqe&) mutable {
    return ++seen != 100;  // this one is lost
  });
  const json& route = backend["compress"]["queue"]["route"];
  EXPECT_GE(route["left_sick"], 1);
  EXPECT_EQ(route["recoveries"], 1);
  EXPECT_EQ(backend["mismatches"], route["failures"]) << "what it had was aborted";
  EXPECT_GE(route["failures"], 1);
  EXPECT_LE(route["failures"], config_.depth);
}

}  // namespace
}  // namespace pagepress::sim
