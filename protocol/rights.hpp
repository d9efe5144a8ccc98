// SPDX-License-Identifier: Apache-2.0
// File descriptors beside a message over a Unix socket (SCM_RIGHTS), and messages that are sent in
// pieces.
// Limitation: a message carries kMaxMessageFds at most, which both ends tell their peers.
#pragma once

#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>

#include "protocol/file_descriptor.hpp"

namespace pagepress::vfio_user {

constexpr std::size_t kMaxMessageFds = 16;

// Room for descriptors; lives as long as the msghdr that it was given to.
class Rights {
 public:
  // sendmsg() is to send `fds` along, kMaxMessageFds at most.
  void attach(msghdr& message, std::span<const int> fds) noexcept {
    if (fds.empty()) return;
    message.msg_control = control_.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* const part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
  }
  // recvmsg() is to put here what comes along.
  void expect(msghdr& message) noexcept {
    message.msg_control = control_.data();
    message.msg_controllen = control_.size();
  }
  // Calls take(FileDescriptor) for each that came with `message`: all of them are owned before
  // anything is judged. False: there were more, which the kernel has closed.
  template <class Take>
  static bool collect(msghdr& message, Take take) {
    for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
         part = CMSG_NXTHDR(&message, part)) {
      if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
      const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
      for (std::size_t i = 0; i < count; ++i) {
        int fd = -1;
        std::memcpy(&fd, CMSG_DATA(part) + i * sizeof fd, sizeof fd);
        take(FileDescriptor(fd));
      }
    }
    return (message.msg_flags & MSG_CTRUNC) == 0;
  }

 private:
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(kMaxMessageFds * sizeof(int))> control_{};
};

// After a sendmsg() that took `sent` bytes: leaves the rest in `message`. The descriptors went with
// the first byte.
inline void skip_sent(msghdr& message, std::size_t sent) noexcept {
  message.msg_control = nullptr;
  message.msg_controllen = 0;
  for (iovec& part : std::span(message.msg_iov, message.msg_iovlen)) {
    const std::size_t of_part = std::min(sent, part.iov_len);
    part.iov_base = static_cast<std::byte*>(part.iov_base) + of_part;
    part.iov_len -= of_part;
    sent -= of_part;
  }
}

}  // namespace pagepress::vfio_user
