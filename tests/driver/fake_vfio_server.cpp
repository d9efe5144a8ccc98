// SPDX-License-Identifier: Apache-2.0
// The server's thread, socket and memory; fake_vfio_commands.cpp answers.
#include "tests/driver/fake_vfio_server.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/pci_regs.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <stdexcept>

namespace pagepress::test {

using vfio_user::Command;
using vfio_user::Header;

namespace {

constexpr int kTickMs = 1;  // between two looks at the doorbells

template <class T>
void put(std::array<std::byte, 256>& space, std::size_t at, T value) {
  std::memcpy(&space[at], &value, sizeof(value));
}

void listen_at(int fd, const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      ::listen(fd, 4) != 0) {
    throw std::runtime_error("fake server: cannot listen at " + path);
  }
}

}  // namespace

// Reaches memory as the client mapped it.
class FakeVfioServer::Served final : public FakeDevice {
 public:
  explicit Served(FakeVfioServer& server) : server_(server) {}

 protected:
  std::byte* translate(Iova iova, std::size_t len, bool write) const override {
    if (std::byte* host = shared(iova, len)) {
      return host;
    }
    scratch_.emplace_back(iova, std::vector<std::byte>(len));
    auto& bytes = scratch_.back().second;
    if (write) {
      written_.push_back(scratch_.size() - 1);
      return bytes.data();
    }
    Answer answer = server_.dma_read(iova, len);
    if (answer.error != 0) {
      return nullptr;
    }
    bytes = std::move(answer.data);
    return bytes.data();
  }
  void write_entry(unsigned /*queue*/, Iova at, const pp_cqe& cqe) override {
    for (const std::size_t index : written_) {
      (void)server_.dma_write(scratch_[index].first, scratch_[index].second);
    }
    written_.clear();
    scratch_.clear();
    if (std::byte* host = shared(at, sizeof(cqe))) {
      std::memcpy(host, &cqe, sizeof(cqe) - sizeof(cqe.flags));
      std::atomic_ref(reinterpret_cast<pp_cqe*>(host)->flags)
          .store(cqe.flags, std::memory_order_release);
      return;
    }
    const auto* bytes = reinterpret_cast<const std::byte*>(&cqe);
    (void)server_.dma_write(at, {bytes, bytes + sizeof(cqe)});
  }

 private:
  [[nodiscard]] std::byte* shared(Iova iova, std::size_t len) const {
    for (const auto& [start, mapping] : server_.mappings) {
      if (mapping.host != nullptr && iova >= start && iova + len <= start + mapping.size) {
        return mapping.host + (iova - start);
      }
    }
    return nullptr;
  }
  FakeVfioServer& server_;
  mutable std::deque<std::pair<Iova, std::vector<std::byte>>> scratch_;
  mutable std::vector<std::size_t> written_;
};

