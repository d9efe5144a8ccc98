// SPDX-License-Identifier: Apache-2.0
// QtestInterrupts: MSI-X messages into a QEMU guest through QEMU's qtest socket, as
// x-pci-proxy-dev has no message interrupts of its own: a message is a write of a word to the
// address of the interrupt controller.
//
// send() never waits: QEMU takes a line only once the CPU that waits for a register access has its
// answer. What the socket has no room for is kept until the next send() or flush().
#pragma once

#include <cstdint>
#include <string>

#include "model/emulator/file_descriptor.hpp"

namespace pagepress::emulator {

class QtestInterrupts {
 public:
  explicit QtestInterrupts(FileDescriptor socket);

  void send(std::uint64_t address, std::uint32_t data);
  // Sends what was kept, and drops QEMU's answers. A lost socket loses interrupts, as a guest that
  // has gone does: the connection of the device says the rest.
  void flush();

 private:
  FileDescriptor socket_;
  std::string kept_;
};

}  // namespace pagepress::emulator
