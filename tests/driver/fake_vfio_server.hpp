// SPDX-License-Identifier: Apache-2.0
// FakeVfioServer: a FakeDevice served by vfio-user from a thread of this process, for tests of
// the client alone. It obeys the protocol unless told to tamper with what it sends.
//
// It reaches shared memory by mmap and any other by DMA_READ and DMA_WRITE, watches shared
// doorbells, and serves one client after the other.
// Limitations: requests are trusted (they are the client's under test); interrupts are raised by
// the test alone.
#pragma once

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "protocol/file_descriptor.hpp"
#include "protocol/vfio_user.hpp"
#include "tests/driver/fake_device.hpp"

namespace pagepress::test {

class FakeVfioServer {
 public:
  struct Reply {
    vfio_user::Header header{};
    std::vector<std::byte> payload;
    std::vector<int> fds;
  };
  enum class Action { kSend, kDrop, kClose, kCutShort };
  // Changes a reply, or what is done with it. Called in the server's thread.
  using Tamper = std::function<Action(vfio_user::Command, Reply&)>;

  struct Config {
    unsigned vectors = 3;
    bool share_doorbells = true;
    bool seal_doorbells = true;
    std::size_t doorbell_file = PP_BAR0_SIZE;  // its length
    std::string capabilities = R"({"capabilities":{"max_msg_fds":2,"twin_socket":false}})";
    Tamper tamper;
  };

  FakeVfioServer() : FakeVfioServer(Config{}) {}
  explicit FakeVfioServer(Config config);
  ~FakeVfioServer() { die(); }

  [[nodiscard]] const std::string& path() const { return path_; }
  // Ends as a killed process does: everything is closed.
  void die();
  // Runs in the server's thread, between two messages; waits for it.
  void run(const std::function<void()>& task);

  // What follows is for run().
  struct Answer {
    int error = 0;  // errno
    std::vector<std::byte> data;
  };
  Answer dma_read(std::uint64_t address, std::uint64_t count);
  Answer dma_write(std::uint64_t address, std::vector<std::byte> data);
  void send(const Reply& message, std::size_t most = ~std::size_t{0});
  void raise(unsigned vector);
  void close_client();

  // One mapping as the client announced it.
  struct Mapping {
    std::uint64_t size = 0;
    std::uint32_t flags = 0;
    std::byte* host = nullptr;  // if it was shared
  };

  // The device and what is known of the client, for run() or a server that is idle.
  FakeDevice& device() { return *device_; }
  std::map<std::uint64_t, Mapping> mappings;
  std::map<std::uint32_t, vfio_user::FileDescriptor> eventfds;
  std::array<std::byte, 256> config_space{};
  unsigned resets = 0;
  std::atomic<unsigned> clients{0};  // that have connected so far

 private:
  class Served;
  struct Request {
    vfio_user::Header header{};
    std::vector<std::byte> payload;
    std::vector<vfio_user::FileDescriptor> fds;
  };
  void serve();
  void accept_client();
  void poll_doorbells();
  [[nodiscard]] std::optional<Request> receive();
  void answer(Request request);
  std::vector<std::byte> execute(Request& request, Reply& reply);
  std::vector<std::byte> region_info(const Request& request, Reply& reply);
  std::vector<std::byte> access_region(const Request& request, bool write);
  void write_register(std::uint64_t offset, std::uint32_t value);
  void map(Request& request);
  Answer ask(vfio_user::Command command, std::vector<std::byte> payload);
  void forget_client();

  Config config_;
  std::string path_;
  std::unique_ptr<FakeDevice> device_;
  vfio_user::FileDescriptor listener_;
  vfio_user::FileDescriptor client_;
  vfio_user::FileDescriptor doorbells_;
  std::uint32_t* doorbell_words_ = nullptr;
  std::map<std::uint64_t, std::uint32_t> seen_;  // doorbells by offset
  std::deque<Request> waiting_;                  // came while the server waited for an answer
  std::uint16_t next_id_ = 1000;
  std::mutex mutex_;
  std::deque<std::packaged_task<void()>> tasks_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace pagepress::test
