// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/capture/process_memory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "apps/pagepress/capture/capture_error.hpp"
#include "apps/pagepress/capture/process.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {
namespace {

[[noreturn]] void throw_not_permitted(pid_t pid) {
  throw CaptureError(
      fmt::format("not permitted to read the memory of {}: only its owner and root may (and see "
                  "kernel.yama.ptrace_scope in ptrace(2))",
                  describe_process(pid)));
}

// Why a process cannot be captured at all, before anything is opened.
void check_process(pid_t pid) {
  const auto status = read_process_status(pid);
  if (!status) {
    // /proc may be mounted so that it hides what belongs to others.
    if (::kill(pid, 0) != 0 && errno == EPERM) {
      throw_not_permitted(pid);
    }
    throw CaptureError(fmt::format("there is no process {}", pid));
  }
  if (status->kernel_thread) {
    throw CaptureError(
        fmt::format("{} is a kernel thread: it has no memory of its own", describe_process(pid)));
  }
  if (status->dead()) {
    throw CaptureError(fmt::format("{} has exited (it is a zombie)", describe_process(pid)));
  }
  if (pid == ::getpid()) {
    throw CaptureError("pagepress cannot capture itself");
  }
}

int open_proc_file(pid_t pid, const char* name) {
  const std::string path = fmt::format("{}/{}", memory_folder(pid), name);
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd >= 0) {
    return fd;
  }
  const int error_number = errno;
  if (error_number == EACCES || error_number == EPERM) {
    throw_not_permitted(pid);
  }
  if (error_number == ENOENT || error_number == ESRCH) {
    throw CaptureError(fmt::format("process {} has exited", pid));
  }
  throw CaptureError(
      fmt::format("cannot open {}: {}", path, std::generic_category().message(error_number)));
}

}  // namespace

ProcessMemory::ProcessMemory(pid_t pid) : pid_(pid) {
  check_process(pid);
  mem_ = open_proc_file(pid, "mem");
  try {
    pagemap_ = open_proc_file(pid, "pagemap");
  } catch (...) {
    ::close(mem_);
    throw;
  }
}

ProcessMemory::~ProcessMemory() {
  for (const int fd : {mem_, pagemap_}) {
    if (fd >= 0) {
      ::close(fd);
    }
  }
}

ProcessMemory::ProcessMemory(ProcessMemory&& other) noexcept
    : pid_(other.pid_),
      pagemap_(std::exchange(other.pagemap_, -1)),
      mem_(std::exchange(other.mem_, -1)) {}

std::vector<Mapping> ProcessMemory::mappings() const {
  std::ifstream smaps(memory_folder(pid_) + "/smaps");
  if (!smaps) {
    check_alive();
    throw_not_permitted(pid_);
  }
  auto mappings = parse_smaps(smaps);
  check_alive();  // smaps of a process that exits just ends early
  return mappings;
}

void ProcessMemory::find_anonymous_pages(const Mapping& mapping,
                                         std::vector<PageRange>& ranges) const {
  try {
    if (!scan_anonymous_pages(pagemap_, mapping.start, mapping.end, ranges)) {
      read_anonymous_pages(pagemap_, mapping.start, mapping.end, ranges);
    }
  } catch (const CaptureError&) {
    check_alive();  // that it has exited says more
    throw;
  }
}

std::size_t ProcessMemory::read(std::uint64_t address, std::span<std::uint8_t> bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t n =
        ::pread(mem_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(address + done));
    if (n > 0) {
      done += static_cast<std::size_t>(n);
    } else if (n == 0) {
      throw CaptureError(fmt::format("process {} exited while it was captured", pid_));
    } else if (errno != EINTR) {
      check_alive();
      break;
    }
  }
  return done / sim::kPageBytes * sim::kPageBytes;
}

void ProcessMemory::check_alive() const {
  const auto status = read_process_status(pid_);
  if (!status || status->dead()) {
    throw CaptureError(fmt::format("process {} exited while it was captured", pid_));
  }
}

}  // namespace pagepress::app
