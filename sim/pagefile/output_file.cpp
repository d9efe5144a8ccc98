// SPDX-License-Identifier: Apache-2.0
#include "sim/pagefile/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include "sim/pagefile/file_error.hpp"
#include "sim/pagefile/pending_outputs.hpp"

namespace pagepress::sim {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

constexpr int kMostLinks = 40;  // as in Linux

// Where the file is or is to be, by an absolute path, as the program may change
// its directory. weakly_canonical() does not follow a link to what is not there.
std::filesystem::path follow_links(const std::filesystem::path& path) {
  std::filesystem::path real = std::filesystem::absolute(path);
  std::error_code error;
  for (int links = 0; std::filesystem::is_symlink(real, error); ++links) {
    const auto next = std::filesystem::read_symlink(real, error);
    if (error || links == kMostLinks) {
      throw FileError(path, "cannot write the file", error ? error.value() : ELOOP);
    }
    real = real.parent_path() / next;
  }
  const auto canonical = std::filesystem::weakly_canonical(real, error);
  return error ? real : canonical;
}

mode_t current_umask() noexcept {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return mask;
}

}  // namespace

OutputFile::OutputFile(std::filesystem::path target, mode_t mode) : target_(std::move(target)) {
  if (target_.empty()) {
    throw FileError(target_, "the name of the output file is empty");
  }
  buffer_.reserve(kBufferBytes);
  struct stat info = {};
  if (::stat(target_.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) {
      throw FileError(target_, "cannot write the file: it is a directory");
    }
    if (!S_ISREG(info.st_mode)) {
      direct_ = true;
      fd_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC);
      if (fd_ < 0) {
        throw FileError(target_, "cannot write the file", errno);
      }
      return;
    }
    // A rename would replace a write-protected file without asking.
    if (::access(target_.c_str(), W_OK) != 0) {
      throw FileError(target_, "cannot write the file", errno);
    }
  } else if (errno != ENOENT) {
    throw FileError(target_, "cannot write the file", errno);
  }
  real_path_ = follow_links(target_);
  open_temporary(mode);
}

void OutputFile::open_temporary(mode_t mode) {
  std::string name = (real_path_.parent_path() / ".pagepress-XXXXXX").string();
  fd_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd_ < 0) {
    throw FileError(target_, "cannot create the file", errno);
  }
  slot_ = publish_pending_file(name);
  temporary_ = name;
  // mkostemp makes every file private; not all file systems have modes, so
  // that a failure here is none of the write's.
  static_cast<void>(::fchmod(fd_, mode & ~current_umask()));
}

OutputFile::~OutputFile() {
  if (fd_ >= 0) {
    ::close(fd_);
  }
  if (!temporary_.empty()) {
    ::unlink(temporary_.c_str());
    retract_pending(slot_);
  }
}

void OutputFile::write(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const std::size_t n = std::min(bytes.size(), kBufferBytes - buffer_.size());
    const auto taken = bytes.first(n);
    buffer_.insert(buffer_.end(), taken.begin(), taken.end());
    bytes = bytes.subspan(n);
    if (buffer_.size() == kBufferBytes) {
      flush();
    }
  }
}

void OutputFile::write(std::string_view text) {
  write(std::span(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()));
}

void OutputFile::flush() {
  std::span<const std::uint8_t> rest = buffer_;
  while (!rest.empty()) {
    const ssize_t n = ::write(fd_, rest.data(), rest.size());
    if (n < 0) {
      if (errno == EINTR) {
        continue;
      }
      throw FileError(target_, "cannot write the file", errno);
    }
    rest = rest.subspan(static_cast<std::size_t>(n));
  }
  buffer_.clear();
}

void OutputFile::finish() {
  flush();
  // Some file systems find out only now that the disk is full.
  if (!direct_ && ::fsync(fd_) != 0) {
    throw FileError(target_, "cannot write the file", errno);
  }
  if (::close(std::exchange(fd_, -1)) != 0) {
    throw FileError(target_, "cannot write the file", errno);
  }
}

void OutputFile::commit() {
  if (fd_ >= 0) {
    finish();
  }
  if (direct_) {
    return;
  }
  if (::rename(temporary_.c_str(), real_path_.c_str()) != 0) {
    throw FileError(target_, "cannot put the file in place", errno);
  }
  temporary_.clear();
  retract_pending(slot_);
  // Best effort: the name outlives a power failure, too.
  const int folder = ::open(real_path_.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder >= 0) {
    static_cast<void>(::fsync(folder));
    ::close(folder);
  }
}

void write_file(const std::filesystem::path& target, std::string_view text) {
  OutputFile file(target);
  file.write(text);
  file.commit();
}

}  // namespace pagepress::sim
