// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/folder_lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "sim/pagefile/file_error.hpp"

namespace pagepress::sim {
namespace {

struct flock whole_file() {
  struct flock lock = {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

// " (process 123)", or nothing: it may have ended, or be none of this machine's.
std::string owner(int fd) {
  struct flock lock = whole_file();
  if (::fcntl(fd, F_GETLK, &lock) != 0 || lock.l_type == F_UNLCK || lock.l_pid <= 0) return {};
  return fmt::format(" (process {})", lock.l_pid);
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / ".lock";
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd_ < 0) throw FileError(path, "cannot write the file", errno);
  const struct flock lock = whole_file();
  if (::fcntl(fd_, F_SETLK, &lock) == 0) return;
  const int error = errno;
  const std::string other = owner(fd_);
  ::close(std::exchange(fd_, -1));
  if (error != EACCES && error != EAGAIN) throw FileError(path, "cannot lock the file", error);
  throw FileError(folder, fmt::format("another sweep{} is running in this folder", other));
}

FolderLock::~FolderLock() { ::close(fd_); }

}  // namespace pagepress::sim
