// SPDX-License-Identifier: Apache-2.0
// Client: one that is served, whatever protocol it speaks; ClientSource: where clients come from.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "model/emulator/pci_function.hpp"
#include "model/emulator/transport.hpp"

namespace pagepress::emulator {

class Client {
 public:
  virtual ~Client() = default;

  // Handles the next request, if there is one; false if not. Throws Disconnected.
  virtual bool turn() = 0;
  // Waits until there may be something for turn(), a signal comes or the time is over.
  virtual void wait(std::chrono::nanoseconds longest) = 0;

  // The device's DMA. False: a bus error. A lost connection is one, and turn() then says so.
  [[nodiscard]] virtual bool dma_read(std::uint64_t address, std::span<std::byte> to) = 0;
  [[nodiscard]] virtual bool dma_write(std::uint64_t address, std::span<const std::byte> from) = 0;
};

// Is told of each vfio-user request right before it is answered.
class RequestWatch {
 public:
  virtual ~RequestWatch() = default;
  virtual void request(const Message& message) = 0;
};

class ClientSource {
 public:
  virtual ~ClientSource() = default;
  // The next client, or none if it does not come in time or a signal does; `function` and `watch`
  // outlive it. Throws std::runtime_error if none can come any more.
  [[nodiscard]] virtual std::unique_ptr<Client> next(PciFunction& function, RequestWatch& watch,
                                                     std::chrono::milliseconds longest) = 0;
};

}  // namespace pagepress::emulator
