// SPDX-License-Identifier: Apache-2.0
// Transport: how messages come from a client and go to it. Every message of a session passes
// here, so that a file can stand in for the socket.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <vector>

#include "model/emulator/file_descriptor.hpp"
#include "model/emulator/protocol.hpp"

namespace pagepress::emulator {

struct Message {
  Header header{};
  std::vector<std::byte> payload;   // header.size - sizeof(Header) bytes
  std::vector<FileDescriptor> fds;  // kMaxMessageFds at most
  bool too_many_fds = false;        // some were not received
};

// The connection is at its end; what() says why. Nothing more can be sent or received.
class Disconnected : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Transport {
 public:
  virtual ~Transport() = default;

  // The next message if it is there whole; never waits. Throws Disconnected: the client has
  // gone, or what it sends cannot be cut into messages.
  [[nodiscard]] virtual std::optional<Message> receive() = 0;

  // Sends header (its size is set here) and payload. Throws Disconnected: the client has gone, or
  // does not read.
  virtual void send(Header header, std::span<const std::byte> payload,
                    std::span<const int> fds = {}) = 0;

  // Waits until more may be received, a signal comes or the time is over.
  virtual void wait(std::chrono::nanoseconds longest) = 0;
};

}  // namespace pagepress::emulator
