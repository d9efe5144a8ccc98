// SPDX-License-Identifier: Apache-2.0
// compare end to end with CPU back ends: figures, determinism, verification,
// and what happens when a back end lies or crashes.
#include "sim/experiment/compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pagepress/codecs.hpp>

#include <csignal>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "sim/experiment/backends.hpp"
#include "sim/host/cost_table.hpp"
#include "tests/sim/meddling_codec.hpp"
#include "tests/sim/pages.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::MeddlingCodec;

constexpr std::size_t kPages = 320;
constexpr std::size_t kBlocks = kPages * 5 / 8;  // stored compressed

BackendTable with_meddling(const MeddlingCodec::Meddle& meddle) {
  BackendTable table;
  table.add("cpu:meddling", {.summary = "",
                             .make_codec = [meddle](bool for_cost) -> std::unique_ptr<Codec> {
                               if (for_cost) return make_cpu_lz4(false);
                               return std::make_unique<MeddlingCodec>(make_cpu_lz4(), meddle);
                             },
                             .library = "test",
                             .make_device = {}});
  return table;
}

class CompareCpu : public ::testing::Test {
 protected:
  CompareCpu() {
    config_.files = {
        testing::write_pages(folder_.path() / "a.pages", testing::mixed_pages(kPages / 2, 1)),
        testing::write_pages(folder_.path() / "b.pages", testing::mixed_pages(kPages / 2, 2))};
    config_.backends = {"cpu:lz4"};
    config_.cost_sweeps = 2;
  }
  json compare_meddling(const MeddlingCodec::Meddle& meddle) {
    config_.backends = {"cpu:meddling"};
    return run_compare(config_, {}, with_meddling(meddle))["backends"][0];
  }

  testing::TemporaryFolder folder_;
  CompareConfig config_;
};

TEST_F(CompareCpu, CountsAndVerifiesEveryPage) {
  const json results = run_compare(config_);
  EXPECT_EQ(results["schema"], "pagepress.results/1");
  const json& backend = results["backends"].at(0);
  EXPECT_EQ(backend["name"], "cpu:lz4");
  EXPECT_TRUE(backend["device"].is_null());
  EXPECT_EQ(backend["pages"], kPages);
  EXPECT_EQ(backend["zero_pages"], kPages / 8);
  EXPECT_EQ(backend["same_filled_pages"], kPages / 4);
  EXPECT_EQ(backend["incompressible_pages"], kPages / 8);
  EXPECT_EQ(backend["verified"], kPages);
  EXPECT_EQ(backend["mismatches"], 0);
  EXPECT_EQ(count_mismatches(results), 0);
  EXPECT_EQ(backend["bytes_in"], kPages * 4096);
  EXPECT_DOUBLE_EQ(backend["ratio"].get<double>(),
                   kPages * 4096.0 / backend["bytes_out"].get<double>());
  std::uint64_t counted = 0;
  for (const auto& count : backend["size_histogram"]["counts"]) counted += count.get<unsigned>();
  EXPECT_EQ(counted, kPages - kPages / 4);
  EXPECT_EQ(backend["size_histogram"]["counts"].size(), 65);
  EXPECT_EQ(backend["files"].size(), 2);
  EXPECT_EQ(backend["files"][0]["bytes_out"].get<std::uint64_t>() +
                backend["files"][1]["bytes_out"].get<std::uint64_t>(),
            backend["bytes_out"].get<std::uint64_t>());
}

TEST_F(CompareCpu, LatencyOfACpuPageIsItsCost) {
  config_.costs = folder_.path() / "costs.json";
  const json backend = run_compare(config_)["backends"][0];
  std::ifstream file(config_.costs);
  const json costs = json::parse(file);
  std::vector<std::uint32_t> ns;
  for (const auto& input : costs["codecs"]["cpu:lz4"]["ns"]) {
    for (const auto& cost : input) ns.push_back(cost);
  }
  std::sort(ns.begin(), ns.end());
  const json& compress = backend["compress"];
  EXPECT_EQ(compress["latency_ns"]["p50"], ns[kPages / 2 - 1]);
  EXPECT_GE(compress["queue_latency_ns"]["p50"], compress["latency_ns"]["p50"]);
  const double mean = std::accumulate(ns.begin(), ns.end(), 0.0) / kPages;
  EXPECT_DOUBLE_EQ(compress["cpu_ns_per_page"].get<double>(), mean);
  // One worker: as fast as the costs and 2 ns a page out of the FIFO allow.
  EXPECT_LE(compress["sim_gb_per_s"].get<double>(), 4096 / mean);
  EXPECT_GT(compress["sim_gb_per_s"].get<double>(), 0.8 * 4096 / mean);
  EXPECT_TRUE(compress["bytes_per_cycle"].is_null());
  EXPECT_TRUE(compress["pages_per_doorbell"].is_null());
  EXPECT_TRUE(compress["engine_cycles_per_page"].is_null());
}

