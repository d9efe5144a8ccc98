// SPDX-License-Identifier: Apache-2.0
// SocketTransport: messages over a connected Unix stream socket; descriptors ride along as
// SCM_RIGHTS.
//
// A message may come in pieces; receive() keeps what has come. A header that no message can have
// (shorter than itself, longer than kMaxMessage, of an unknown type) ends the connection, as
// nothing says where the next one starts.
// Limitation: a client that does not read makes send() wait, for `patience` at most.
#pragma once

#include "model/emulator/message_stream.hpp"
#include "model/emulator/transport.hpp"

namespace pagepress::emulator {

class SocketTransport final : public Transport {
 public:
  SocketTransport(FileDescriptor socket, std::chrono::nanoseconds patience);

  [[nodiscard]] std::optional<Message> receive() override;
  void send(Header header, std::span<const std::byte> payload,
            std::span<const int> fds = {}) override;
  void wait(std::chrono::nanoseconds longest) override;

 private:
  // Appends what is there, up to `bytes`; false if that is nothing.
  bool receive_some(std::byte* to, std::size_t bytes);
  void check_header() const;
  void wait_writable(std::chrono::steady_clock::time_point deadline);

  MessageStream stream_;
  std::chrono::nanoseconds patience_;
  Message partial_;
  std::size_t received_ = 0;  // [B] of partial_
};

}  // namespace pagepress::emulator
