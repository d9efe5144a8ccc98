// SPDX-License-Identifier: Apache-2.0
// What a vfio-user server may reach of this process's memory, and what not.
#include <gtest/gtest.h>
#include <pagepress/error.hpp>
#include <pagepress/vfio_user.hpp>

#include <array>
#include <cstring>
#include <system_error>

#include "tests/driver/fake_vfio_server.hpp"

namespace pagepress {
namespace {

using test::FakeVfioServer;
using Answer = FakeVfioServer::Answer;

class VfioUserDma : public ::testing::Test {
 protected:
  Answer read(std::uint64_t address, std::uint64_t count) {
    Answer answer;
    server_.run([&] { answer = server_.dma_read(address, count); });
    return answer;
  }
  int write(std::uint64_t address, std::vector<std::byte> data) {
    Answer answer;
    server_.run([&] { answer = server_.dma_write(address, std::move(data)); });
    return answer.error;
  }

  FakeVfioServer server_;
  VfioUserBus bus_{server_.path()};
  alignas(4096) std::array<std::byte, 8192> memory_{};
};

TEST_F(VfioUserDma, AnswersWithinMappingsOnly) {
  memory_[100] = std::byte{42};
  const Iova iova = bus_.map(memory_.data() + 96, 1000, true);
  EXPECT_EQ(iova % 4096, 96u);
  EXPECT_EQ(read(iova, 8).data.at(4), std::byte{42});
  EXPECT_EQ(read(iova, 1000).error, 0);
  EXPECT_EQ(read(iova + 999, 1).error, 0);
  EXPECT_EQ(read(iova, 1001).error, EFAULT);
  EXPECT_EQ(read(iova - 1, 1).error, EFAULT) << "on the same page, and not mapped";
  EXPECT_EQ(read(iova + 1000, 1).error, EFAULT);
  EXPECT_EQ(read(0, 1).error, EFAULT);
  EXPECT_EQ(read(~std::uint64_t{0}, 1).error, EFAULT);
  EXPECT_EQ(read(iova, 0).error, EINVAL);
  EXPECT_EQ(read(iova, 1u << 21).error, EINVAL);
  EXPECT_EQ(read(iova, ~std::uint64_t{0}).error, EINVAL);
  EXPECT_EQ(bus_.counters().refused_dma, 8u);
  EXPECT_FALSE(bus_.failed()) << "a device's mistake, as an IOMMU would find it";
  EXPECT_EQ(bus_.read32(PP_REG_ID), PP_ID_VALUE);
}

TEST_F(VfioUserDma, WritesWhatItIsAllowedTo) {
  const Iova source = bus_.map(memory_.data(), 4096, false);
  const Iova target = bus_.map(memory_.data() + 4096, 4096, true);
  EXPECT_EQ(write(source, {std::byte{1}}), EACCES);
  EXPECT_EQ(memory_[0], std::byte{0});
  std::vector<std::byte> data(29);
  for (std::size_t i = 0; i < data.size(); ++i) {
    data[i] = static_cast<std::byte>(i + 1);
  }
  EXPECT_EQ(write(target + 3, data), 0);
  EXPECT_EQ(std::memcmp(memory_.data() + 4099, data.data(), data.size()), 0);
  EXPECT_EQ(memory_[4098], std::byte{0});
  EXPECT_EQ(memory_[4099 + data.size()], std::byte{0});
  EXPECT_EQ(write(target + 4090, data), EFAULT);
  EXPECT_EQ(memory_[4096 + 4090], std::byte{0}) << "nothing of what does not fit";
}

TEST_F(VfioUserDma, EndsWithTheMapping) {
  const Iova iova = bus_.map(memory_.data(), 4096, true);
  bus_.unmap(iova, 4096);
  EXPECT_EQ(read(iova, 8).error, EFAULT);
  EXPECT_NE(bus_.map(memory_.data(), 4096, true), iova) << "an address is used once";
  server_.run([&] { EXPECT_EQ(server_.mappings.size(), 1u); });
}

TEST_F(VfioUserDma, SharesMemoryOfTheBusAndNothingElse) {
  auto* shared = static_cast<std::byte*>(bus_.memory().allocate(5000, 64));
  const Iova inside = bus_.map(shared + 100, 200, true);
  const Iova own = bus_.map(memory_.data(), 4096, false);
  server_.run([&] {
    ASSERT_EQ(server_.mappings.size(), 2u);
    const auto& mapping = server_.mappings.at(inside - 100);
    ASSERT_NE(mapping.host, nullptr);
    EXPECT_EQ(mapping.size, 4096u) << "whole pages";
    mapping.host[100] = std::byte{7};
    EXPECT_EQ(server_.mappings.at(own).host, nullptr);
    EXPECT_EQ(server_.mappings.at(own).flags, unsigned{VFIO_DMA_MAP_FLAG_READ});
    EXPECT_EQ(server_.dma_read(inside, 1).data.at(0), std::byte{7}) << "may be asked for as well";
  });
  EXPECT_EQ(shared[100], std::byte{7});
  bus_.unmap(inside, 200);
  bus_.memory().release(shared);
}

TEST_F(VfioUserDma, MemoryIsZeroedAlignedAndNeverHandedOutTwice) {
  DmaAllocator& memory = bus_.memory();
  auto* first = static_cast<std::byte*>(memory.allocate(10000, std::size_t{1} << 20));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(first) % (1u << 20), 0u);
  const Iova iova = bus_.map(first, 10000, true);
  std::byte* kept = nullptr;  // a server that keeps its mapping for ever
  server_.run([&] { kept = std::exchange(server_.mappings.at(iova).host, nullptr); });
  bus_.unmap(iova, 10000);
  memory.release(first);
  auto* second = static_cast<std::byte*>(memory.allocate(10000, 4096));
  std::memset(kept, 0xff, 10000);
  for (std::size_t i = 0; i < 10000; ++i) {
    ASSERT_EQ(second[i], std::byte{0});
  }
  memory.release(second);
  EXPECT_THROW((void)memory.allocate(~std::size_t{0}, 4096), std::bad_alloc);
}

TEST_F(VfioUserDma, RefusesWhatCannotBeMapped) {
  EXPECT_THROW(bus_.map(memory_.data(), 0, true), std::system_error);
  EXPECT_THROW(bus_.map(memory_.data(), ~std::size_t{0}, true), std::system_error);
  bus_.unmap(12345, 1);  // nothing there
  EXPECT_FALSE(bus_.failed());
}

TEST(VfioUserDmaLimits, TheServersRefusalIsAnErrorOfTheMapping) {
  FakeVfioServer server({.tamper = [](vfio_user::Command command, FakeVfioServer::Reply& reply) {
    if (command == vfio_user::kDmaMap) {
      reply.header.flags |= vfio_user::kFlagError;
      reply.header.error = ENOSPC;
    }
    return FakeVfioServer::Action::kSend;
  }});
  VfioUserBus bus(server.path());
  alignas(4096) std::array<std::byte, 4096> memory{};
  try {
    bus.map(memory.data(), memory.size(), true);
    ADD_FAILURE() << "was mapped";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code().value(), ENOSPC);
  }
  EXPECT_FALSE(bus.failed());
}