TEST_F(CompareCpu, WhatWasStoredComesBack) {
  const json results = run_compare(config_);
  const json& backend = results["backends"].at(0);
  const json& back = backend["decompress"];
  EXPECT_EQ(back["pages"], kBlocks) << "neither same-filled nor incompressible pages";
  EXPECT_EQ(back["verified"], kBlocks);
  EXPECT_EQ(back["mismatches"], 0);
  EXPECT_EQ(back["bytes_out"], kBlocks * 4096);
  EXPECT_EQ(back["bytes_in"].get<std::uint64_t>() + kPages / 8 * 4096,
            backend["bytes_out"].get<std::uint64_t>());
  EXPECT_TRUE(back["engine_cycles_per_page"].is_null());
  EXPECT_TRUE(back["pages_per_doorbell"].is_null());
  for (const char* kind : {"latency_ns", "queue_latency_ns", "idle_latency_ns"}) {
    EXPECT_GT(back[kind]["p50"].get<double>(), 0) << kind;
  }
  // A page fault has a core of its own.
  EXPECT_EQ(back["busy_latency_ns"], back["idle_latency_ns"]);
  EXPECT_EQ(results["provenance"]["backends[].decompress"], "simulated");
  EXPECT_EQ(results["provenance"]["backends[cpu:*].decompress.cpu_ns_per_page"], "measured");
}

TEST_F(CompareCpu, LatencyOfADecompressionIsItsCost) {
  config_.costs = folder_.path() / "costs.json";
  config_.cost_scale = 3.0;
  const json back = run_compare(config_)["backends"][0]["decompress"];
  const json costs = json::parse(std::ifstream(config_.costs));
  std::vector<std::uint32_t> ns;
  for (const auto& input : costs["codecs"]["cpu:lz4"]["decompress"]["ns"]) {
    for (const auto& cost : input) {
      if (cost != 0) ns.push_back(cost);
    }
  }
  ASSERT_EQ(ns.size(), kBlocks);
  std::sort(ns.begin(), ns.end());
  EXPECT_EQ(back["latency_ns"]["p50"], 3 * ns[kBlocks / 2 - 1]);
  const double mean = std::accumulate(ns.begin(), ns.end(), 0.0) / kBlocks;
  EXPECT_DOUBLE_EQ(back["cpu_ns_per_page"].get<double>(), 3.0 * mean);
  EXPECT_LE(back["sim_gb_per_s"].get<double>(), 4096 / (3.0 * mean));
  EXPECT_GT(back["sim_gb_per_s"].get<double>(), 0.8 * 4096 / (3.0 * mean));
}

TEST_F(CompareCpu, AWrongPageThatComesBackIsAMismatchOfDecompression) {
  int page = 0;
  const json backend = compare_meddling([page](const Request& request, Completion& done) mutable {
    if (request.operation == Operation::kDecompress && ++page % 80 == 0) {
      static_cast<std::uint8_t*>(request.dst)[done.out_len - 1] ^= 1;
    }
  });
  const json& back = backend["decompress"];
  EXPECT_EQ(backend["mismatches"], 0);
  const auto mismatches = back["mismatches"].get<std::uint64_t>();
  EXPECT_EQ(mismatches, (kBlocks + config_.idle_pages) / 80)
      << "the idle probe's are not looked at";
  EXPECT_EQ(back["verified"].get<std::uint64_t>(), kBlocks - mismatches);
  EXPECT_THAT(back["mismatch_list"][0]["reason"].get<std::string>(), HasSubstr("byte 4095"));
  EXPECT_EQ(count_mismatches({{"backends", json::array({backend})}}), mismatches);
}

