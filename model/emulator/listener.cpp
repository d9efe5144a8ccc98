// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/listener.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace pagepress::emulator {
namespace {

constexpr int kBacklog = 8;

[[noreturn]] void fail(const std::string& path, const char* what, int error) {
  throw std::runtime_error(fmt::format("{}: {}: {}", path, what, std::strerror(error)));
}

FileDescriptor make_socket(const std::string& path) {
  FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) fail(path, "cannot make a socket", errno);
  return fd;
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    throw std::runtime_error(
        fmt::format("{}: a socket's path has 1 to {} bytes", path, sizeof address.sun_path - 1));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// Removes a socket that nobody listens on.
void clear_stale(const std::string& path, const sockaddr_un& address) {
  struct stat there {};
  if (::lstat(path.c_str(), &there) != 0) {
    if (errno == ENOENT) return;
    fail(path, "cannot look at it", errno);
  }
  if (!S_ISSOCK(there.st_mode)) {
    throw std::runtime_error(fmt::format("{}: is there already and is no socket", path));
  }
  const FileDescriptor probe = make_socket(path);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(probe.get(), generic, sizeof address) == 0 || errno == EAGAIN) {
    throw std::runtime_error(fmt::format("{}: another process listens there", path));
  }
  if (errno != ECONNREFUSED) fail(path, "cannot tell whether anybody listens there", errno);
  if (::unlink(path.c_str()) != 0) fail(path, "cannot remove the stale socket", errno);
}

}  // namespace

Listener::Listener(std::string path) : path_(std::move(path)) {
  const sockaddr_un address = address_of(path_);
  clear_stale(path_, address);
  socket_ = make_socket(path_);
  const auto* const generic = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(socket_.get(), generic, sizeof address) != 0) fail(path_, "cannot bind", errno);
  if (::lstat(path_.c_str(), &made_) != 0 || ::listen(socket_.get(), kBacklog) != 0) {
    const int error = errno;
    ::unlink(path_.c_str());
    fail(path_, "cannot listen", error);
  }
}

Listener::~Listener() {
  struct stat there {};
  if (::lstat(path_.c_str(), &there) == 0 && there.st_dev == made_.st_dev &&
      there.st_ino == made_.st_ino) {
    ::unlink(path_.c_str());
  }
}

FileDescriptor Listener::accept(std::chrono::milliseconds longest) {
  pollfd one{socket_.get(), POLLIN, 0};
  if (::poll(&one, 1, static_cast<int>(longest.count())) <= 0) return {};
  FileDescriptor client(::accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC));
  // What can go wrong with one client (ECONNABORTED, too many files) is no reason to end.
  if (!client && (errno == EBADF || errno == EINVAL)) fail(path_, "cannot accept", errno);
  return client;
}

}  // namespace pagepress::emulator
