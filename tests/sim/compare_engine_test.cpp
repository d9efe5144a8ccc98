// SPDX-License-Identifier: Apache-2.0
// compare end to end with the RTL: figures, determinism, and what happens when
// the engine hangs, corrupts its output or cannot be set up. They need a device that
// decompresses; what compare does with any device is in compare_software_test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>

#include "model/device/rtl_device.hpp"
#include "rtl/abi/pagepress_abi.h"
#include "sim/experiment/backends.hpp"
#include "sim/experiment/compare.hpp"
#include "tests/sim/pages.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr std::size_t kPages = 160;

// The RTL with something between it and the link: `tamper` sees every DMA write
// on its way out and may change it; false swallows it, for good. With `depth_log2` it says that
// its rings have no more entries.
class TamperedDevice final : public model::Device {
 public:
  using Tamper = std::function<bool(tlm::tlm_generic_payload&)>;
  TamperedDevice(const sc_core::sc_module_name& name, const sc_core::sc_time& clock_period,
                 Tamper tamper, std::uint32_t depth_log2)
      : Device(name),
        inner_("inner", model::make_pagepress_top(), {.clock_period = clock_period}),
        to_inner_("to_inner"),
        from_inner_("from_inner"),
        tamper_(std::move(tamper)),
        depth_log2_(depth_log2) {
    from_inner_.register_nb_transport_fw(this, &TamperedDevice::forward_request);
    to_inner_.bind(inner_.registers);
    inner_.dma.bind(from_inner_);
  }
  std::uint64_t cycles() const noexcept override { return inner_.cycles(); }

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) override {
    to_inner_->b_transport(trans, delay);
    if (depth_log2_ == 0 || !trans.is_read() || trans.get_address() != PP_REG_CAP0) return;
    std::uint32_t cap0 = 0;
    std::memcpy(&cap0, trans.get_data_ptr(), sizeof cap0);
    cap0 = (cap0 & ~(31U << 16)) | depth_log2_ << 16;
    std::memcpy(trans.get_data_ptr(), &cap0, sizeof cap0);
  }
  tlm::tlm_sync_enum forward_request(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase == tlm::BEGIN_REQ && trans.is_write() && !tamper_(trans)) {
      phase = tlm::END_REQ;
      return tlm::TLM_UPDATED;
    }
    return dma->nb_transport_fw(trans, phase, delay);
  }
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override {
    return from_inner_->nb_transport_bw(trans, phase, delay);
  }

  model::RtlDevice inner_;
  tlm_utils::simple_initiator_socket<TamperedDevice> to_inner_;
  tlm_utils::simple_target_socket<TamperedDevice> from_inner_;
  Tamper tamper_;
  std::uint32_t depth_log2_;
};

class CompareEngine : public ::testing::Test {
 protected:
  CompareEngine() {
    config_.files = {
        testing::write_pages(folder_.path() / "a.pages", testing::mixed_pages(kPages, 3))};
    config_.backends = {"engine:rtl"};
    config_.cost_sweeps = 1;
    config_.idle_pages = 4;
  }
  json compare_tampered(const TamperedDevice::Tamper& tamper, std::uint32_t depth_log2 = 0) {
    BackendTable table;
    table.add("engine:tampered", {.summary = "",
                                  .make_codec = {},
                                  .library = {},
                                  .make_device = [tamper, depth_log2](const EngineSetup& setup)
                                      -> std::unique_ptr<model::Device> {
                                    return std::make_unique<TamperedDevice>(
                                        "tampered", setup.clock_period, tamper, depth_log2);
                                  }});
    config_.backends = {"engine:tampered"};
    return run_compare(config_, {}, table)["backends"][0];
  }
  static json without_host_times(json results) {
    results.erase("created");
    for (json& backend : results["backends"]) backend.erase("host");
    return results;
  }

  testing::TemporaryFolder folder_;
  CompareConfig config_;
};

TEST_F(CompareEngine, EveryPageVerifiesAndTheEngineIsTheBottleneck) {
  config_.backends = {"cpu:lz4", "engine:rtl"};
  const json results = run_compare(config_);
  ASSERT_EQ(results["backends"].size(), 2);
  const json& cpu = results["backends"][0];
  const json& engine = results["backends"][1];
  EXPECT_EQ(engine["verified"], kPages);
  EXPECT_EQ(engine["mismatches"], 0);
  for (const char* key : {"pages", "zero_pages", "same_filled_pages", "bytes_in"}) {
    EXPECT_EQ(engine[key], cpu[key]) << key;
  }
  const json& compress = engine["compress"];
  // One engine at least is the bottleneck, not descriptors, DMA or polling.
  const double cycles = compress["engine_cycles_per_page"]["mean"].get<double>();
  EXPECT_GE(cycles, 256);
  const double bytes_per_cycle = compress["bytes_per_cycle"].get<double>();
  const json& device = engine["device"];
  EXPECT_LE(bytes_per_cycle, device["positions"].get<double>() * device["engines"].get<double>());
  EXPECT_GE(bytes_per_cycle, 0.95 * 4096 / cycles);
  // Alone in the engine a page waits for nobody.
  EXPECT_LT(compress["idle_latency_ns"]["p50"].get<double>(),
            compress["latency_ns"]["p50"].get<double>());
}

