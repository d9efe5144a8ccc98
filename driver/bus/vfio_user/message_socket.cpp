// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio_user/message_socket.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <pagepress/error.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace pagepress {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kFdSpace = CMSG_SPACE(MessageSocket::kMaxFds * sizeof(int));

[[noreturn]] void fail_by_errno(const char* what) {
  if (errno == EPIPE || errno == ECONNRESET) {
    throw DeviceError(DeviceFault::kNotPresent, "the server closed the connection");
  }
  throw DeviceError(DeviceFault::kNotPresent,
                    fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

// What SCM_RIGHTS brought, all of it owned before anything is judged.
void take_fds(msghdr& message, std::vector<vfio_user::FileDescriptor>& fds) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + i * sizeof(int), sizeof(fd));
      fds.emplace_back(fd);
    }
  }
  if ((message.msg_flags & MSG_CTRUNC) != 0 || fds.size() > MessageSocket::kMaxFds) {
    throw DeviceError(
        DeviceFault::kProtocol,
        fmt::format("a message with more than {} file descriptors", MessageSocket::kMaxFds));
  }
}

}  // namespace

MessageSocket::MessageSocket(const std::string& path, std::chrono::nanoseconds timeout)
    : timeout_(timeout) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof(address.sun_path)) {
    throw DeviceError(DeviceFault::kNotPresent, fmt::format("a socket's path has 1 to {} bytes",
                                                            sizeof(address.sun_path) - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  // Not blocking: a server whose queue of connections is full must not hold us.
  fd_ = vfio_user::FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd_.get() < 0) {
    throw std::system_error(errno, std::generic_category(), "socket");
  }
  const auto deadline = steady_clock::now() + timeout;
  while (::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == EAGAIN && steady_clock::now() < deadline) {
      ::poll(nullptr, 0, 1);  // a queue of connections cannot be waited for
    } else if (errno == EAGAIN) {
      throw DeviceError(DeviceFault::kTimeout, "the server accepts no connection");
    } else if (errno != EINTR) {
      throw DeviceError(DeviceFault::kNotPresent,
                        "cannot connect: " + std::generic_category().message(errno));
    }
  }
}

bool MessageSocket::await(short events, Deadline deadline) const {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    pollfd entry{.fd = fd_.get(), .events = events, .revents = 0};
    const int ready =
        ::poll(&entry, 1,
               static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, std::int64_t{1} << 30)));
    if (ready > 0) {
      return true;
    }
    if (ready == 0 && steady_clock::now() >= deadline) {
      return false;
    }
    if (ready < 0 && errno != EINTR) {
      fail_by_errno("poll");
    }
  }
}

void MessageSocket::send(vfio_user::Header header, std::span<const std::byte> payload,
                         std::span<const int> fds) {
  header.size = static_cast<std::uint32_t>(sizeof(header) + payload.size());
  std::array<iovec, 2> parts = {
      iovec{.iov_base = &header, .iov_len = sizeof(header)},
      iovec{.iov_base = const_cast<std::byte*>(payload.data()), .iov_len = payload.size()}};
  alignas(cmsghdr) std::array<std::byte, kFdSpace> control{};
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* part = CMSG_FIRSTHDR(&message);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(part), fds.data(), fds.size_bytes());
  }
  const Deadline deadline = steady_clock::now() + timeout_;
  std::size_t left = header.size;
  while (left > 0) {
    const ssize_t sent = ::sendmsg(fd_.get(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EAGAIN) {
        if (!await(POLLOUT, deadline)) {
          throw DeviceError(DeviceFault::kTimeout, "the server does not take our messages");
        }
      } else if (errno != EINTR) {
        fail_by_errno("sendmsg");
      }
      continue;
    }
    message.msg_control = nullptr;  // they went with the first byte
    message.msg_controllen = 0;
    left -= static_cast<std::size_t>(sent);
    auto done = static_cast<std::size_t>(sent);
    for (iovec& part : parts) {
      const std::size_t step = std::min(done, part.iov_len);
      part.iov_base = static_cast<std::byte*>(part.iov_base) + step;
      part.iov_len -= step;
      done -= step;
    }
  }
}

std::optional<std::size_t> MessageSocket::read_some(
    std::span<std::byte> into, std::vector<vfio_user::FileDescriptor>& fds) const {
  iovec part{.iov_base = into.data(), .iov_len = into.size()};
  alignas(cmsghdr) std::array<std::byte, kFdSpace> control;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  for (;;) {
    const ssize_t got = ::recvmsg(fd_.get(), &message, MSG_CMSG_CLOEXEC);
    if (got >= 0) {
      take_fds(message, fds);
      return static_cast<std::size_t>(got);
    }
    if (errno == EAGAIN) {
      return std::nullopt;
    }
    if (errno == ECONNRESET) {
      return 0;
    }
    if (errno != EINTR) {
      fail_by_errno("recvmsg");
    }
  }
}

void MessageSocket::read_rest(std::span<std::byte> into,
                              std::vector<vfio_user::FileDescriptor>& fds,
                              Deadline deadline) const {
  while (!into.empty()) {
    const std::optional<std::size_t> got = read_some(into, fds);
    if (!got) {
      if (!await(POLLIN, deadline)) {
        throw DeviceError(DeviceFault::kTimeout, "the rest of a message does not come");
      }
      continue;
    }
    if (*got == 0) {
      throw DeviceError(DeviceFault::kNotPresent,
                        "the server closed the connection in the middle of a message");
    }
    into = into.subspan(*got);
  }
}

std::optional<VfioUserMessage> MessageSocket::receive(std::size_t max_payload) {
  VfioUserMessage message;
  const std::span<std::byte> header = std::as_writable_bytes(std::span(&message.header, 1));
  std::optional<std::size_t> got;
  while (!(got = read_some(header, message.fds))) {
    (void)await(POLLIN, steady_clock::now() + std::chrono::hours(1));
  }
  if (*got == 0) {
    return std::nullopt;
  }
  const Deadline deadline = steady_clock::now() + timeout_;
  read_rest(header.subspan(*got), message.fds, deadline);
  const std::size_t size = message.header.size;
  if (size < header.size() || size - header.size() > max_payload) {
    throw DeviceError(DeviceFault::kProtocol,
                      fmt::format("a message of {} bytes, which must be {} to {}", size,
                                  header.size(), header.size() + max_payload));
  }
  message.payload.resize(size - header.size());
  read_rest(message.payload, message.fds, deadline);
  return message;
}

void MessageSocket::shut_down() noexcept { ::shutdown(fd_.get(), SHUT_RDWR); }

}  // namespace pagepress
