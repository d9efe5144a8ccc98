// SPDX-License-Identifier: Apache-2.0
#include "sim/pagefile/page_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <utility>

#include "sim/pagefile/file_error.hpp"

namespace pagepress::sim {
namespace {

// Closes a descriptor when the constructor is left, by either way.
struct FdCloser {
  int fd;
  ~FdCloser() { ::close(fd); }
};

}  // namespace

PageFile::PageFile(std::filesystem::path path) : path_(std::move(path)) {
  // O_NONBLOCK: opening a FIFO must answer, not wait for its other end.
  const int fd = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    throw FileError(path_, "cannot open the page file", errno);
  }
  const FdCloser closer{fd};

  struct stat info = {};
  if (::fstat(fd, &info) != 0) {
    throw FileError(path_, "cannot examine the page file", errno);
  }
  if (S_ISDIR(info.st_mode)) {
    throw FileError(path_, "is a directory, not a page file");
  }
  if (!S_ISREG(info.st_mode) && !S_ISBLK(info.st_mode)) {
    throw FileError(path_, "is neither a regular file nor a block device");
  }
  // lseek, as st_size says nothing about block devices.
  const off_t end = ::lseek(fd, 0, SEEK_END);
  if (end < 0) {
    throw FileError(path_, "cannot find the size of the page file", errno);
  }
  const auto size = static_cast<std::size_t>(end);
  if (size == 0) {
    throw FileError(path_, "the page file is empty");
  }
  if (const std::size_t left_over = size % kPageBytes; left_over != 0) {
    throw FileError(path_, "is not a page file: its " + std::to_string(size) +
                               " bytes are not a multiple of " + std::to_string(kPageBytes) + " (" +
                               std::to_string(left_over) + " left over)");
  }
  void* const map = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (map == MAP_FAILED) {
    throw FileError(path_, "cannot map the page file", errno);
  }
  bytes_ = {static_cast<const std::uint8_t*>(map), size};
}

PageFile::~PageFile() {
  if (!bytes_.empty()) {
    ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size());
  }
}

PageFile::PageFile(PageFile&& other) noexcept
    : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}

PageFile& PageFile::operator=(PageFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

}  // namespace pagepress::sim
