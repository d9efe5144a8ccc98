// SPDX-License-Identifier: Apache-2.0
// That the measurement of the driver's own cost measures something plausible.
#include <gtest/gtest.h>
#include <pagepress/measure.hpp>

#include <stdexcept>

#include "tests/driver/eal_memory.hpp"

namespace pagepress {
namespace {

TEST(DriverCost, EveryStepCostsSomeNanosecondsAndNoMicroseconds) {
  const DriverCost cost = measure_driver_cost(test::eal_memory());
  // Wide bounds: sanitizers and other loads slow this down, by tens not by thousands.
  for (const double ns :
       {cost.enqueue_ns, cost.dequeue_ns, cost.submit_ns, cost.completion_ns, cost.empty_poll_ns}) {
    EXPECT_GT(ns, 0.1);
    EXPECT_LT(ns, 20'000.0);
  }
}

TEST(DriverCost, ABatchOfOneCostsMoreThanABatchOf32) {
  const MeasureConfig ones{.batch = 1, .batches = 1024, .runs = 50};
  const DriverCost single = measure_driver_cost(test::eal_memory(), ones);
  const DriverCost batched = measure_driver_cost(test::eal_memory());
  EXPECT_GT(single.submit_ns, batched.submit_ns) << "doorbell and clock are shared by a batch";
}

TEST(DriverCost, RefusesWhatNoRingHolds) {
  const auto measure = [](unsigned batch, unsigned batches, unsigned runs) {
    (void)measure_driver_cost(test::eal_memory(),
                              {.batch = batch, .batches = batches, .runs = runs});
  };
  EXPECT_THROW(measure(0, 1, 1), std::invalid_argument);
  EXPECT_THROW(measure(32, 2000, 1), std::invalid_argument);
  EXPECT_THROW(measure(1, 1, 0), std::invalid_argument);
  EXPECT_NO_THROW(measure(1, 1, 1));
}

}  // namespace
}  // namespace pagepress
