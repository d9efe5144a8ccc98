// SPDX-License-Identifier: Apache-2.0
// What `pagepress reclaim` refuses before it opens or measures anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "sim/experiment/reclaim.hpp"
#include "sim/reclaim/scenario/load.hpp"
#include "tests/sim/thrown.hpp"

namespace pagepress::sim {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class ReclaimCheck : public ::testing::Test {
 protected:
  ReclaimCheck() {
    config_.files = {"a.pages"};
    config_.scenario = reclaim::load_scenario("tiny");
  }
  std::string error() {
    return testing::thrown<ConfigError>([this] { check(config_); });
  }
  ReclaimConfig config_;
};

TEST_F(ReclaimCheck, TakesAShippedScenario) { EXPECT_NO_THROW(check(config_)); }

TEST_F(ReclaimCheck, PoliciesOfTheRun) {
  config_.scenario.policies = {"kswapd", "kreclaimd"};
  EXPECT_THAT(error(), AllOf(HasSubstr("policy 'kreclaimd'"), HasSubstr("kcompressd")));
  config_.scenario.policies = {"kswapd", "engine", "kswapd"};
  EXPECT_THAT(error(), HasSubstr("policy 'kswapd': is there twice"));
}

TEST_F(ReclaimCheck, PoliciesOfTheGridIfThereIsOne) {
  config_.scenario.grid.policies = {"engine@depth=48"};
  EXPECT_THAT(error(), HasSubstr("depth: 48 is not a power of two"));
  config_.grid = false;
  EXPECT_NO_THROW(check(config_));
}

TEST_F(ReclaimCheck, PointsOfTheGrid) {
  config_.scenario.workload.programs[0].threads = 1000;
  config_.scenario.grid.pressures = {1.0, 0.1};
  EXPECT_THAT(error(), AllOf(HasSubstr("grid, at speed 1 and pressure 0.1"),
                             HasSubstr("1000 threads have only 512 pages")));
}

TEST_F(ReclaimCheck, LengthOfTimelines) {
  config_.trace_s = 1e300;
  EXPECT_THAT(error(), HasSubstr("the trace must begin"));
  config_.trace_s = 0.5;
  config_.trace_from_s = -1;
  EXPECT_THAT(error(), HasSubstr("the trace must begin"));
}

}  // namespace
}  // namespace pagepress::sim
