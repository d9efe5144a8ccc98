// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/socket_transport.hpp"

#include <fcntl.h>
#include <poll.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace pagepress::emulator {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr std::size_t kControlBytes = CMSG_SPACE(kMaxMessageFds * sizeof(int));

timespec to_timespec(nanoseconds time) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t ns = std::max<std::int64_t>(time.count(), 0);
  return {ns / kSecond, ns % kSecond};
}

}  // namespace

SocketTransport::SocketTransport(FileDescriptor socket, nanoseconds patience)
    : socket_(std::move(socket)), patience_(patience) {
  ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
}

// ---- Receiving ---------------------------------------------------------------------------------

std::optional<Message> SocketTransport::receive() {
  while (received_ < sizeof(Header)) {
    auto* const header = reinterpret_cast<std::byte*>(&partial_.header);
    if (!receive_some(header + received_, sizeof(Header) - received_)) return std::nullopt;
    if (received_ == sizeof(Header)) check_header();
  }
  const std::size_t bytes = partial_.header.size - sizeof(Header);
  partial_.payload.resize(bytes);
  while (received_ < partial_.header.size) {
    const std::size_t done = received_ - sizeof(Header);
    if (!receive_some(partial_.payload.data() + done, bytes - done)) return std::nullopt;
  }
  received_ = 0;
  return std::exchange(partial_, {});
}

bool SocketTransport::receive_some(std::byte* to, std::size_t bytes) {
  alignas(cmsghdr) std::array<char, kControlBytes> control;
  iovec data{to, bytes};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t n = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
  if (n < 0) {
    if (errno == EAGAIN || errno == EINTR) return false;
    throw Disconnected(fmt::format("cannot receive: {}", std::strerror(errno)));
  }
  if (n == 0) {
    throw Disconnected(received_ == 0 ? "the client has closed the connection"
                                      : "the client has gone in the middle of a message");
  }
  take_descriptors(message);
  received_ += static_cast<std::size_t>(n);
  return true;
}

void SocketTransport::take_descriptors(msghdr& from) {
  if ((from.msg_flags & MSG_CTRUNC) != 0) partial_.too_many_fds = true;
  for (cmsghdr* c = CMSG_FIRSTHDR(&from); c != nullptr; c = CMSG_NXTHDR(&from, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
      FileDescriptor owned(fd);
      if (partial_.fds.size() < kMaxMessageFds) {
        partial_.fds.push_back(std::move(owned));
      } else {
        partial_.too_many_fds = true;
      }
    }
  }
}

void SocketTransport::check_header() const {
  const Header& header = partial_.header;
  if (header.size < sizeof(Header) || header.size > kMaxMessage) {
    throw Disconnected(fmt::format("a message of {} bytes: they have {} to {}", header.size,
                                   sizeof(Header), kMaxMessage));
  }
  const std::uint32_t type = header.flags & kTypeMask;
  if (type != kTypeCommand && type != kTypeReply) {
    throw Disconnected(fmt::format("a message of the unknown type {}", type));
  }
}

void SocketTransport::wait(nanoseconds longest) {
  pollfd one{socket_.get(), POLLIN, 0};
  const timespec time = to_timespec(longest);
  ::ppoll(&one, 1, &time, nullptr);
}

// ---- Sending -----------------------------------------------------------------------------------

void SocketTransport::send(Header header, std::span<const std::byte> payload,
                           std::span<const int> fds) {
  header.size = static_cast<std::uint32_t>(sizeof header + payload.size());
  std::array<iovec, 2> data{
      {{&header, sizeof header}, {const_cast<std::byte*>(payload.data()), payload.size()}}};
  alignas(cmsghdr) std::array<char, kControlBytes> control{};
  msghdr message{};
  message.msg_iov = data.data();
  message.msg_iovlen = data.size();
  if (!fds.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(fds.size_bytes());
    cmsghdr* const c = CMSG_FIRSTHDR(&message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(fds.size_bytes());
    std::memcpy(CMSG_DATA(c), fds.data(), fds.size_bytes());
  }
  const auto deadline = steady_clock::now() + patience_;
  for (std::size_t left = header.size; left > 0;) {
    const ssize_t n = ::sendmsg(socket_.get(), &message, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno != EAGAIN && errno != EINTR) {
        throw Disconnected(fmt::format("cannot send: {}", std::strerror(errno)));
      }
      wait_writable(deadline);
      continue;
    }
    left -= static_cast<std::size_t>(n);
    message.msg_control = nullptr;  // gone with the first byte
    message.msg_controllen = 0;
    for (auto sent = static_cast<std::size_t>(n); iovec & part : data) {
      const std::size_t of_part = std::min(sent, part.iov_len);
      part.iov_base = static_cast<std::byte*>(part.iov_base) + of_part;
      part.iov_len -= of_part;
      sent -= of_part;
    }
  }
}

void SocketTransport::wait_writable(steady_clock::time_point deadline) {
  const auto left = deadline - steady_clock::now();
  if (left <= nanoseconds::zero()) throw Disconnected("the client does not read its messages");
  pollfd one{socket_.get(), POLLOUT, 0};
  const timespec time = to_timespec(left);
  ::ppoll(&one, 1, &time, nullptr);
}

}  // namespace pagepress::emulator
