// SPDX-License-Identifier: Apache-2.0
// The swap device: when requests end, alone and together, and which page a slot has.
#include "sim/reclaim/swap/swap_device.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/reclaim/conservation.hpp"
#include "sim/reclaim/cpu/scheduler.hpp"
#include "tests/reclaim/simulated.hpp"

namespace pagepress::reclaim {
namespace {

using nlohmann::json;

// Latency 100 and 200 us; a page's data take 4 us, or 8.
SwapDeviceConfig config(std::uint64_t queue_depth) {
  SwapDeviceConfig device;
  device.read_latency_ns = 100'000;
  device.write_latency_ns = 200'000;
  device.read_bytes_per_ns = 1.024;
  device.write_bytes_per_ns = 0.512;
  device.queue_depth = queue_depth;
  return device;
}

void wait(Ns ns) { sc_core::wait(static_cast<double>(ns), sc_core::SC_NS); }

// What `body` returns, in a process of the simulation; times at which writes ended are in "ended".
json run(std::uint64_t queue_depth, const std::function<json(SwapDevice&)>& body) {
  return simulated([&] {
    json ended = json::array();
    SwapDevice device(config(queue_depth), [&](const SwapDevice::Write& write, WriteEnd end) {
      ended.push_back({write.page, static_cast<int>(end), now_ns()});
    });
    json result;
    std::string error;
    sc_core::sc_spawn([&] {
      try {
        result["result"] = body(device);
      } catch (const ConservationError& caught) {
        result["error"] = caught.what();
      }
    });
    sc_core::sc_start();
    result["ended"] = ended;
    return result;
  });
}

json stored(PageId page, Ns at) { return {page, WriteEnd::kStored, at}; }

TEST(SwapDevice, ARequestAloneTakesLatencyAndData) {
  const json result = run(32, [](SwapDevice& device) -> json {
    device.write(1, 10, 0, true);
    const Ns first = device.read();
    wait(1'000'000);
    return {first, device.read(), device.writing()};
  });
  EXPECT_EQ(result["result"], json({104'000, 104'000, 0}));
  EXPECT_EQ(result["ended"], json::array({stored(10, 208'000)}));
}

TEST(SwapDevice, ManyTogetherGetTheBandwidth) {
  const json result = run(32, [](SwapDevice& device) -> json {
    json reads;
    for (int i = 0; i != 3; ++i) reads.push_back(device.read());
    for (PageId page = 0; page != 3; ++page) device.write(page + 1, page, 0, true);
    return reads;
  });
  EXPECT_EQ(result["result"], json({104'000, 108'000, 112'000}));
  EXPECT_EQ(result["ended"],
            json::array({stored(0, 208'000), stored(1, 216'000), stored(2, 224'000)}));
}

TEST(SwapDevice, APlaceInItsQueueHasToBeFree) {
  const json result = run(2, [](SwapDevice& device) -> json {
    json reads;
    for (int i = 0; i != 5; ++i) reads.push_back(device.read());
    wait(110'000);  // the first two have ended
    reads.push_back(device.read());
    return reads;
  });
  EXPECT_EQ(result["result"],
            json({104'000, 108'000, 208'000, 212'000, 312'000, 312'000 + 4'000 - 110'000}));
}

TEST(SwapDevice, IsBusyByThePlacesThatAreHeld) {
  const json result = run(2, [](SwapDevice& device) -> json {
    json busy;
    const auto note = [&] { busy.push_back(device.busy_ns()); };
    for (int i = 0; i != 3; ++i) (void)device.read();  // the third gets a place at 104 us
    wait(50'000);
    note();
    wait(56'000);  // 106 us: of the second's 108 us, two of the third's
    note();
    wait(1'000'000);
    note();
    (void)device.read();
    wait(10'000);
    note();
    return busy;
  });
  const Ns all = 104'000 + 108'000 + 104'000;
  EXPECT_EQ(result["result"], json({100'000, 104'000 + 106'000 + 2'000, all, all + 10'000}));
}

TEST(SwapDevice, ASlotHasWhatWasWrittenLast) {
  const json result = run(32, [](SwapDevice& device) -> json {
    device.write(3, 10, 1, true);
    device.write(3, 11, 7, true);
    wait(1'000'000);
    device.expect(3, 11, 7);
    device.expect(3, 11, 8);
    return {};
  });
  EXPECT_EQ(result["error"],
            "page 11 version 8 is to be in slot 3 of the swap device, where page 11 version 7 is");
}

TEST(SwapDevice, WhatIsOnItsWayIsNotThereYet) {
  const json result = run(32, [](SwapDevice& device) -> json {
    device.write(3, 10, 1, true);
    device.expect(3, 10, 1);
    return {};
  });
  EXPECT_THAT(result["error"].get<std::string>(), testing::HasSubstr("where nothing is"));
}

TEST(SwapDevice, AFailureIsToldOutsideOfTheCallAndHoldsUpNothing) {
  const json result = run(32, [](SwapDevice& device) -> json {
    device.write(1, 10, 0, true);
    wait(100);
    device.fail(11, 0);
    return {};
  });
  EXPECT_EQ(result["ended"],
            json::array({json({11, WriteEnd::kFailed, 100}), stored(10, 208'000)}));
}

}  // namespace
}  // namespace pagepress::reclaim
