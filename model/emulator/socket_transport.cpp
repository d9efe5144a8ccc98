// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/socket_transport.hpp"

#include <poll.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace pagepress::emulator {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

}  // namespace

SocketTransport::SocketTransport(FileDescriptor socket, nanoseconds patience)
    : stream_(std::move(socket)), patience_(patience) {}

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
  const auto piece = stream_.receive(to, bytes, [this](FileDescriptor fd) {
    if (partial_.fds.size() < kMaxMessageFds) {
      partial_.fds.push_back(std::move(fd));
    } else {
      partial_.too_many_fds = true;
    }
  });
  if (!piece) return false;
  if (piece->bytes == 0) {
    throw Disconnected(received_ == 0 ? "the client has closed the connection"
                                      : "the client has gone in the middle of a message");
  }
  if (!piece->all_fds) partial_.too_many_fds = true;
  received_ += piece->bytes;
  return true;
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

void SocketTransport::wait(nanoseconds longest) { stream_.wait(POLLIN, longest); }

// ---- Sending -----------------------------------------------------------------------------------

void SocketTransport::send(Header header, std::span<const std::byte> payload,
                           std::span<const int> fds) {
  header.size = static_cast<std::uint32_t>(sizeof header + payload.size());
  std::array<iovec, 2> data{
      {{&header, sizeof header}, {const_cast<std::byte*>(payload.data()), payload.size()}}};
  Rights rights;
  msghdr message{};
  message.msg_iov = data.data();
  message.msg_iovlen = data.size();
  rights.attach(message, fds);
  const auto deadline = steady_clock::now() + patience_;
  for (std::size_t left = header.size; left > 0;) {
    const ssize_t n = ::sendmsg(stream_.fd(), &message, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno != EAGAIN && errno != EINTR) {
        throw Disconnected(fmt::format("cannot send: {}", std::strerror(errno)));
      }
      wait_writable(deadline);
      continue;
    }
    left -= static_cast<std::size_t>(n);
    skip_sent(message, static_cast<std::size_t>(n));
  }
}

void SocketTransport::wait_writable(steady_clock::time_point deadline) {
  const auto left = deadline - steady_clock::now();
  if (left <= nanoseconds::zero()) throw Disconnected("the client does not read its messages");
  stream_.wait(POLLOUT, left);
}

}  // namespace pagepress::emulator
