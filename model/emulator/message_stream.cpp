// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/message_stream.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include <fmt/format.h>

#include "model/emulator/transport.hpp"
#include "protocol/rights.hpp"

namespace pagepress::emulator {

MessageStream::MessageStream(FileDescriptor socket, std::string source)
    : socket_(std::move(socket)), source_(std::move(source)) {
  ::fcntl(socket_.get(), F_SETFL, O_NONBLOCK);
}

std::optional<MessageStream::Piece> MessageStream::receive(
    std::byte* to, std::size_t bytes, const std::function<void(FileDescriptor)>& take) {
  vfio_user::Rights rights;
  iovec data{to, bytes};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  rights.expect(message);
  const ssize_t n = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC);
  if (n < 0) {
    if (errno == EAGAIN || errno == EINTR) return std::nullopt;
    throw Disconnected(fmt::format("cannot receive{}: {}", source_, std::strerror(errno)));
  }
  if (n == 0) return Piece{};
  return Piece{static_cast<std::size_t>(n), vfio_user::Rights::collect(message, take)};
}

void MessageStream::wait(short events, std::chrono::nanoseconds longest) const {
  constexpr std::int64_t kSecond = 1'000'000'000;
  pollfd one{socket_.get(), events, 0};
  const std::int64_t ns = std::max<std::int64_t>(longest.count(), 0);
  const timespec time{ns / kSecond, ns % kSecond};
  ::ppoll(&one, 1, &time, nullptr);
}

}  // namespace pagepress::emulator
