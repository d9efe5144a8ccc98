// SPDX-License-Identifier: Apache-2.0
// Samples which anonymous pages of a process were touched and written since the last sample.
//
// The process stands still during a sample. Pages get their numbers as they are seen first; then
// their contents are written to the page file. How writes and reads are found is access_bits.hpp's;
// without soft-dirty bits a page was written if its contents (CRC-32C) have changed.
// Limitations: a write of what was there already is not seen without soft-dirty bits; without idle
// page tracking reads are not seen, but how many pages were referenced is (by smaps).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "apps/pagepress/capture/process_memory.hpp"
#include "sim/pagefile/output_file.hpp"
#include "sim/reclaim/workload/recording.hpp"

namespace pagepress::app {

struct AccessMethods {
  bool soft_dirty = false;
  bool idle_pages = false;

  static AccessMethods of_this_kernel();
  [[nodiscard]] std::string writes() const { return soft_dirty ? "soft-dirty" : "contents"; }
  [[nodiscard]] std::string reads() const { return idle_pages ? "idle-page" : "none"; }
};

class AccessSampler {
 public:
  // Throws CaptureError: no such process, not permitted, a kernel thread.
  AccessSampler(pid_t pid, AccessMethods methods, sim::OutputFile& pages);

  // An interval that ends now, `end_us` after recording began. Throws CaptureError (the process has
  // exited, not permitted), FileError, Interrupted.
  void sample(std::uint64_t end_us);

  // All intervals, and in the header what is known of them.
  [[nodiscard]] reclaim::Recording recording() const;

 private:
  struct Page {
    std::uint32_t number;
    std::uint32_t crc32c;
    std::uint64_t seen;  // sample in which it was there last
    bool gone;
  };
  struct Found {  // in one sample
    std::vector<std::uint32_t> touched;
    std::vector<std::uint32_t> written;
  };

  void look_at(const ProcessMemory& memory, const PageRange& range, Found& found);
  void look_at_chunk(std::uint64_t address, std::span<const std::uint8_t> bytes, bool zero_possible,
                     Found& found);
  void count_referenced(const std::vector<Mapping>& mappings);
  std::vector<std::uint32_t> find_gone();
  void reset_bits();

  pid_t pid_;
  AccessMethods methods_;
  sim::OutputFile& output_;
  std::map<std::uint64_t, Page> pages_;    // by address
  std::vector<std::uint32_t> first_crcs_;  // of the page file's pages
  std::vector<std::uint8_t> buffer_;
  std::vector<reclaim::RecordedInterval> intervals_;
  std::uint64_t samples_ = 0;
  std::uint64_t touched_ = 0;                    // after the first sample
  std::optional<std::uint64_t> referenced_ = 0;  // likewise; nothing if smaps cannot say
};

}  // namespace pagepress::app
