// SPDX-License-Identifier: Apache-2.0
// Probe, reset, error log and time-outs of a device.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pagepress/device.hpp>

#include "tests/driver/fake_device.hpp"
#include "tests/driver/support.hpp"

namespace pagepress {
namespace {

using test::FakeDevice;
using test::ManualClock;
using ::testing::HasSubstr;

// What probing `bus` throws: its fault and message.
std::pair<DeviceFault, std::string> probe_error(FakeDevice& bus) {
  ManualClock clock;
  try {
    const Device device(bus, clock);
  } catch (const DeviceError& error) {
    return {error.fault(), error.what()};
  }
  ADD_FAILURE() << "the device was accepted";
  return {};
}

TEST(DeviceProbe, RefusesWhatIsNotThere) {
  FakeDevice bus;
  bus.misbehave.gone = true;
  const auto [fault, message] = probe_error(bus);
  EXPECT_EQ(fault, DeviceFault::kNotPresent);
  EXPECT_THAT(message, HasSubstr("PP_REG_ID reads all ones"));
}

TEST(DeviceProbe, RefusesAnotherDevice) {
  FakeDevice bus({.id = 0xdeadbeef});
  const auto [fault, message] = probe_error(bus);
  EXPECT_EQ(fault, DeviceFault::kNotPresent);
  EXPECT_THAT(message, HasSubstr("0xdeadbeef"));
}

TEST(DeviceProbe, RefusesAnotherMajorVersion) {
  FakeDevice bus({.version = 2u << 16 | 3u});
  const auto [fault, message] = probe_error(bus);
  EXPECT_EQ(fault, DeviceFault::kUnsupported);
  EXPECT_THAT(message, HasSubstr("contract 2.3"));
}

TEST(DeviceProbe, AcceptsALaterMinorVersion) {
  FakeDevice bus({.version = PP_VERSION_MAJOR << 16 | 99u});
  ManualClock clock;
  const Device device(bus, clock);
  EXPECT_EQ(device.capabilities().version_minor, 99u);
}

TEST(DeviceProbe, RefusesADeviceThatCannotCompressPages) {
  for (const FakeDevice::Identity& lacking :
       {FakeDevice::Identity{.algorithms = 1u << 5},
        FakeDevice::Identity{.operations = 1u << PP_OP_DECOMPRESS},
        FakeDevice::Identity{.queues = 0}, FakeDevice::Identity{.unit_log2 = 9},
        FakeDevice::Identity{.depth_log2 = 0}, FakeDevice::Identity{.depth_log2 = 16}}) {
    FakeDevice bus(lacking);
    const auto [fault, message] = probe_error(bus);
    EXPECT_EQ(fault, DeviceFault::kUnsupported) << message;
    EXPECT_THAT(message, HasSubstr("PP_REG_CAP"));
  }
}

TEST(DeviceProbe, ReadsCapabilitiesAndResets) {
  FakeDevice bus;
  ManualClock clock;
  const Device device(bus, clock);
  const Capabilities& caps = device.capabilities();
  EXPECT_EQ(caps.queues, FakeDevice::kQueues);
  EXPECT_EQ(caps.engines, 1u);
  EXPECT_EQ(caps.depth_log2, 15u);
  EXPECT_EQ(caps.unit_log2, 12u);
  EXPECT_EQ(caps.positions, 8u);
  EXPECT_EQ(caps.align_log2, 6u);
  EXPECT_EQ(caps.vectors, FakeDevice::kVectors);
  EXPECT_TRUE(caps.has(PP_FEAT_CRC32C | PP_FEAT_SAME_FILLED));
  EXPECT_FALSE(caps.has(PP_FEAT_CRC32C | PP_FEAT_PAUSE));
  EXPECT_EQ(bus.resets, 1u);
}

TEST(DeviceReset, TimesOutAndNamesTheRegister) {
  FakeDevice bus;
  bus.misbehave.reset_sticks = true;
  const auto [fault, message] = probe_error(bus);
  EXPECT_EQ(fault, DeviceFault::kTimeout);
  EXPECT_THAT(message, HasSubstr("PP_REG_CTRL after reset"));
}

TEST(DeviceReset, NoticesADeviceThatGoesAway) {
  FakeDevice bus;
  ManualClock clock;
  Device device(bus, clock);
  bus.misbehave.gone = true;
  EXPECT_THROW(
      {
        try {
          device.reset();
        } catch (const DeviceError& error) {
          EXPECT_EQ(error.fault(), DeviceFault::kNotPresent);
          throw;
        }
      },
      DeviceError);
  EXPECT_EQ(clock.pauses, 0u) << "all ones need no second look";
}

TEST(DeviceDisable, WaitsUntilIdle) {
  FakeDevice bus;
  ManualClock clock;
  Device device(bus, clock);
  device.enable();
  EXPECT_TRUE(bus.enabled());
  bus.misbehave.never_idle = true;
  clock.on_pause = [&] { bus.misbehave.never_idle = clock.pauses < 5; };
  device.disable();
  EXPECT_FALSE(bus.enabled());
  EXPECT_EQ(clock.pauses, 5u);
}

TEST(DeviceDisable, TheDestructorDoesNotHangOnABusyDevice) {
  FakeDevice bus;
  ManualClock clock;
  const std::uint64_t start = clock.now_ns();
  {
    Device device(bus, clock, {.register_timeout_ns = 5'000'000});
    device.enable();
    bus.misbehave.never_idle = true;
  }
  EXPECT_GE(clock.now_ns() - start, 5'000'000u);
  EXPECT_LE(clock.now_ns() - start, 6'000'000u);
}

TEST(DeviceErrorLog, PopsOldestFirst) {
  FakeDevice bus;
  ManualClock clock;
  Device device(bus, clock);
  bus.log_error(PP_ERR_SQ_FETCH, 1, 17, 0x1234567890);
  bus.log_error(PP_ERR_DOORBELL_RANGE, 0, PP_DB_SQ_TAIL, 99);
  const auto first = device.pop_error();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->condition, PP_ERR_SQ_FETCH);
  EXPECT_EQ(first->queue, 1u);
  EXPECT_EQ(first->index, 17u);
  EXPECT_EQ(first->address, 0x1234567890u);
  EXPECT_THAT(device.drain_errors(), HasSubstr("sq_tail doorbell out of range"));
  EXPECT_FALSE(device.pop_error());
  EXPECT_EQ(device.drain_errors(), "error log empty");
}

TEST(DeviceErrorLog, DrainingEndsOnALogThatNeverEmpties) {
  FakeDevice bus;
  ManualClock clock;
  Device device(bus, clock);
  bus.log_error(PP_ERR_ENGINE, 0, 0, 0);
  bus.misbehave.endless_errors = true;
  EXPECT_THAT(device.drain_errors(), HasSubstr("internal check of an engine"));
}

TEST(DeviceCounters, AreReadAs64Bits) {
  FakeDevice bus;
  ManualClock clock;
  Device device(bus, clock);
  EXPECT_EQ(device.counter(PP_PERF_SCOPE_DEVICE, 0, PP_PERF_COMPLETED), 0x0123456789abcdefu);
}

TEST(DeviceCounters, AreRefusedWithoutTheFeature) {
  FakeDevice bus({.features = 0});
  ManualClock clock;
  Device device(bus, clock);
  EXPECT_THROW((void)device.counter(0, 0, 0), DeviceError);
  EXPECT_FALSE(device.pop_error());
}

}  // namespace
}  // namespace pagepress
