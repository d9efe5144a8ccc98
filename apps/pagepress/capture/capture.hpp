// SPDX-License-Identifier: Apache-2.0
// Copies the resident anonymous pages of processes into a page file.
//
// Order: processes as given, addresses ascending. Each process is read whole
// or an error is thrown: the result never mixes "all" with "what was left".
//
// Limitations: pages that processes share by copy-on-write are written once
// for each. Pages that are swapped out are counted, not read. With `stop`
// false the pages are of slightly different moments, and those that vanish
// while they are read are left out.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/pagefile/output_file.hpp"

namespace pagepress::app {

struct CaptureOptions {
  bool stop = true;                        // hold the processes still meanwhile
  std::optional<std::uint64_t> max_pages;  // if there are more: evenly spaced ones
};

struct CapturedProcess {
  pid_t pid = 0;
  std::string name;
  std::uint64_t mappings = 0;        // that hold resident anonymous pages
  std::uint64_t resident_pages = 0;  // anonymous ones found
  std::uint64_t swapped_pages = 0;   // anonymous ones left out, as they are not resident
  std::uint64_t pages = 0;           // written
};

struct CaptureSummary {
  std::vector<CapturedProcess> processes;
  std::uint64_t pages = 0;              // written
  std::uint64_t zero_pages = 0;         // of them
  std::uint64_t same_filled_pages = 0;  // of them, the zero pages included
};

// Called now and then with pages done and pages to do.
using CaptureProgress = std::function<void(std::uint64_t, std::uint64_t)>;

// Throws CaptureError (no such process, not permitted, a kernel thread, exited
// meanwhile, no pages), FileError or Interrupted. Nothing is committed.
[[nodiscard]] CaptureSummary capture_processes(std::span<const pid_t> pids,
                                               const CaptureOptions& options,
                                               sim::OutputFile& output,
                                               const CaptureProgress& progress);

}  // namespace pagepress::app