TEST_F(CompareEngine, WhatWasStoredComesBack) {
  config_.backends = {"cpu:lz4", "engine:rtl"};
  const json results = run_compare(config_);
  const json& engine = results["backends"][1];
  const json& back = engine["decompress"];
  EXPECT_EQ(back["pages"], kPages * 5 / 8);
  EXPECT_EQ(back["verified"], back["pages"]);
  EXPECT_EQ(back["mismatches"], 0);
  EXPECT_EQ(back["bytes_out"].get<std::size_t>(), back["pages"].get<std::size_t>() * 4096);
  EXPECT_GE(back["bytes_per_cycle"].get<double>(), 8.0);
  EXPECT_GT(back["engine_cycles_per_page"]["mean"].get<double>(), 4096 / 64.0);
  EXPECT_GT(back["sim_gb_per_s"], results["backends"][0]["decompress"]["sim_gb_per_s"]);
  EXPECT_LT(back["idle_latency_ns"]["p50"].get<double>(), back["latency_ns"]["p50"].get<double>());
  EXPECT_GE(back["pages_per_doorbell"].get<double>(),
            4);  // two engines are quick to empty the FIFO
  // A decompression waits for the bus, not for the compressions that are queued.
  EXPECT_LT(back["busy_latency_ns"]["p50"].get<double>(),
            engine["compress"]["latency_ns"]["p50"].get<double>() / 4);
}

TEST_F(CompareEngine, APageThatIsSpoiltOnItsWayBackIsReported) {
  int pages = 0;
  const json backend = compare_tampered([pages](tlm::tlm_generic_payload& trans) mutable {
    // Only what comes back is a page: blocks of these are shorter.
    const bool completion = trans.get_data_length() == PP_CQE_SIZE;
    pp_cqe cqe{};
    if (completion) std::memcpy(&cqe, trans.get_data_ptr(), sizeof(cqe));
    if (cqe.out_len == 4096 && cqe.status == PP_STATUS_OK && ++pages % 20 == 0) {
      trans.get_data_ptr()[offsetof(pp_cqe, crc32c)] ^= 1;
    }
    return true;
  });
  EXPECT_EQ(backend["mismatches"], 0);
  EXPECT_EQ(backend["decompress"]["mismatches"], (kPages * 5 / 8 + config_.idle_pages) / 20);
}

TEST_F(CompareEngine, TheSameInputsGiveTheSameResults) {
  config_.costs = folder_.path() / "costs.json";
  const json first = without_host_times(run_compare(config_));
  const json second = without_host_times(run_compare(config_));
  EXPECT_EQ(first.dump(), second.dump());
}

TEST_F(CompareEngine, EngineFiguresDoNotDependOnMeasuredTimes) {
  const json first = without_host_times(run_compare(config_))["backends"][0];
  const json second = without_host_times(run_compare(config_))["backends"][0];
  EXPECT_EQ(first.dump(), second.dump());
}

// What the worker spends on a page is what the page costs; no step is left out and none is
// measured where it is cheap.
TEST_F(CompareEngine, CpuTimeOfAPageIsWhatTheTimelineCharges) {
  const json results = run_compare(config_);
  const json& compress = results["backends"][0]["compress"];
  const double cpu_ns = compress["cpu_ns_per_page"].get<double>();
  const double per_doorbell = compress["pages_per_doorbell"].get<double>();
  EXPECT_DOUBLE_EQ(cpu_ns, compress["worker_ns_per_page"]["driver"].get<double>());
  EXPECT_NEAR(cpu_ns, 2 + 20 + 30 + 100 / per_doorbell, 1e-6);
  EXPECT_GE(per_doorbell, 8) << "few pages, and the worker finds the first ones one by one";
  EXPECT_EQ(results["provenance"]["backends[engine:*].compress.cpu_ns_per_page"], "assumed");
}

