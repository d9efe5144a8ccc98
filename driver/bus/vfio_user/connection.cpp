// SPDX-License-Identifier: Apache-2.0
#include "driver/bus/vfio_user/connection.hpp"

#include <fmt/format.h>
#include <sys/eventfd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <system_error>
#include <utility>

namespace pagepress {
namespace {

using vfio_user::Command;
using vfio_user::Header;

constexpr std::uint64_t kOne = 1;

[[noreturn]] void violation(const std::string& what) {
  throw DeviceError(DeviceFault::kProtocol, "the server breaks the protocol: " + what);
}

}  // namespace

VfioUserConnection::VfioUserConnection(const std::string& path, std::chrono::nanoseconds timeout,
                                       DmaTable& dma)
    : timeout_(timeout),
      dma_(dma),
      socket_(path, timeout),
      failure_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (failure_fd_.get() < 0) {
    throw std::system_error(errno, std::generic_category(), "eventfd");
  }
  receiver_ = std::thread([this] { receive_all(); });
}

VfioUserConnection::~VfioUserConnection() {
  fail(DeviceError(DeviceFault::kNotPresent, "the bus was closed"));
  receiver_.join();
}

void VfioUserConnection::fail(const DeviceError& reason) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (reason_) {
      return;
    }
    reason_ = reason;
    failed_.store(true, std::memory_order_release);
  }
  changed_.notify_all();
  // A counter that is never read: it cannot overflow.
  [[maybe_unused]] const ssize_t written = ::write(failure_fd_.get(), &kOne, sizeof(kOne));
  socket_.shut_down();
}

void VfioUserConnection::check() const {
  const std::lock_guard lock(mutex_);
  if (reason_) {
    throw DeviceError(*reason_);
  }
}

std::string VfioUserConnection::failure() const {
  const std::lock_guard lock(mutex_);
  return reason_ ? reason_->what() : "";
}

VfioUserCounters VfioUserConnection::counters() const noexcept {
  return {.messages = messages_.load(std::memory_order_relaxed),
          .refused_accesses = 0,
          .dma_reads = dma_reads_.load(std::memory_order_relaxed),
          .dma_writes = dma_writes_.load(std::memory_order_relaxed),
          .refused_dma = refused_dma_.load(std::memory_order_relaxed)};
}

void VfioUserConnection::send(const Header& header, std::span<const std::byte> payload,
                              std::span<const int> fds) {
  const std::lock_guard lock(send_mutex_);
  socket_.send(header, payload, fds);
}

VfioUserReply VfioUserConnection::call(Command command, std::span<const std::byte> payload,
                                       std::span<const int> fds, std::size_t max_fds) {
  const std::lock_guard one_call(call_mutex_);
  const std::uint16_t id = next_id_++;
  {
    const std::lock_guard lock(mutex_);
    if (reason_) {
      throw DeviceError(*reason_);
    }
    expected_ = Expected{.id = id, .command = command, .max_fds = max_fds, .reply = {}};
  }
  messages_.fetch_add(1, std::memory_order_relaxed);
  try {
    send({.id = id,
          .command = static_cast<std::uint16_t>(command),
          .size = 0,
          .flags = vfio_user::kTypeCommand,
          .error = 0},
         payload, fds);
  } catch (const DeviceError& error) {
    fail(error);
    check();
  }
  std::unique_lock lock(mutex_);
  const bool answered =
      changed_.wait_until(lock, std::chrono::steady_clock::now() + timeout_,
                          [this] { return expected_->reply.has_value() || reason_.has_value(); });
  if (!answered) {
    lock.unlock();
    fail(DeviceError(DeviceFault::kTimeout,
                     fmt::format("no answer to {} for {} ms", to_string(command),
                                 std::chrono::ceil<std::chrono::milliseconds>(timeout_).count())));
    check();
  }
  if (!expected_->reply) {
    throw DeviceError(*reason_);
  }
  VfioUserReply reply = std::move(*expected_->reply);
  expected_.reset();
  return reply;
}

