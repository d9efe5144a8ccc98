// SPDX-License-Identifier: Apache-2.0
// A vfio-user server that is as it should be: registers, doorbells and interrupts, and the driver
// on top of them.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <linux/pci_regs.h>
#include <pagepress/codecs.hpp>
#include <pagepress/device.hpp>
#include <pagepress/monotonic_clock.hpp>
#include <pagepress/vfio_user.hpp>

#include <cstring>
#include <thread>

#include "tests/driver/fake_vfio_server.hpp"
#include "tests/driver/support.hpp"

namespace pagepress {
namespace {

using test::FakeVfioServer;
using test::PageData;

constexpr std::uint64_t kTail = PP_DOORBELL_BASE + PP_DB_SQ_TAIL;

TEST(VfioUserOpen, FindsAndEnablesTheFunction) {
  FakeVfioServer server;
  const VfioUserBus bus(server.path());
  EXPECT_FALSE(bus.failed());
  EXPECT_EQ(bus.failure(), "");
  EXPECT_EQ(bus.vectors(), 3u);
  EXPECT_EQ(bus.mapped_doorbells(), test::FakeDevice::kQueues);
  server.run([&] {
    EXPECT_EQ(std::to_integer<unsigned>(server.config_space[PCI_COMMAND]),
              unsigned{PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER});
    EXPECT_EQ(std::to_integer<unsigned>(server.config_space[0x83]), 0x80u) << "MSI-X enabled";
    EXPECT_EQ(server.eventfds.size(), 3u);
  });
}

TEST(VfioUserOpen, TakesAsManyVectorsAsAsked) {
  FakeVfioServer server({.vectors = 9});
  {
    const VfioUserBus bus(server.path(), {.max_vectors = 4});
    EXPECT_EQ(bus.vectors(), 4u);
    server.run([&] { EXPECT_EQ(server.eventfds.size(), 4u) << "two a message"; });
  }
  const VfioUserBus bus(server.path(), {.max_vectors = 0});
  EXPECT_EQ(bus.vectors(), 0u);
}

TEST(VfioUserRegisters, AreReadAndWritten) {
  FakeVfioServer server;
  VfioUserBus bus(server.path());
  EXPECT_EQ(bus.read32(PP_REG_ID), PP_ID_VALUE);
  bus.write32(PP_REG_CTRL, PP_CTRL_ENABLE);
  server.run([&] { EXPECT_TRUE(server.device().enabled()); });
}

TEST(VfioUserRegisters, ARefusedReadIsAllOnesAndNoMore) {
  FakeVfioServer server({.tamper = [](vfio_user::Command command, FakeVfioServer::Reply& reply) {
    if (command == vfio_user::kRegionRead && reply.payload.size() == 20 &&
        reply.payload[0] == std::byte{PP_REG_CAP0}) {
      reply.payload.clear();
      reply.header.size = sizeof(reply.header);
      reply.header.flags |= vfio_user::kFlagError;
    }
    return FakeVfioServer::Action::kSend;
  }});
  VfioUserBus bus(server.path());
  EXPECT_EQ(bus.read32(PP_REG_CAP0), ~0u);
  EXPECT_EQ(bus.counters().refused_accesses, 1u);
  EXPECT_EQ(bus.read32(PP_REG_ID), PP_ID_VALUE);
}

TEST(VfioUserDoorbells, AreStoresWhereTheServerSharesThem) {
  FakeVfioServer server;
  VfioUserBus bus(server.path());
  const std::uint64_t before = bus.counters().messages;
  bus.write32(kTail, 7);
  EXPECT_EQ(bus.counters().messages, before);
  // The queue does not run, so the device complains: it has seen it.
  for (int i = 0; i < 5000 && bus.read32(PP_REG_ERR_STATUS) == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(bus.read32(PP_REG_ERR_COND), PP_ERR_DOORBELL_DISABLED);
}

TEST(VfioUserDoorbells, AreMessagesWhereTheyCannotBeStores) {
  for (const bool shared : {false, true}) {
    FakeVfioServer server({.share_doorbells = shared, .seal_doorbells = false});
    VfioUserBus bus(server.path());
    EXPECT_EQ(bus.mapped_doorbells(), 0u) << "a file that can shrink is none to store to";
    bus.write32(kTail, 7);
    EXPECT_EQ(bus.read32(PP_REG_ERR_COND), PP_ERR_DOORBELL_DISABLED);
  }
  FakeVfioServer server;
  const VfioUserBus bus(server.path(), {.map_doorbells = false});
  EXPECT_EQ(bus.mapped_doorbells(), 0u);
}

TEST(VfioUserInterrupts, AreCountedOnceHoweverOftenRaised) {
  FakeVfioServer server;
  VfioUserBus bus(server.path());
  EXPECT_FALSE(bus.wait_interrupt(1, 1'000'000));
  server.run([&] {
    server.raise(1);
    server.raise(1);
  });
  EXPECT_FALSE(bus.wait_interrupt(0, 1'000'000));
  EXPECT_TRUE(bus.wait_interrupt(1, 1'000'000'000));
  EXPECT_FALSE(bus.wait_interrupt(1, 1'000'000));
  EXPECT_FALSE(bus.wait_interrupt(99, 1'000'000'000)) << "there is no such vector";
}

TEST(VfioUserInterrupts, WakeAWaiter) {
  FakeVfioServer server;
  VfioUserBus bus(server.path());
  std::thread waiter([&] { EXPECT_TRUE(bus.wait_interrupt(2, 10'000'000'000)); });
  server.run([&] { server.raise(2); });
  waiter.join();
}

TEST(VfioUserReset, ResetsAndEnablesAnew) {
  FakeVfioServer server;
  VfioUserBus bus(server.path());
  server.run([&] { server.config_space[4] = std::byte{0}; });
  bus.reset();
  server.run([&] {
    EXPECT_EQ(server.resets, 1u);
    EXPECT_EQ(server.config_space[4], std::byte{6});
  });
}

TEST(VfioUserRegisters, ServeManyThreads) {
  FakeVfioServer server;
  VfioUserBus bus(server.path());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 200; ++n) {
        ASSERT_EQ(bus.read32(PP_REG_ID), PP_ID_VALUE);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

// The whole driver over a server that shares memory and doorbells, and over one that shares
// nothing.
class VfioUserDriver : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Memory, VfioUserDriver, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Shared" : "Messages"; });

TEST_P(VfioUserDriver, CompressesPages) {
  constexpr std::size_t kPages = 100;
  const bool shared = GetParam();
  FakeVfioServer server(
      {.share_doorbells = shared,
       .capabilities = fmt::format(R"({{"capabilities":{{"max_msg_fds":{}}}}})", shared ? 8 : 0)});
  std::vector<PageData> pages;
  for (unsigned i = 0; i < kPages; ++i) {
    pages.push_back(i % 7 == 0 ? test::filled_page(i) : test::text_page(i));
  }
  VfioUserBus bus(server.path());
  MonotonicClock clock;
  Device device(bus, clock);
  DmaMap map(bus);
  map.add_source(std::as_bytes(std::span(pages)));
  DmaBuffer destinations(map, bus.memory(), kPages * kPageSize);
  for (int restart = 0; restart < 2; ++restart) {
    QueuePair queue(device, map, bus.memory(), {.sq_depth = 16, .cq_depth = 16});
    const auto codec = make_engine_codec("engine:fake", queue, map);
    std::size_t submitted = 0;
    std::size_t completed = 0;
    while (completed < kPages) {
      if (submitted < kPages) {
        const Request request{.src = pages[submitted].data(),
                              .dst = destinations.data() + submitted * kPageSize,
                              .capacity = kPageSize,
                              .tag = submitted};
        submitted += codec->submit({&request, 1});
      }
      Completion done;
      if (codec->poll({&done, 1}) == 0) {
        continue;
      }
      ++completed;
      if (done.tag % 7 == 0) {
        EXPECT_EQ(done.status, Status::kSameFilled);
        EXPECT_EQ(done.info, done.tag);
        continue;
      }
      ASSERT_EQ(done.status, Status::kOk);
      const auto lz4 = make_cpu_lz4();
      PageData out;
      const std::uint64_t page = done.tag;
      const Request back{.src = destinations.data() + page * kPageSize,
                         .dst = out.data(),
                         .capacity = kPageSize,
                         .operation = Operation::kDecompress,
                         .src_len = done.out_len};
      ASSERT_EQ(lz4->submit({&back, 1}), 1u);
      ASSERT_EQ(lz4->poll({&done, 1}), 1u);
      EXPECT_EQ(out, pages[page]);
    }
  }
  EXPECT_GE(bus.counters().dma_reads, kPages) << "pages are of ordinary memory";
  EXPECT_EQ(bus.counters().dma_writes == 0, shared);
  EXPECT_EQ(bus.counters().refused_dma, 0u);
  EXPECT_FALSE(bus.failed());
}

}  // namespace
}  // namespace pagepress
