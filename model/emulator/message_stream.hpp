// SPDX-License-Identifier: Apache-2.0
// MessageStream: a connected Unix stream socket that never blocks, as the transports of vfio-user
// and of QEMU read theirs: bytes in pieces, descriptors beside them, and waiting for more.
// Limitation: says nothing of where a message ends.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "model/emulator/file_descriptor.hpp"

namespace pagepress::emulator {

class MessageStream {
 public:
  // `source`: what an error says cannot be received from, with its preposition; may be empty.
  explicit MessageStream(FileDescriptor socket, std::string source = {});

  struct Piece {
    std::size_t bytes = 0;  // 0: the peer has closed the connection
    bool all_fds = true;    // false: more descriptors came than can be taken at once
  };
  // What is there, up to `bytes`; each descriptor goes to `take`. None: nothing is there yet.
  // Throws Disconnected.
  [[nodiscard]] std::optional<Piece> receive(std::byte* to, std::size_t bytes,
                                             const std::function<void(FileDescriptor)>& take);
  // Until `events` of poll() are due, a signal comes or the time is over.
  void wait(short events, std::chrono::nanoseconds longest) const;

  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  FileDescriptor socket_;
  std::string source_;
};

}  // namespace pagepress::emulator
