// SPDX-License-Identifier: Apache-2.0
// MessageSocket: whole vfio-user messages, with their file descriptors, over a Unix socket.
//
// Nothing waits for longer than the time-out, but receive() for a message to begin.
// Limitation: one thread may send and one receive at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/file_descriptor.hpp"
#include "protocol/rights.hpp"
#include "protocol/vfio_user.hpp"

namespace pagepress {

struct VfioUserMessage {
  vfio_user::Header header{};
  std::vector<std::byte> payload;
  std::vector<vfio_user::FileDescriptor> fds;
};

class MessageSocket {
 public:
  static constexpr std::size_t kMaxFds = vfio_user::kMaxMessageFds;  // either way

  // Connects. Throws DeviceError (kNotPresent, kTimeout), std::system_error.
  MessageSocket(const std::string& path, std::chrono::nanoseconds timeout);

  // Fills in header.size. Throws DeviceError (kNotPresent: closed; kTimeout).
  void send(vfio_user::Header header, std::span<const std::byte> payload,
            std::span<const int> fds = {});
  // None: the peer closed the connection between two messages, or shut_down() was called.
  // Throws DeviceError: kNotPresent (closed in the middle), kTimeout (the rest does not come),
  // kProtocol (a size below a header's or above `max_payload`, more than kMaxFds).
  [[nodiscard]] std::optional<VfioUserMessage> receive(std::size_t max_payload);
  // Ends both directions: the peer sees the end, a receive() in another thread returns.
  void shut_down() noexcept;

 private:
  using Deadline = std::chrono::steady_clock::time_point;
  [[nodiscard]] bool await(short events, Deadline deadline) const;
  // How many bytes came, 0 at the end; none if there is nothing yet.
  [[nodiscard]] std::optional<std::size_t> read_some(
      std::span<std::byte> into, std::vector<vfio_user::FileDescriptor>& fds) const;
  void read_rest(std::span<std::byte> into, std::vector<vfio_user::FileDescriptor>& fds,
                 Deadline deadline) const;

  vfio_user::FileDescriptor fd_;
  std::chrono::nanoseconds timeout_;
};

}  // namespace pagepress