TEST_F(CompareCpu, EveryWayToDecompressWronglyIsCaught) {
  const auto reason = [this](const std::function<void(Completion&)>& alter) {
    const json backend = compare_meddling([alter](const Request& request, Completion& done) {
      if (request.operation == Operation::kDecompress) alter(done);
    });
    EXPECT_EQ(backend["decompress"]["mismatches"], kBlocks);
    return backend["decompress"]["mismatch_list"][0]["reason"].get<std::string>();
  };
  EXPECT_THAT(reason([](Completion& done) { done.crc32c ^= 1; }), HasSubstr("CRC32C"));
  EXPECT_THAT(reason([](Completion& done) { done.out_len = 4095; }), HasSubstr("4095 bytes"));
  EXPECT_THAT(reason([](Completion& done) { done.status = Status::kMalformed; }),
              HasSubstr("malformed"));
}

TEST_F(CompareCpu, PagesThatWereStoredWronglyAreNotSentBack) {
  const json backend = compare_meddling([](const Request& request, Completion& done) {
    if (request.operation == Operation::kCompress) done.crc32c ^= 1;
  });
  EXPECT_EQ(backend["mismatches"], kPages);
  EXPECT_EQ(backend["decompress"]["pages"], 0);
  EXPECT_EQ(backend["decompress"]["mismatches"], 0);
  EXPECT_TRUE(backend["decompress"]["sim_gb_per_s"].is_null());
}

TEST_F(CompareCpu, PagesOfWhichNothingIsStoredNeedNoDecompression) {
  config_.files = {
      testing::write_pages(folder_.path() / "z.pages", std::vector<std::uint8_t>(64 * 4096))};
  const json backend = run_compare(config_)["backends"][0];
  EXPECT_EQ(backend["verified"], 64);
  EXPECT_EQ(backend["decompress"]["pages"], 0);
  EXPECT_TRUE(backend["decompress"]["cpu_ns_per_page"].is_null());
}

TEST_F(CompareCpu, AnOlderCostTableIsToBeMeasuredAgain) {
  config_.costs = folder_.path() / "costs.json";
  (void)run_compare(config_);
  json table = json::parse(std::ifstream(config_.costs));
  table["schema"] = "pagepress.costs/1";
  std::ofstream(config_.costs) << table;
  try {
    (void)run_compare(config_);
    FAIL() << "it was taken";
  } catch (const CostError& error) {
    EXPECT_THAT(error.what(), HasSubstr("costs.json"));
    EXPECT_THAT(error.what(), HasSubstr("measure anew"));
  }
}

TEST_F(CompareCpu, SameCostsGiveTheSameResults) {
  config_.costs = folder_.path() / "costs.json";
  json first = run_compare(config_);
  json second = run_compare(config_);
  for (json* results : {&first, &second}) {
    results->erase("created");
    for (json& backend : (*results)["backends"]) backend.erase("host");
  }
  EXPECT_EQ(first.dump(), second.dump());
}

TEST_F(CompareCpu, ScaleSlowsTheCpuDown) {
  config_.costs = folder_.path() / "costs.json";
  const json normal = run_compare(config_);
  config_.cost_scale = 2.0;
  const json scaled = run_compare(config_);
  const auto mean = [](const json& results) {
    return results["backends"][0]["compress"]["cpu_ns_per_page"].get<double>();
  };
  EXPECT_DOUBLE_EQ(mean(scaled), 2.0 * mean(normal));
  EXPECT_EQ(scaled["config"]["host"]["cost_scale"]["provenance"], "given");
  EXPECT_EQ(scaled["provenance"]["backends[cpu:*].compress.cpu_ns_per_page"], "assumed");
}

TEST_F(CompareCpu, CostsOfAnotherMachineAreNotSaidToBeMeasuredHere) {
  config_.costs = folder_.path() / "costs.json";
  const json ours = run_compare(config_);
  EXPECT_EQ(ours["provenance"]["costs"], "measured");
  EXPECT_EQ(ours["provenance"]["backends[cpu:*].compress.cpu_ns_per_page"], "measured");
  json table = json::parse(std::ifstream(config_.costs));
  table["machine"]["cpu"] = "another CPU";
  std::ofstream(config_.costs) << table;
  const json theirs = run_compare(config_);
  EXPECT_EQ(theirs["provenance"]["costs"], "assumed");
  EXPECT_EQ(theirs["provenance"]["backends[cpu:*].compress.cpu_ns_per_page"], "assumed");
  EXPECT_EQ(theirs["costs"]["machine"]["cpu"], "another CPU");
}