void VfioUserConnection::receive_all() noexcept {
  try {
    while (auto message = socket_.receive(sizeof(vfio_user::DmaAccessBody) + kMaxDataXferSize)) {
      if (failed()) {
        return;  // nothing is served any more
      }
      handle(std::move(*message));
    }
    fail(DeviceError(DeviceFault::kNotPresent, "the server closed the connection"));
  } catch (const DeviceError& error) {
    fail(error);
  } catch (const std::exception& error) {  // no memory
    fail(DeviceError(DeviceFault::kNotPresent, error.what()));
  }
}

void VfioUserConnection::handle(VfioUserMessage message) {
  switch (message.header.flags & vfio_user::kTypeMask) {
    case vfio_user::kTypeReply:
      take_reply(std::move(message));
      break;
    case vfio_user::kTypeCommand:
      if (!message.fds.empty()) {
        violation("a command of the server with file descriptors");
      }
      serve(message);
      break;
    default:
      violation(fmt::format("a message of type {}", message.header.flags & vfio_user::kTypeMask));
  }
}

void VfioUserConnection::take_reply(VfioUserMessage message) {
  const Header& header = message.header;
  {
    const std::lock_guard lock(mutex_);
    if (!expected_ || expected_->reply || header.id != expected_->id) {
      violation(fmt::format("a reply with ID {}, which nobody waits for", header.id));
    }
    if (header.command != static_cast<std::uint16_t>(expected_->command)) {
      violation(fmt::format("a reply to {} that says command {}", to_string(expected_->command),
                            header.command));
    }
    if (message.fds.size() > expected_->max_fds) {
      violation(fmt::format("{} file descriptors in a reply to {}, which has at most {}",
                            message.fds.size(), to_string(expected_->command), expected_->max_fds));
    }
    VfioUserReply reply;
    if ((header.flags & vfio_user::kFlagError) != 0) {
      reply.error = header.error == 0 ? EIO : static_cast<int>(header.error);
    } else {
      reply.payload = std::move(message.payload);
      reply.fds = std::move(message.fds);
    }
    expected_->reply = std::move(reply);
  }
  changed_.notify_all();
}

void VfioUserConnection::serve(const VfioUserMessage& message) {
  std::vector<std::byte> answer;
  const int error = access_memory(message, answer);
  if (error != 0) {
    refused_dma_.fetch_add(1, std::memory_order_relaxed);
    answer.clear();
  }
  if ((message.header.flags & vfio_user::kFlagNoReply) != 0) {
    return;
  }
  send({.id = message.header.id,
        .command = message.header.command,
        .size = 0,
        .flags = vfio_user::kTypeReply | (error != 0 ? vfio_user::kFlagError : 0u),
        .error = static_cast<std::uint32_t>(error)},
       answer, {});
}

// errno of the answer, 0: done. What cannot be a message of the protocol fails the connection.
int VfioUserConnection::access_memory(const VfioUserMessage& message,
                                      std::vector<std::byte>& answer) {
  const auto command = static_cast<Command>(message.header.command);
  if (command != Command::kDmaRead && command != Command::kDmaWrite) {
    return ENOTSUP;
  }
  vfio_user::DmaAccessBody access{};
  if (message.payload.size() < sizeof(access)) {
    violation(fmt::format("{} of {} bytes", to_string(command), message.payload.size()));
  }
  std::memcpy(&access, message.payload.data(), sizeof(access));
  const std::span<const std::byte> data = std::span(message.payload).subspan(sizeof(access));
  if (data.size() != (command == Command::kDmaWrite ? access.count : 0)) {
    violation(fmt::format("{} of {} bytes with {} bytes of data", to_string(command), access.count,
                          data.size()));
  }
  if (access.count == 0 || access.count > kMaxDataXferSize) {
    return EINVAL;
  }
  answer.resize(sizeof(access));
  std::memcpy(answer.data(), &access, sizeof(access));
  if (command == Command::kDmaWrite) {
    dma_writes_.fetch_add(1, std::memory_order_relaxed);
    return dma_.write(access.address, data);
  }
  dma_reads_.fetch_add(1, std::memory_order_relaxed);
  answer.resize(sizeof(access) + access.count);
  return dma_.read(access.address, std::span(answer).subspan(sizeof(access)));
}

}  // namespace pagepress