FakeVfioServer::FakeVfioServer(Config config)
    : config_(std::move(config)), device_(std::make_unique<Served>(*this)) {
  static std::atomic<unsigned> count{0};
  path_ = fmt::format("/tmp/pagepress_fake_{}_{}", ::getpid(), count++);
  device_->step_at_doorbell();
  put(config_space, PCI_VENDOR_ID, static_cast<std::uint16_t>(PP_PCI_VENDOR_ID));
  put(config_space, PCI_DEVICE_ID, static_cast<std::uint16_t>(PP_PCI_DEVICE_ID));
  put(config_space, PCI_STATUS, static_cast<std::uint16_t>(PCI_STATUS_CAP_LIST));
  put(config_space, PCI_CAPABILITY_LIST, std::uint8_t{0x40});
  put(config_space, 0x40, static_cast<std::uint16_t>(PCI_CAP_ID_EXP | 0x80u << 8));
  put(config_space, 0x80, static_cast<std::uint16_t>(PCI_CAP_ID_MSIX));
  put(config_space, 0x82, static_cast<std::uint16_t>(config_.vectors - 1));
  if (config_.share_doorbells) {
    doorbells_ =
        vfio_user::FileDescriptor(::memfd_create("doorbells", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (::ftruncate(doorbells_.get(), static_cast<off_t>(config_.doorbell_file)) != 0) {
      throw std::runtime_error("fake server: ftruncate");
    }
    if (config_.seal_doorbells) {
      ::fcntl(doorbells_.get(), F_ADD_SEALS, F_SEAL_SHRINK);
    }
    doorbell_words_ = static_cast<std::uint32_t*>(
        ::mmap(nullptr, PP_BAR0_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, doorbells_.get(), 0));
  }
  listener_ = vfio_user::FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  listen_at(listener_.get(), path_);
  thread_ = std::thread([this] { serve(); });
}

void FakeVfioServer::die() {
  if (!thread_.joinable()) {
    return;
  }
  stop_ = true;
  thread_.join();
  forget_client();
  client_ = vfio_user::FileDescriptor();
  listener_ = vfio_user::FileDescriptor();
  ::unlink(path_.c_str());
  if (doorbell_words_ != nullptr) {
    ::munmap(doorbell_words_, PP_BAR0_SIZE);
  }
}

void FakeVfioServer::run(const std::function<void()>& task) {
  std::future<void> done;
  {
    const std::lock_guard lock(mutex_);
    tasks_.emplace_back(task);
    done = tasks_.back().get_future();
  }
  done.get();
}

void FakeVfioServer::serve() {
  while (!stop_) {
    const int fd = client_.get() >= 0 ? client_.get() : listener_.get();
    pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
    const bool ready = !waiting_.empty() || ::poll(&entry, 1, kTickMs) > 0;
    if (client_.get() < 0) {
      if (ready) {
        accept_client();
      }
    } else {
      poll_doorbells();
      if (!waiting_.empty()) {
        Request request = std::move(waiting_.front());
        waiting_.pop_front();
        answer(std::move(request));
      } else if (ready) {
        if (auto request = receive()) {
          answer(std::move(*request));
        } else {
          close_client();
        }
      }
    }
    const std::lock_guard lock(mutex_);
    while (!tasks_.empty()) {
      tasks_.front()();
      tasks_.pop_front();
    }
  }
}

void FakeVfioServer::accept_client() {
  client_ = vfio_user::FileDescriptor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  ++clients;
}

void FakeVfioServer::forget_client() {
  for (const auto& [address, mapping] : mappings) {
    if (mapping.host != nullptr) {
      ::munmap(mapping.host, mapping.size);
    }
  }
  mappings.clear();
  eventfds.clear();
  waiting_.clear();
}

void FakeVfioServer::close_client() {
  client_ = vfio_user::FileDescriptor();
  forget_client();
}

void FakeVfioServer::poll_doorbells() {
  for (unsigned queue = 0; doorbell_words_ != nullptr && queue < FakeDevice::kQueues; ++queue) {
    for (const std::uint64_t reg : {PP_DB_CQ_HEAD, PP_DB_SQ_TAIL}) {
      const std::uint64_t offset = PP_DOORBELL_BASE + queue * PP_DOORBELL_STRIDE + reg;
      if (offset >= config_.doorbell_file) {
        return;
      }
      const std::uint32_t value = std::atomic_ref(doorbell_words_[offset / sizeof(std::uint32_t)])
                                      .load(std::memory_order_acquire);
      if (value != seen_[offset]) {
        seen_[offset] = value;
        device_->write32(offset, value);
      }
    }
  }
}

void FakeVfioServer::write_register(std::uint64_t offset, std::uint32_t value) {
  const bool starts = offset >= PP_QUEUE_BASE && offset < PP_DOORBELL_BASE &&
                      (offset - PP_QUEUE_BASE) % PP_QUEUE_STRIDE == PP_Q_CTRL;
  if (starts && doorbell_words_ != nullptr) {
    // Doorbells of a queue that starts count from 0, whatever the page holds of its last run.
    const std::uint64_t page =
        PP_DOORBELL_BASE + (offset - PP_QUEUE_BASE) / PP_QUEUE_STRIDE * PP_DOORBELL_STRIDE;
    for (const std::uint64_t at : {page + PP_DB_SQ_TAIL, page + PP_DB_CQ_HEAD}) {
      std::atomic_ref(doorbell_words_[at / sizeof(std::uint32_t)]).store(0);
      seen_[at] = 0;
    }
  }
  device_->write32(offset, value);
}

std::optional<FakeVfioServer::Request> FakeVfioServer::receive() {
  Request request;
  iovec part{.iov_base = &request.header, .iov_len = sizeof(request.header)};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(16 * sizeof(int))> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  if (::recvmsg(client_.get(), &message, MSG_WAITALL | MSG_CMSG_CLOEXEC) != sizeof(Header)) {
    return std::nullopt;
  }
  for (cmsghdr* c = CMSG_FIRSTHDR(&message); c != nullptr; c = CMSG_NXTHDR(&message, c)) {
    for (std::size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); ++i) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
      request.fds.emplace_back(fd);
    }
  }
  request.payload.resize(request.header.size - sizeof(Header));
  if (!request.payload.empty() &&
      ::recv(client_.get(), request.payload.data(), request.payload.size(), MSG_WAITALL) !=
          static_cast<ssize_t>(request.payload.size())) {
    return std::nullopt;
  }
  return request;
}

void FakeVfioServer::send(const Reply& message, std::size_t most) {
  std::vector<std::byte> bytes(sizeof(Header) + message.payload.size());
  std::memcpy(bytes.data(), &message.header, sizeof(Header));
  if (!message.payload.empty()) {
    std::memcpy(bytes.data() + sizeof(Header), message.payload.data(), message.payload.size());
  }
  iovec part{.iov_base = bytes.data(), .iov_len = std::min(most, bytes.size())};
  std::vector<std::byte> control(CMSG_SPACE(message.fds.size() * sizeof(int)));
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  if (!message.fds.empty()) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(message.fds.size() * sizeof(int));
    std::memcpy(CMSG_DATA(c), message.fds.data(), message.fds.size() * sizeof(int));
  }
  (void)::sendmsg(client_.get(), &header, MSG_NOSIGNAL);
}

}  // namespace pagepress::test