TEST_F(CompareCpu, FileNamesNeedNotBeUtf8) {
  const std::filesystem::path odd = folder_.path() / "odd-\xff.pages";
  std::filesystem::rename(config_.files[0], odd);
  config_.files[0] = odd;
  EXPECT_EQ(count_mismatches(run_compare(config_)), 0);
}

TEST_F(CompareCpu, ReportsCorruptedOutputByPage) {
  int page = 0;
  const json backend = compare_meddling([page](const Request& request, Completion& done) mutable {
    if (done.status == Status::kOk && ++page % 50 == 0) {
      static_cast<std::uint8_t*>(request.dst)[done.out_len / 2] ^= 0x20;
    }
  });
  const auto mismatches = backend["mismatches"].get<std::uint64_t>();
  EXPECT_GT(mismatches, 0);
  EXPECT_EQ(backend["verified"].get<std::uint64_t>(), kPages - mismatches);
  ASSERT_EQ(backend["mismatch_list"].size(), mismatches);
  EXPECT_THAT(backend["mismatch_list"][0]["path"].get<std::string>(), HasSubstr("a.pages"));
  EXPECT_LT(backend["mismatch_list"][0]["page"].get<std::size_t>(), kPages / 2);
}

TEST_F(CompareCpu, CatchesAWrongChecksum) {
  const json backend = compare_meddling([](const Request&, Completion& done) { done.crc32c ^= 1; });
  EXPECT_EQ(backend["mismatches"], kPages);
  EXPECT_THAT(backend["mismatch_list"][0]["reason"].get<std::string>(), HasSubstr("CRC32C"));
}

TEST_F(CompareCpu, CatchesAWrongSameFilledWord) {
  const json backend = compare_meddling([](const Request&, Completion& done) {
    if (done.status == Status::kSameFilled) done.info ^= 0x100;
  });
  EXPECT_EQ(backend["mismatches"], kPages / 4);
}

TEST_F(CompareCpu, CatchesAPageSaidToBeSameFilled) {
  const json backend = compare_meddling([](const Request&, Completion& done) {
    if (done.status == Status::kIncompressible) done.status = Status::kSameFilled;
  });
  EXPECT_EQ(backend["mismatches"], kPages / 8);
}

TEST_F(CompareCpu, AnErrorStatusIsAMismatch) {
  const json backend = compare_meddling([](const Request&, Completion& done) {
    if (done.status == Status::kOk) done.status = Status::kDmaFault;
  });
  EXPECT_EQ(backend["mismatches"], kPages * 5 / 8);
  EXPECT_THAT(backend["mismatch_list"][0]["reason"].get<std::string>(), HasSubstr("status"));
}

TEST_F(CompareCpu, ACrashNamesBackEndAndSignal) {
  try {
    compare_meddling([](const Request&, Completion&) {
      std::signal(SIGSEGV, SIG_DFL);  // not the sanitizers' handler
      std::raise(SIGSEGV);
    });
    FAIL() << "a crash went unnoticed";
  } catch (const CompareError& error) {
    EXPECT_THAT(error.what(), HasSubstr("cpu:meddling"));
    EXPECT_THAT(error.what(), HasSubstr("signal 11"));
  }
}

TEST_F(CompareCpu, AnExceptionOfTheBackEndKeepsItsWords) {
  try {
    compare_meddling([](const Request&, Completion&) { throw std::runtime_error("out of steam"); });
    FAIL() << "an exception went unnoticed";
  } catch (const CompareError& error) {
    EXPECT_STREQ(error.what(), "cpu:meddling: out of steam");
  }
}

TEST_F(CompareCpu, ProgressEndsAtAllPages) {
  std::vector<Progress> seen;
  (void)run_compare(config_, [&](const Progress& progress) { seen.push_back(progress); });
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.front().phase, Progress::Phase::kMeasure);
  EXPECT_EQ(seen.front().backend, "cpu:lz4");
  EXPECT_EQ(seen.back().phase, Progress::Phase::kDecompress);
  EXPECT_EQ(seen.back().done, kBlocks);
  EXPECT_EQ(seen.back().total, kBlocks);
  EXPECT_GT(seen.back().pages_per_s, 0);
  const auto compressed = std::find_if(seen.rbegin(), seen.rend(), [](const Progress& progress) {
    return progress.phase == Progress::Phase::kCompress;
  });
  ASSERT_NE(compressed, seen.rend());
  EXPECT_EQ(compressed->done, kPages);
  EXPECT_EQ(compressed->total, kPages);
}

