// SPDX-License-Identifier: Apache-2.0
// The memory of a process that is not ours: where its anonymous pages are, and
// what is in them, by smaps, pagemap and mem in /proc/PID/task/TID.
//
// Limitations: the files stay with the program that the process runs when they
// are opened; after an exec() they read as if the process had exited.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <vector>

#include "apps/pagepress/capture/anonymous_pages.hpp"
#include "apps/pagepress/capture/mappings.hpp"

namespace pagepress::app {

class ProcessMemory {
 public:
  // Throws CaptureError: no such process, exited, a kernel thread, not
  // permitted.
  explicit ProcessMemory(pid_t pid);
  ~ProcessMemory();
  ProcessMemory(ProcessMemory&& other) noexcept;
  ProcessMemory& operator=(ProcessMemory&&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  // All mappings, with or without anonymous pages.
  [[nodiscard]] std::vector<Mapping> mappings() const;
  // Appends the resident anonymous pages of a mapping.
  void find_anonymous_pages(const Mapping& mapping, std::vector<PageRange>& ranges) const;
  // Reads whole pages from `address` on; returns how many bytes were read
  // before a page that is not there any more. Throws if the process is gone.
  [[nodiscard]] std::size_t read(std::uint64_t address, std::span<std::uint8_t> bytes) const;
  // Throws CaptureError if the process has exited meanwhile.
  void check_alive() const;

 private:
  pid_t pid_;
  int pagemap_ = -1;
  int mem_ = -1;
};

}  // namespace pagepress::app
