// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/folder_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "sim/pagefile/file_error.hpp"

namespace pagepress::sim {
namespace {

// " (process 123)", or nothing: the owner may not have written it yet.
std::string owner(int fd) {
  std::array<char, 32> text{};
  const ssize_t n = ::pread(fd, text.data(), text.size(), 0);
  if (n <= 0) return {};
  return fmt::format(" (process {})", std::string_view(text.data(), static_cast<std::size_t>(n)));
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / ".lock";
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) throw FileError(path, "cannot write the file", errno);
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const std::string other = owner(fd_);
    ::close(std::exchange(fd_, -1));
    if (error != EWOULDBLOCK) throw FileError(path, "cannot lock the file", error);
    throw FileError(folder, fmt::format("another sweep{} is running in this folder", other));
  }
  // For the other's message; the lock holds without it.
  const std::string text = std::to_string(::getpid());
  static_cast<void>(!::ftruncate(fd_, 0));
  static_cast<void>(!::pwrite(fd_, text.data(), text.size(), 0));
}

FolderLock::~FolderLock() { ::close(fd_); }

}  // namespace pagepress::sim
