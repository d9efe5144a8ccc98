// SPDX-License-Identifier: Apache-2.0
// VfioUserConnection: commands to a vfio-user server and its replies; a thread of its own reads
// the socket and serves the server's accesses to memory meanwhile.
//
// One command is outstanding at a time; callers of several threads wait for each other. A
// server that goes away, is silent or breaks the protocol fails the connection for good.
#pragma once

#include <pagepress/error.hpp>
#include <pagepress/vfio_user.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "driver/bus/vfio_user/dma_table.hpp"
#include "driver/bus/vfio_user/message_socket.hpp"

namespace pagepress {

struct VfioUserReply {
  int error = 0;  // errno of an error reply, which has no payload
  std::vector<std::byte> payload;
  std::vector<vfio_user::FileDescriptor> fds;
};

class VfioUserConnection {
 public:
  // Of data in one DMA message, to the server's choice up to this; what we tell it [bytes].
  static constexpr std::size_t kMaxDataXferSize = vfio_user::kDefaultMaxDataXferSize;

  // Connects; throws as MessageSocket's constructor. `dma` outlives the connection.
  VfioUserConnection(const std::string& path, std::chrono::nanoseconds timeout, DmaTable& dma);
  ~VfioUserConnection();
  VfioUserConnection(const VfioUserConnection&) = delete;
  VfioUserConnection& operator=(const VfioUserConnection&) = delete;

  // Sends a command and waits for its reply, which may bring up to `max_fds`. Throws DeviceError
  // if the connection has failed, or does so meanwhile.
  [[nodiscard]] VfioUserReply call(vfio_user::Command command, std::span<const std::byte> payload,
                                   std::span<const int> fds = {}, std::size_t max_fds = 0);

  // Fails the connection: the first reason is kept.
  void fail(const DeviceError& reason) noexcept;
  [[nodiscard]] bool failed() const noexcept { return failed_.load(std::memory_order_acquire); }
  // Throws the reason if it has failed.
  void check() const;
  [[nodiscard]] std::string failure() const;
  // Becomes readable when the connection fails.
  [[nodiscard]] int failure_fd() const noexcept { return failure_fd_.get(); }
  [[nodiscard]] VfioUserCounters counters() const noexcept;

 private:
  struct Expected {
    std::uint16_t id;
    vfio_user::Command command;
    std::size_t max_fds;
    std::optional<VfioUserReply> reply;
  };

  void receive_all() noexcept;
  void handle(VfioUserMessage message);
  void take_reply(VfioUserMessage message);
  void serve(const VfioUserMessage& message);
  [[nodiscard]] int access_memory(const VfioUserMessage& message, std::vector<std::byte>& answer);
  void send(const vfio_user::Header& header, std::span<const std::byte> payload,
            std::span<const int> fds);

  std::chrono::nanoseconds timeout_;
  DmaTable& dma_;
  MessageSocket socket_;
  vfio_user::FileDescriptor failure_fd_;

  std::mutex call_mutex_;  // one call at a time
  std::uint16_t next_id_ = 1;
  std::mutex send_mutex_;  // one message at a time: calls and answers

  mutable std::mutex mutex_;  // of all that follows
  std::condition_variable changed_;
  std::optional<Expected> expected_;
  std::optional<DeviceError> reason_;

  std::atomic<bool> failed_{false};
  std::atomic<std::uint64_t> messages_{0};
  std::atomic<std::uint64_t> dma_reads_{0};
  std::atomic<std::uint64_t> dma_writes_{0};
  std::atomic<std::uint64_t> refused_dma_{0};
  std::thread receiver_;  // last: it uses all of the above
};

}  // namespace pagepress