TEST(VfioUserDmaLimits, NoMoreMappingsThanTheServerTakes) {
  FakeVfioServer server({.capabilities = R"({"capabilities":{"max_dma_maps":1}})"});
  VfioUserBus bus(server.path());
  alignas(4096) std::array<std::byte, 8192> memory{};
  const Iova first = bus.map(memory.data(), 4096, true);
  EXPECT_THROW(bus.map(memory.data() + 4096, 4096, true), std::system_error);
  bus.unmap(first, 4096);
  bus.map(memory.data() + 4096, 4096, true);
}

TEST(VfioUserDmaLimits, AServerThatDoesNotLetGoFailsTheBus) {
  FakeVfioServer server({.tamper = [](vfio_user::Command command, FakeVfioServer::Reply& reply) {
    if (command == vfio_user::kDmaUnmap) {
      reply.payload.clear();
      reply.header.size = sizeof(reply.header);
      reply.header.flags |= vfio_user::kFlagError;
      reply.header.error = EBUSY;
    }
    return FakeVfioServer::Action::kSend;
  }});
  VfioUserBus bus(server.path());
  alignas(4096) std::array<std::byte, 4096> memory{};
  bus.unmap(bus.map(memory.data(), memory.size(), true), memory.size());
  EXPECT_TRUE(bus.failed());
  EXPECT_NE(bus.failure().find("does not let go"), std::string::npos);
}

}  // namespace
}  // namespace pagepress