TEST_F(CompareEngine, AnotherCoreScalesTheDriverToo) {
  config_.batch = 1;  // a doorbell each, whenever a page is found
  config_.dequeue_ns = 10;
  const auto cpu_ns = [this](double scale) {
    config_.cost_scale = scale;
    return run_compare(config_)["backends"][0]["compress"]["cpu_ns_per_page"].get<double>();
  };
  EXPECT_DOUBLE_EQ(cpu_ns(1), 10 + 20 + 100 + 30);
  EXPECT_DOUBLE_EQ(cpu_ns(2.5), 25 + 50 + 250 + 75);
}

TEST_F(CompareEngine, SubmittingIsPartOfBothLatencies) {
  const json quick = run_compare(config_)["backends"][0]["compress"];
  config_.doorbell_ns += 10'000;
  const json slow = run_compare(config_)["backends"][0]["compress"];
  for (const char* kind : {"latency_ns", "idle_latency_ns"}) {
    EXPECT_GE(slow[kind]["p50"].get<double>(), quick[kind]["p50"].get<double>() + 8'000) << kind;
  }
}

TEST_F(CompareEngine, AFasterClockIsFasterInTimeNotInCycles) {
  config_.clock_mhz = 500;
  const json slow = run_compare(config_)["backends"][0]["compress"];
  config_.clock_mhz = 1000;
  const json fast = run_compare(config_)["backends"][0]["compress"];
  EXPECT_NEAR(fast["sim_gb_per_s"].get<double>() / slow["sim_gb_per_s"].get<double>(), 2.0, 0.1);
  EXPECT_EQ(fast["engine_cycles_per_page"], slow["engine_cycles_per_page"]);
}

TEST_F(CompareEngine, CorruptedOutputIsReported) {
  int writes = 0;
  const json backend = compare_tampered([writes](tlm::tlm_generic_payload& trans) mutable {
    // Output bursts are long; completions are 32 bytes and must stay whole.
    if (trans.get_data_length() > 256 && ++writes % 40 == 0) trans.get_data_ptr()[200] ^= 1;
    return true;
  });
  EXPECT_GT(backend["mismatches"], 0);
  EXPECT_EQ(backend["verified"].get<std::size_t>() + backend["mismatches"].get<std::size_t>(),
            kPages);
  EXPECT_THAT(backend["mismatch_list"][0]["path"].get<std::string>(), HasSubstr("a.pages"));
}

TEST_F(CompareEngine, AHangIsAnErrorThatNamesTheEngine) {
  config_.watchdog_us = 100;
  int completions = 0;
  try {
    compare_tampered([completions](tlm::tlm_generic_payload& trans) mutable {
      return trans.get_data_length() != 32 || ++completions < 50;
    });
    FAIL() << "the hang went unnoticed";
  } catch (const CompareError& error) {
    EXPECT_THAT(error.what(),
                AllOf(HasSubstr("engine:tampered"), HasSubstr("no completion for 100 us")));
  }
}

// Here kswapd is always ready to run when the worker gives up.
TEST_F(CompareEngine, AHangWhileKswapdIsBusyIsAnErrorToo) {
  config_.idle_pages = 0;
  config_.watchdog_us = 5;
  config_.full_wait_ns = 1;
  config_.fifo_entries = 2;
  config_.link_memory_latency_ns = 1e6;
  try {
    (void)run_compare(config_);
    FAIL() << "the hang went unnoticed";
  } catch (const CompareError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("engine:rtl"), HasSubstr("no completion for 5 us")));
  }
}

TEST_F(CompareEngine, ASlowLinkIsNotAHang) {
  config_.link_downstream_bytes_per_ns = 2.5;  // 1.6 us a page, 100 us for all in flight
  config_.watchdog_us = 20;
  config_.idle_pages = 0;  // a page fault alone would wait longer for all that is on its way
  const json backend = run_compare(config_)["backends"][0];
  EXPECT_EQ(backend["verified"], kPages);
  EXPECT_GT(backend["compress"]["latency_ns"]["p50"].get<double>(), 52'000 + 20'000);
}

TEST_F(CompareEngine, CyclesAreThoseOfTheClockAsSimulated) {
  EXPECT_EQ(clock_period(1000), sc_core::sc_time(1, sc_core::SC_NS));
  EXPECT_EQ(clock_period(3000), sc_core::sc_time(333, sc_core::SC_PS));
  EXPECT_EQ(clock_period(7000), sc_core::sc_time(143, sc_core::SC_PS));
}

TEST_F(CompareEngine, ADepthThatTheEngineDoesNotHaveIsAnError) {
  config_.depth = 64;
  try {
    (void)compare_tampered([](tlm::tlm_generic_payload&) { return true; }, 5);
    FAIL() << "rings of 32 entries took 64";
  } catch (const CompareError& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("engine:tampered"), HasSubstr("sq_depth 64")));
  }
}

}  // namespace
}  // namespace pagepress::sim
