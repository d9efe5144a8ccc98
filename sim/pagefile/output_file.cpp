// SPDX-License-Identifier: Apache-2.0
#include "sim/pagefile/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "sim/pagefile/file_error.hpp"

namespace pagepress::sim {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{1} << 20;

// Temporary files that exist now. A signal handler reads this table, so it is
// static memory: a slot is claimed, its path written, and only then published.
enum class SlotState : int { kFree, kClaimed, kPublished };
struct PendingSlot {
  std::atomic<SlotState> state = SlotState::kFree;
  std::array<char, PATH_MAX> path = {};
};
std::array<PendingSlot, 16> g_pending;
static_assert(std::atomic<SlotState>::is_always_lock_free);

// Returns -1 if the table is full or the path too long; then only the
// destructor removes the file.
int publish_pending(const std::string& path) noexcept {
  if (path.size() >= PATH_MAX) {
    return -1;
  }
  for (std::size_t i = 0; i < g_pending.size(); ++i) {
    SlotState expected = SlotState::kFree;
    if (g_pending[i].state.compare_exchange_strong(expected, SlotState::kClaimed)) {
      std::memcpy(g_pending[i].path.data(), path.c_str(), path.size() + 1);
      g_pending[i].state.store(SlotState::kPublished);
      return static_cast<int>(i);
    }
  }
  return -1;
}

void retract_pending(int slot) noexcept {
  if (slot >= 0) {
    g_pending[static_cast<std::size_t>(slot)].state.store(SlotState::kFree);
  }
}

// The path must be absolute, as the program may change its directory.
std::filesystem::path follow_links(const std::filesystem::path& path) {
  std::error_code error;
  const auto real = std::filesystem::weakly_canonical(path, error);
  return error ? std::filesystem::absolute(path) : real;
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
  real_path_ = follow_links(target_);

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
  open_temporary(mode);
}

void OutputFile::open_temporary(mode_t mode) {
  std::string name = (real_path_.parent_path() / ".pagepress-XXXXXX").string();
  fd_ = ::mkostemp(name.data(), O_CLOEXEC);
  if (fd_ < 0) {
    throw FileError(target_, "cannot create the file", errno);
  }
  slot_ = publish_pending(name);
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

void OutputFile::commit() {
  flush();
  // Some file systems find out only now that the disk is full.
  if (!direct_ && ::fsync(fd_) != 0) {
    throw FileError(target_, "cannot write the file", errno);
  }
  if (::close(std::exchange(fd_, -1)) != 0) {
    throw FileError(target_, "cannot write the file", errno);
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

void discard_pending_output_files() noexcept {
  for (PendingSlot& slot : g_pending) {
    if (slot.state.load() == SlotState::kPublished) {
      ::unlink(slot.path.data());
    }
  }
}

}  // namespace pagepress::sim
