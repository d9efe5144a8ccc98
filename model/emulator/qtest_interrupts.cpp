// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/qtest_interrupts.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

namespace pagepress::emulator {

QtestInterrupts::QtestInterrupts(FileDescriptor socket) : socket_(std::move(socket)) {}

void QtestInterrupts::send(std::uint64_t address, std::uint32_t data) {
  kept_ += fmt::format("writel 0x{:x} 0x{:x}\n", address, data);
  flush();
}

void QtestInterrupts::flush() {
  std::array<char, 4096> answers;
  while (::recv(socket_.get(), answers.data(), answers.size(), MSG_DONTWAIT) > 0) {
  }
  while (!kept_.empty()) {
    const ssize_t n =
        ::send(socket_.get(), kept_.data(), kept_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n <= 0) {
      if (n < 0 && errno != EAGAIN && errno != EINTR) kept_.clear();
      return;
    }
    kept_.erase(0, static_cast<std::size_t>(n));
  }
}

}  // namespace pagepress::emulator
