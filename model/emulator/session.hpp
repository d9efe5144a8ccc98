// SPDX-License-Identifier: Apache-2.0
// Session: one client's connection: its requests to the function, and the device's DMA to its
// memory. All that passes between client and device passes here.
//
// While the device waits for the answer to a DMA message, requests that come meanwhile are kept in
// order for turn(), up to a bound. A client that does not answer in time becomes silent: its
// memory faults at once from then on, until it sends something.
// Limitation: one DMA message at a time is on its way.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "model/emulator/client.hpp"
#include "model/emulator/dma_regions.hpp"
#include "model/emulator/negotiation.hpp"
#include "model/emulator/pci_function.hpp"
#include "model/emulator/requests.hpp"
#include "model/emulator/transport.hpp"

namespace pagepress::emulator {

class Session final : public Client, private ClientMemory {
 public:
  // `answer_within`: for a DMA message.
  Session(Transport& transport, PciFunction& function, std::chrono::nanoseconds answer_within,
          RequestWatch* watch = nullptr);

  bool turn() override;
  void wait(std::chrono::nanoseconds longest) override { transport_.wait(longest); }
  bool dma_read(std::uint64_t address, std::span<std::byte> to) override;
  bool dma_write(std::uint64_t address, std::span<const std::byte> from) override;

 private:
  void handle(Message message);
  [[nodiscard]] Reply answer(Message& message);
  [[nodiscard]] Reply version(const Message& message);
  [[nodiscard]] Reply map(Message& message);
  [[nodiscard]] Reply unmap(const Message& message);
  [[nodiscard]] Reply region_read(const Message& message);
  [[nodiscard]] Reply region_write(const Message& message);
  [[nodiscard]] Reply region_write_multi(const Message& message);

  bool read_by_message(std::uint64_t address, std::span<std::byte> to) override;
  bool write_by_message(std::uint64_t address, std::span<const std::byte> from) override;
  // The payload of the answer, or none: an error, or no answer.
  [[nodiscard]] std::optional<std::vector<std::byte>> ask(Command command,
                                                          std::span<const std::byte> payload);
  [[nodiscard]] std::optional<Message> await_reply(std::uint16_t id, Command command);
  void keep(Message message);

  Transport& transport_;
  PciFunction& function_;
  std::chrono::nanoseconds answer_within_;
  RequestWatch* watch_;
  DmaRegions regions_;
  std::optional<ClientCapabilities> client_;  // once it has said them
  std::deque<Message> kept_;
  std::size_t kept_bytes_ = 0;
  std::size_t kept_fds_ = 0;
  std::uint16_t next_id_ = 0;  // of DMA messages
  bool silent_ = false;
  std::optional<std::string> lost_;  // the connection, and why
};

}  // namespace pagepress::emulator
