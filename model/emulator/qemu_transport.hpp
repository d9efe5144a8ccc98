// SPDX-License-Identifier: Apache-2.0
// QemuTransport: messages of QEMU's x-pci-proxy-dev over an inherited socket.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/emulator/message_stream.hpp"
#include "protocol/mpqemu.hpp"

namespace pagepress::emulator {

struct QemuMessage {
  mpqemu::Header header{};
  std::vector<std::byte> payload;  // header.size bytes
  std::vector<FileDescriptor> fds;
};

class QemuTransport {
 public:
  explicit QemuTransport(FileDescriptor socket);

  // The next message if it is there whole; never waits. Throws Disconnected: QEMU has gone, or
  // what it sends cannot be cut into messages.
  [[nodiscard]] std::optional<QemuMessage> receive();

  // Answers the last request. Throws Disconnected: QEMU has gone.
  void reply(std::uint64_t value);

  // Waits until more may be received, a signal comes or the time is over.
  void wait(std::chrono::nanoseconds longest) const;

 private:
  bool receive_some(std::byte* to, std::size_t bytes);

  MessageStream stream_;
  QemuMessage partial_;
  std::size_t received_ = 0;  // bytes of partial_, with its header
};

}  // namespace pagepress::emulator
