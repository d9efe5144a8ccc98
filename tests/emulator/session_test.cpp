// SPDX-License-Identifier: Apache-2.0
// A session whose client is a list of messages: what depends on when they come.
#include "model/emulator/session.hpp"

#include <gtest/gtest.h>
#include <linux/pci_regs.h>

#include <array>
#include <deque>
#include <utility>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::emulator {
namespace {

using std::chrono::steady_clock;

constexpr std::uint64_t kAddress = 0x10000;

class NoDevice final : public RegisterPort {
 public:
  std::uint32_t read(std::uint64_t /*offset*/) override { return 0; }
  void write(std::uint64_t /*offset*/, std::uint32_t /*value*/) override {}
  void doorbell(std::uint64_t /*offset*/, std::uint32_t /*value*/) override {}
  bool reset() override { return true; }
};

// Has its messages, then answers to nothing for as long as it floods.
class FloodingClient final : public Transport {
 public:
  std::deque<Message> messages;
  bool floods = false;
  bool exhausted = false;  // somebody took them for 10 s

  std::optional<Message> receive() override {
    if (!messages.empty()) {
      Message next = std::move(messages.front());
      messages.pop_front();
      return next;
    }
    exhausted |= steady_clock::now() > end_;
    if (!floods || exhausted) return std::nullopt;
    Message stray;
    stray.header = {
        .id = 0xeeee, .command = kDmaRead, .size = sizeof(Header), .flags = kTypeReply, .error = 0};
    return stray;
  }
  void send(Header /*header*/, std::span<const std::byte> /*payload*/,
            std::span<const int> /*fds*/) override {}
  void wait(std::chrono::nanoseconds /*longest*/) override {}

 private:
  steady_clock::time_point end_ = steady_clock::now() + std::chrono::seconds(10);
};

template <class... Bodies>
Message request(std::uint16_t command, const Bodies&... bodies) {
  Message message;
  (append(message.payload, bodies), ...);
  message.header = {.id = 1,
                    .command = command,
                    .size = static_cast<std::uint32_t>(sizeof(Header) + message.payload.size()),
                    .flags = kTypeCommand,
                    .error = 0};
  return message;
}

TEST(Session, AFloodOfAnswersToNothingIsNotWaitedOut) {
  NoDevice device;
  PciFunction function(device, /*queues=*/1, /*vectors=*/1);
  FloodingClient client;
  Session session(client, function, std::chrono::milliseconds(20));
  const std::uint16_t command = PCI_COMMAND_MASTER;
  client.messages.push_back(request(kVersion, VersionBody{kProtocolMajor, kProtocolMinor}));
  client.messages.push_back(request(kDmaMap, DmaMapBody{.argsz = sizeof(DmaMapBody),
                                                        .flags = VFIO_DMA_MAP_FLAG_READ,
                                                        .offset = 0,
                                                        .address = kAddress,
                                                        .size = 4096}));
  client.messages.push_back(request(
      kRegionWrite, RegionAccessBody{PCI_COMMAND, VFIO_PCI_CONFIG_REGION_INDEX, sizeof command},
      command));
  while (session.turn()) {
  }
  ASSERT_TRUE(function.bus_master());
  client.floods = true;
  std::array<std::byte, 64> data{};
  EXPECT_FALSE(session.dma_read(kAddress, data));
  EXPECT_FALSE(client.exhausted);
}

}  // namespace
}  // namespace pagepress::emulator
