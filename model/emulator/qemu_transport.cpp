// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/qemu_transport.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "model/emulator/transport.hpp"

namespace pagepress::emulator {
namespace {

constexpr std::size_t kMostPayload = 4096;  // [B] the longest is the map of the memory

}  // namespace

QemuTransport::QemuTransport(FileDescriptor socket) : stream_(std::move(socket), " from QEMU") {}

std::optional<QemuMessage> QemuTransport::receive() {
  constexpr std::size_t kHead = sizeof(mpqemu::Header);
  while (received_ < kHead) {
    auto* const header = reinterpret_cast<std::byte*>(&partial_.header);
    if (!receive_some(header + received_, kHead - received_)) return std::nullopt;
  }
  const std::uint64_t bytes = partial_.header.size;
  if (bytes > kMostPayload) {
    throw Disconnected(fmt::format("a message of {} bytes: is it QEMU that sends it?", bytes));
  }
  partial_.payload.resize(bytes);
  while (received_ < kHead + bytes) {
    const std::size_t done = received_ - kHead;
    if (!receive_some(partial_.payload.data() + done, bytes - done)) return std::nullopt;
  }
  received_ = 0;
  return std::exchange(partial_, {});
}

bool QemuTransport::receive_some(std::byte* to, std::size_t bytes) {
  const auto piece = stream_.receive(
      to, bytes, [this](FileDescriptor fd) { partial_.fds.push_back(std::move(fd)); });
  if (!piece) return false;
  if (piece->bytes == 0) throw Disconnected("QEMU has closed the connection");
  if (partial_.fds.size() > mpqemu::kMaxFds) {
    throw Disconnected(fmt::format("a message with more than {} descriptors", mpqemu::kMaxFds));
  }
  received_ += piece->bytes;
  return true;
}

void QemuTransport::reply(std::uint64_t value) {
  struct {
    mpqemu::Header header{.command = mpqemu::kReturn, .padding = 0, .size = sizeof(std::uint64_t)};
    std::uint64_t value = 0;
  } message;
  message.value = value;
  // QEMU has one request outstanding at a time, so that there is always room for a reply.
  const ssize_t n = ::send(stream_.fd(), &message, sizeof message, MSG_NOSIGNAL);
  if (n != static_cast<ssize_t>(sizeof message)) {
    throw Disconnected(fmt::format("cannot answer QEMU: {}", std::strerror(errno)));
  }
}

void QemuTransport::wait(std::chrono::nanoseconds longest) const { stream_.wait(POLLIN, longest); }

}  // namespace pagepress::emulator
