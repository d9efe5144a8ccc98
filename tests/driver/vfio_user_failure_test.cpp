// SPDX-License-Identifier: Apache-2.0
// A vfio-user server that dies, falls silent or breaks the protocol while it is in use: the
// client has a clear error, touches nothing more, and can open another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pagepress/device.hpp>
#include <pagepress/monotonic_clock.hpp>
#include <pagepress/vfio_user.hpp>

#include <chrono>
#include <cstring>
#include <thread>

#include "tests/driver/fake_vfio_server.hpp"

namespace pagepress {
namespace {

using test::FakeVfioServer;
using ::testing::HasSubstr;
using vfio_user::Command;

constexpr std::uint64_t kShort = 100'000'000;  // [ns]

void expect_failed(VfioUserBus& bus, const std::string& reason) {
  EXPECT_EQ(bus.read32(PP_REG_ID), ~0u);
  bus.write32(PP_REG_CTRL, PP_CTRL_ENABLE);
  bus.write32(PP_DOORBELL_BASE, 1);
  EXPECT_TRUE(bus.failed());
  EXPECT_THAT(bus.failure(), HasSubstr(reason));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(bus.wait_interrupt(0, 60'000'000'000));
  std::array<std::byte, 64> memory{};
  EXPECT_THROW(bus.map(memory.data(), memory.size(), true), DeviceError);
  EXPECT_THROW(bus.reset(), DeviceError);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(VfioUserFailure, AServerThatDiesIsADeviceThatIsGone) {
  FakeVfioServer server;
  VfioUserBus bus(server.path());
  std::array<std::byte, 64> memory{};
  const Iova iova = bus.map(memory.data(), memory.size(), true);
  void* shared = bus.memory().allocate(4096, 4096);
  const Iova shared_iova = bus.map(shared, 4096, true);
  server.die();
  expect_failed(bus, "closed the connection");
  bus.unmap(iova, memory.size());
  bus.unmap(shared_iova, 4096);
  std::memset(shared, 1, 4096);
  bus.memory().release(shared);

  FakeVfioServer next;
  VfioUserBus again(next.path());
  EXPECT_EQ(again.read32(PP_REG_ID), PP_ID_VALUE);
}

TEST(VfioUserFailure, TheDriverSaysThatTheDeviceIsGone) {
  FakeVfioServer server;
  VfioUserBus bus(server.path());
  MonotonicClock clock;
  Device device(bus, clock);
  server.die();
  try {
    device.reset();
    ADD_FAILURE() << "the reset succeeded";
  } catch (const DeviceError& error) {
    EXPECT_EQ(error.fault(), DeviceFault::kNotPresent);
  }
}

TEST(VfioUserFailure, ASilentServerTimesOutOnce) {
  std::atomic<bool> silent{false};
  FakeVfioServer server({.tamper = [&](Command, FakeVfioServer::Reply&) {
    return silent ? FakeVfioServer::Action::kDrop : FakeVfioServer::Action::kSend;
  }});
  VfioUserBus bus(server.path(), {.reply_timeout_ns = kShort});
  silent = true;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(bus.read32(PP_REG_ID), ~0u);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
  expect_failed(bus, "no answer to REGION_READ for 100 ms");
}

TEST(VfioUserFailure, AWaiterForAnInterruptIsWoken) {
  FakeVfioServer server;
  VfioUserBus bus(server.path());
  std::thread waiter([&] { EXPECT_FALSE(bus.wait_interrupt(0, 60'000'000'000)); });
  server.die();
  waiter.join();
}

TEST(VfioUserFailure, AClientComesBackToTheSameServer) {
  FakeVfioServer server;
  for (unsigned i = 1; i <= 20; ++i) {
    VfioUserBus bus(server.path());
    void* shared = bus.memory().allocate(4096, 4096);
    bus.map(shared, 4096, true);  // and goes without a word
    EXPECT_EQ(bus.read32(PP_REG_ID), PP_ID_VALUE);
    EXPECT_EQ(server.clients, i);
    bus.memory().release(shared);
  }
}

// What a server can send by itself.
struct Unasked {
  const char* name;
  FakeVfioServer::Reply message;
  std::size_t most = ~std::size_t{0};
  const char* reason;
};

FakeVfioServer::Reply message(std::uint16_t command, std::uint32_t flags, std::size_t payload,
                              std::vector<int> fds = {}) {
  return {.header = {.id = 77,
                     .command = command,
                     .size = static_cast<std::uint32_t>(sizeof(vfio_user::Header) + payload),
                     .flags = flags,
                     .error = 0},
          .payload = std::vector<std::byte>(payload),
          .fds = std::move(fds)};
}

TEST(VfioUserFailure, BreachesOfTheProtocolFailTheBus) {
  FakeVfioServer::Reply tiny = message(vfio_user::kDmaRead, 0, 0);
  tiny.header.size = 8;
  FakeVfioServer::Reply huge = message(vfio_user::kDmaRead, 0, 0);
  huge.header.size = 1u << 30;
  FakeVfioServer::Reply lying = message(vfio_user::kDmaWrite, 0, 16 + 8);
  const vfio_user::DmaAccessBody access{.address = 0, .count = 4};
  std::memcpy(lying.payload.data(), &access, sizeof(access));
  const std::vector<Unasked> all = {
      {"a reply", message(vfio_user::kRegionRead, 1, 0), ~0ul, "nobody waits for"},
      {"a type", message(vfio_user::kDmaRead, 5, 16), ~0ul, "a message of type 5"},
      {"tiny", tiny, ~0ul, "a message of 8 bytes"},
      {"huge", huge, ~0ul, "a message of 1073741824 bytes"},
      {"DMA_READ without a body", message(vfio_user::kDmaRead, 0, 3), ~0ul, "of 3 bytes"},
      {"DMA_READ with data", message(vfio_user::kDmaRead, 0, 17), ~0ul, "1 bytes of data"},
      {"DMA_WRITE with other data", lying, ~0ul, "4 bytes with 8 bytes of data"},
      {"a command with a file", message(vfio_user::kDmaRead, 0, 16, {0}), ~0ul, "descriptors"},
  };
  for (const Unasked& unasked : all) {
    FakeVfioServer server;
    VfioUserBus bus(server.path());
    server.run([&] { server.send(unasked.message, unasked.most); });
    for (int i = 0; i < 5000 && !bus.failed(); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    SCOPED_TRACE(unasked.name);
    expect_failed(bus, unasked.reason);
  }
}

TEST(VfioUserFailure, AMessageThatNeverEndsTimesOut) {
  FakeVfioServer server;
  VfioUserBus bus(server.path(), {.reply_timeout_ns = kShort});
  server.run([&] { server.send(message(vfio_user::kDmaRead, 0, 16), 20); });
  for (int i = 0; i < 5000 && !bus.failed(); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  expect_failed(bus, "the rest of a message does not come");
}

TEST(VfioUserFailure, AnUnknownCommandIsRefusedAndNoMore) {
  FakeVfioServer server;
  VfioUserBus bus(server.path());
  server.run([&] {
    server.send(message(99, vfio_user::kFlagNoReply, 40));
    server.send(message(vfio_user::kDmaRead, vfio_user::kFlagNoReply, 16));
  });
  EXPECT_EQ(bus.read32(PP_REG_ID), PP_ID_VALUE);
  EXPECT_EQ(bus.counters().refused_dma, 2u);
  EXPECT_FALSE(bus.failed());
}

TEST(VfioUserFailure, EveryReplyMayBeTheLast) {
  // A client opens, maps, reads, unmaps; the server dies at its nth reply.
  for (unsigned last = 0; last < 30; ++last) {
    std::atomic<unsigned> replies{0};
    FakeVfioServer server({.tamper = [&](Command, FakeVfioServer::Reply&) {
      return replies++ == last ? FakeVfioServer::Action::kClose : FakeVfioServer::Action::kSend;
    }});
    try {
      VfioUserBus bus(server.path());
      void* shared = bus.memory().allocate(4096, 4096);
      const Iova iova = bus.map(shared, 4096, true);
      (void)bus.read32(PP_REG_ID);
      bus.unmap(iova, 4096);
      bus.memory().release(shared);
      EXPECT_EQ(bus.failed(), replies > last) << bus.failure();
    } catch (const DeviceError& error) {
      EXPECT_EQ(error.fault(), DeviceFault::kNotPresent) << error.what();
    }
  }
}

}  // namespace
}  // namespace pagepress
