// SPDX-License-Identifier: Apache-2.0
// compare with devices of 1 to 8 engines and every width: all pages verify, both ways, and the
// device says of itself what was asked for. The RTL is built with one geometry and says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/experiment/compare.hpp"
#include "tests/sim/pages.hpp"
#include "tests/sim/thrown.hpp"

namespace pagepress::sim {
namespace {

using nlohmann::json;
using ::testing::AllOf;
using ::testing::HasSubstr;

class CompareGeometry : public ::testing::Test {
 protected:
  CompareGeometry() {
    config_.files = {testing::write_pages(folder_.path() / "a.pages", testing::mixed_pages(64, 3))};
    config_.backends = {"engine:fast"};
    config_.idle_pages = 2;
  }
  std::string error() {
    return testing::thrown<ConfigError>([&] { return run_compare(config_); });
  }

  testing::TemporaryFolder folder_;
  CompareConfig config_;
};

TEST_F(CompareGeometry, EveryNumberOfEnginesAndEveryWidth) {
  double one_engine = 0;
  for (const unsigned w : {8u, 16u, 32u}) {
    for (const unsigned engines : {1u, 2u, 4u, 8u}) {
      config_.w = w;
      config_.engines = engines;
      const json results = run_compare(config_);
      const json& backend = results["backends"][0];
      EXPECT_EQ(count_mismatches(results), 0);
      EXPECT_EQ(backend["verified"], 64);
      EXPECT_EQ(backend["device"]["engines"], engines);
      EXPECT_EQ(backend["device"]["positions"], w);
      const double rate = backend["compress"]["sim_gb_per_s"];
      if (engines == 1) one_engine = rate;
      if (engines == 2 && w == 8) EXPECT_GT(rate, 1.5 * one_engine);
    }
  }
}

TEST_F(CompareGeometry, TheRtlHasOneOnly) {
  config_.backends = {"cpu:lz4", "engine:rtl"};
  config_.engines = 4;
  EXPECT_THAT(error(), AllOf(HasSubstr("engine.engines = 4"), HasSubstr("engine:rtl"),
                             HasSubstr("with 2"), HasSubstr("engine:fast takes other values")));
  config_.engines = 2;
  config_.w = 8;
  EXPECT_THAT(error(), HasSubstr("engine.w = 8"));
}

TEST_F(CompareGeometry, ValuesThatNoDeviceHas) {
  config_.w = 24;
  EXPECT_THAT(error(), HasSubstr("engine.w must be a power of two, is 24"));
  config_.w = 64;
  EXPECT_THAT(error(), HasSubstr("engine.w must be between 8 and 32"));
  config_.w = 16;
  config_.engines = 9;
  EXPECT_THAT(error(), HasSubstr("engine.engines must be between 1 and 8"));
}

}  // namespace
}  // namespace pagepress::sim