TEST_F(CompareCpu, UnknownBackEndIsRefusedBeforeAnyWork) {
  config_.backends = {"cpu:lz4", "engine:warp"};
  config_.costs = folder_.path() / "costs.json";
  try {
    (void)run_compare(config_);
    FAIL() << "engine:warp exists";
  } catch (const CompareError& error) {
    EXPECT_THAT(error.what(), HasSubstr("engine:warp"));
    EXPECT_THAT(error.what(), HasSubstr("cpu:lz4"));
  }
  EXPECT_FALSE(std::filesystem::exists(config_.costs));
}

TEST_F(CompareCpu, WrongOptionsAreRefusedByName) {
  const auto refusal = [this](const std::string& name) -> std::string {
    config_.backends = {name};
    try {
      check_backends(config_);
      ADD_FAILURE() << name << " was taken";
    } catch (const CompareError& error) {
      return error.what();
    }
    return {};
  };
  for (const char* name : {"cpu:zstd@level=23", "cpu:zstd@level=-101", "cpu:zstd@level=",
                           "cpu:zstd@level=3x", "cpu:zstd@level=99999999999999999999"}) {
    EXPECT_EQ(refusal(name),
              "back end '" + std::string(name) + "': level must be an integer from -100 to 22");
  }
  EXPECT_THAT(refusal("cpu:deflate@level=13"), HasSubstr("from 1 to 12"));
  EXPECT_THAT(refusal("cpu:lz4hc@level=2"), HasSubstr("from 3 to 12"));
  EXPECT_THAT(refusal("cpu:lz4@level=0"), HasSubstr("from 1 to 65537"));
  EXPECT_THAT(refusal("cpu:lz4@speed=1"),
              HasSubstr("unknown option 'speed=1' (cpu:lz4 takes level=1..65537"));
  EXPECT_THAT(refusal("cpu:zstd@"), HasSubstr("unknown option ''"));
  EXPECT_EQ(refusal("cpu:lzo@level=1"),
            "back end 'cpu:lzo@level=1': unknown option 'level=1' (cpu:lzo takes none)");
  EXPECT_THAT(refusal("engine:fast@level=1"), HasSubstr("engine:fast takes none"));
}

// Each library at one level, all in one run; each verified by its own library and costed alone.
TEST_F(CompareCpu, EveryLibraryAtItsLevel) {
  config_.backends = {"cpu:lz4",  "cpu:lz4@level=4",   "cpu:lz4hc@level=12",  "cpu:lzo",
                      "cpu:zstd", "cpu:zstd@level=-5", "cpu:deflate@level=1", "cpu:deflate"};
  config_.cost_sweeps = 1;
  config_.idle_pages = 4;
  const json results = run_compare(config_);
  EXPECT_EQ(count_mismatches(results), 0);
  std::map<std::string, double> ratio;
  for (const json& backend : results["backends"]) {
    const std::string name = backend["name"];
    ratio[name] = backend["ratio"];
    EXPECT_EQ(backend["verified"], kPages) << name;
    EXPECT_GT(backend["decompress"]["pages"], 0) << name;
    EXPECT_EQ(backend["decompress"]["verified"], backend["decompress"]["pages"]) << name;
    EXPECT_GT(results["costs"]["codecs"][name]["mean_ns"], 0) << name;
  }
  EXPECT_GT(ratio["cpu:lz4"], ratio["cpu:lz4@level=4"]);
  EXPECT_GT(ratio["cpu:lz4hc@level=12"], ratio["cpu:lz4"]);
  EXPECT_GT(ratio["cpu:zstd"], ratio["cpu:zstd@level=-5"]);
  EXPECT_GT(ratio["cpu:deflate"], ratio["cpu:deflate@level=1"]);
  const json& versions = results["created"]["versions"];
  for (const char* library : {"lz4", "lzo", "zstd", "libdeflate"}) {
    EXPECT_TRUE(versions.contains(library)) << library;
  }
  EXPECT_EQ(results["costs"]["codecs"]["cpu:zstd@level=-5"]["library"],
            "zstd " + versions["zstd"].get<std::string>());
}

}  // namespace
}  // namespace pagepress::sim
