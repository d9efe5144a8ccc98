// SPDX-License-Identifier: Apache-2.0
// Listener: the Unix socket that clients connect to, by its path.
//
// A socket that nobody listens on any more is replaced; anything else at the path is an error and
// stays as it is. The socket is removed with the Listener, unless another one has taken its place.
// One client is served at a time: others wait in the backlog, a connection attempt beyond that is
// refused by the kernel (EAGAIN) or waits, as the client's socket has it.
#pragma once

#include <chrono>
#include <string>

#include <sys/stat.h>

#include "model/emulator/file_descriptor.hpp"

namespace pagepress::emulator {

class Listener {
 public:
  // Throws std::runtime_error: naming `path` and what is wrong with it.
  explicit Listener(std::string path);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // The next client, or none if it does not come in time or a signal does. Throws
  // std::runtime_error if the socket fails.
  [[nodiscard]] FileDescriptor accept(std::chrono::milliseconds longest);

 private:
  std::string path_;
  FileDescriptor socket_;
  struct stat made_ {};
};

}  // namespace pagepress::emulator
