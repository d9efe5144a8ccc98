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
#include <utility>

namespace pagepress {
namespace {

using std::chrono::steady_clock;

[[noreturn]] void fail_by_errno(const char* what) {
  if (errno == EPIPE || errno == ECONNRESET) {
    throw DeviceError(DeviceFault::kNotPresent, "the server closed the connection");
  }
  throw DeviceError(DeviceFault::kNotPresent,
                    fmt::format("{}: {}", what, std::generic_category().message(errno)));
}

void take_fds(msghdr& message, std::vector<vfio_user::FileDescriptor>& fds) {
  const bool all = vfio_user::Rights::collect(
      message, [&fds](vfio_user::FileDescriptor fd) { fds.push_back(std::move(fd)); });
  if (!all || fds.size() > MessageSocket::kMaxFds) {
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
  vfio_user::Rights rights;
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = parts.size();
  rights.attach(message, fds);
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
    left -= static_cast<std::size_t>(sent);
    vfio_user::skip_sent(message, static_cast<std::size_t>(sent));
  }
}

std::optional<std::size_t> MessageSocket::read_some(
    std::span<std::byte> into, std::vector<vfio_user::FileDescriptor>& fds) const {
  iovec part{.iov_base = into.data(), .iov_len = into.size()};
  vfio_user::Rights rights;
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  rights.expect(message);
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
