// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/record/access_bits.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <string>

#include <fmt/format.h>

#include "apps/pagepress/capture/capture_error.hpp"
#include "apps/pagepress/capture/process.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {
namespace {

using sim::kPageBytes;

// admin-guide/mm/pagemap.rst
constexpr std::uint64_t kSoftDirty = std::uint64_t{1} << 55;
constexpr std::uint64_t kPresent = std::uint64_t{1} << 63;
constexpr std::uint64_t kFrame = (std::uint64_t{1} << 55) - 1;
constexpr const char* kIdleBitmap = "/sys/kernel/mm/page_idle/bitmap";
constexpr std::uint64_t kBitsPerWord = 64;

// A file descriptor that is closed at the end.
class File {
 public:
  File(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::vector<std::uint64_t> read_pagemap(pid_t pid, std::uint64_t address, std::size_t count) {
  std::vector<std::uint64_t> entries(count);
  const File file(memory_folder(pid) + "/pagemap", O_RDONLY);
  std::size_t done = 0;
  const std::size_t bytes = count * sizeof(std::uint64_t);
  while (file && done < bytes) {
    const auto offset = static_cast<off_t>(address / kPageBytes * sizeof(std::uint64_t) + done);
    const ssize_t got =
        ::pread(file.fd(), reinterpret_cast<char*>(entries.data()) + done, bytes - done, offset);
    if (got <= 0) break;
    done += static_cast<std::size_t>(got);
  }
  return entries;
}

bool is_soft_dirty(std::uint64_t entry) noexcept { return (entry & kSoftDirty) != 0; }

bool clear_refs(pid_t pid, int what) {
  const File file(memory_folder(pid) + "/clear_refs", O_WRONLY);
  const std::string text = fmt::format("{}\n", what);
  return file && ::write(file.fd(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool kernel_has_soft_dirty() {
  void* const memory =
      ::mmap(nullptr, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return false;
  auto* const byte = static_cast<volatile char*>(memory);
  const auto address = reinterpret_cast<std::uint64_t>(memory);
  const auto dirty = [&] { return is_soft_dirty(read_pagemap(::getpid(), address, 1).front()); };
  *byte = 1;
  bool works = clear_refs(::getpid(), 4) && !dirty();
  *byte = 2;
  works = works && dirty();
  ::munmap(memory, kPageBytes);
  return works;
}

bool kernel_has_idle_pages() { return static_cast<bool>(File(kIdleBitmap, O_RDWR)); }

std::vector<bool> accessed_and_mark_idle(std::span<const std::uint64_t> entries) {
  const File bitmap(kIdleBitmap, O_RDWR);
  std::vector<bool> accessed(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const std::uint64_t frame = entries[i] & kFrame;
    if ((entries[i] & kPresent) == 0) continue;
    if (frame == 0) {
      throw CaptureError("page frame numbers are hidden: idle page tracking needs CAP_SYS_ADMIN");
    }
    const auto offset = static_cast<off_t>(frame / kBitsPerWord * sizeof(std::uint64_t));
    const std::uint64_t bit = std::uint64_t{1} << frame % kBitsPerWord;
    std::uint64_t word = 0;
    if (::pread(bitmap.fd(), &word, sizeof(word), offset) != sizeof(word) ||
        ::pwrite(bitmap.fd(), &bit, sizeof(bit), offset) != sizeof(bit)) {
      throw CaptureError(fmt::format("cannot use {}: {}", kIdleBitmap, std::strerror(errno)));
    }
    accessed[i] = (word & bit) == 0;
  }
  return accessed;
}

}  // namespace pagepress::app
