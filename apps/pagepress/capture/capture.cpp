// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/capture/capture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "apps/pagepress/capture/capture_error.hpp"
#include "apps/pagepress/capture/frozen_process.hpp"
#include "apps/pagepress/capture/process.hpp"
#include "apps/pagepress/capture/process_memory.hpp"
#include "apps/pagepress/signals.hpp"
#include "sim/pagefile/page_class.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {
namespace {

using sim::kPageBytes;

constexpr std::size_t kChunkPages = 256;

// Picks `wanted` of `total` pages, evenly spaced; all if there are not more.
class EvenSample {
 public:
  EvenSample(std::uint64_t total, std::uint64_t wanted)
      : total_(total), wanted_(std::min(total, wanted)) {}
  // For page 0, 1, 2, ... in turn.
  bool take_next() {
    --left_;
    credit_ += wanted_;
    // What lost_next() lost is made up for by the last pages.
    const bool taken = credit_ >= total_ || to_take_ > left_;
    if (taken) {
      credit_ -= std::min(credit_, total_);
      --to_take_;
    }
    return taken;
  }
  // The next page is not there any more.
  void lost_next() { --left_; }

 private:
  std::uint64_t total_;
  std::uint64_t wanted_;
  std::uint64_t left_ = total_;  // pages still to come
  std::uint64_t to_take_ = wanted_;
  std::uint64_t credit_ = 0;  // < total_ between calls
};

struct Target {
  ProcessMemory memory;
  std::vector<PageRange> ranges;
  CapturedProcess summary;
};

// Of marked ranges only the pages that do not read as zeros; the others whole.
std::vector<PageRange> without_zero_page(const ProcessMemory& memory,
                                         const std::vector<PageRange>& ranges) {
  std::vector<PageRange> kept;
  std::vector<std::uint8_t> buffer(kChunkPages * kPageBytes);
  for (const PageRange& range : ranges) {
    if (!range.zero_page_possible) {
      kept.push_back(range);
      continue;
    }
    for (std::uint64_t at = range.start; at < range.end;) {
      check_signals();
      const std::size_t bytes = std::min<std::uint64_t>(buffer.size(), range.end - at);
      const std::size_t n = memory.read(at, std::span(buffer).first(bytes));
      if (n == 0) {  // it cannot be read: for the copier to deal with
        kept.push_back({at, at + kPageBytes});
        at += kPageBytes;
      }
      for (std::size_t page = 0; page < n; page += kPageBytes, at += kPageBytes) {
        if (sim::classify(sim::PageView(buffer.data() + page, kPageBytes)) !=
            sim::PageKind::kZero) {
          kept.push_back({at, at + kPageBytes});
        }
      }
    }
  }
  return kept;
}

Target survey(ProcessMemory memory) {
  Target target{std::move(memory), {}, {}};
  target.summary.pid = target.memory.pid();
  if (const auto status = read_process_status(target.summary.pid)) {
    target.summary.name = status->name;
  }
  for (const Mapping& mapping : target.memory.mappings()) {
    target.summary.swapped_pages += mapping.swapped_bytes / kPageBytes;
    if (holds_anonymous_pages(mapping)) {
      ++target.summary.mappings;
      target.memory.find_anonymous_pages(mapping, target.ranges);
    }
  }
  target.ranges = without_zero_page(target.memory, target.ranges);
  for (const PageRange& range : target.ranges) {
    target.summary.resident_pages += (range.end - range.start) / kPageBytes;
  }
  return target;
}

// Copies pages of one process after the other.
class Copier {
 public:
  Copier(const CaptureOptions& options, std::uint64_t total, sim::OutputFile& output,
         const CaptureProgress& progress)
      : options_(options),
        total_(total),
        sample_(total, options.max_pages.value_or(total)),
        output_(output),
        progress_(progress),
        buffer_(kChunkPages * kPageBytes) {}

  void copy(Target& target) {
    for (const PageRange& range : target.ranges) {
      for (std::uint64_t at = range.start; at < range.end;) {
        check_signals();
        const std::size_t bytes = std::min<std::uint64_t>(buffer_.size(), range.end - at);
        copy_chunk(target, at, bytes);
        at += bytes;
        done_ += bytes / kPageBytes;
        progress_(done_, total_);
      }
    }
    // Reads need not fail at once when a process is killed.
    target.memory.check_alive();
  }

  [[nodiscard]] const CaptureSummary& summary() const { return summary_; }

 private:
  void copy_chunk(Target& target, std::uint64_t address, std::size_t bytes) {
    const std::span<std::uint8_t> chunk = std::span(buffer_).first(bytes);
    for (std::size_t done = 0; done < bytes;) {
      const std::size_t n = target.memory.read(address + done, chunk.subspan(done));
      for (std::size_t page = 0; page < n; page += kPageBytes) {
        copy_page(target, sim::PageView(chunk.data() + done + page, kPageBytes));
      }
      done += n;
      if (done == bytes) {
        break;
      }
      if (options_.stop) {
        throw CaptureError(fmt::format("cannot read the page at 0x{:x} of {}", address + done,
                                       describe_process(target.memory.pid())));
      }
      done += kPageBytes;  // unmapped meanwhile
      --target.summary.resident_pages;
      sample_.lost_next();
    }
  }

  void copy_page(Target& target, sim::PageView page) {
    if (!sample_.take_next()) {
      return;
    }
    const sim::PageKind kind = sim::classify(page);
    output_.write(page);
    ++target.summary.pages;
    ++summary_.pages;
    summary_.zero_pages += kind == sim::PageKind::kZero ? 1 : 0;
    summary_.same_filled_pages += kind == sim::PageKind::kOther ? 0 : 1;
  }

  const CaptureOptions& options_;
  std::uint64_t total_;
  EvenSample sample_;
  sim::OutputFile& output_;
  const CaptureProgress& progress_;
  std::vector<std::uint8_t> buffer_;
  std::uint64_t done_ = 0;
  CaptureSummary summary_;
};

}  // namespace

CaptureSummary capture_processes(std::span<const pid_t> pids, const CaptureOptions& options,
                                 sim::OutputFile& output, const CaptureProgress& progress) {
  // Permissions first: a process that may not be read is not stopped either.
  std::vector<ProcessMemory> memories;
  for (const pid_t pid : pids) {
    memories.emplace_back(pid);
  }
  std::deque<FrozenProcess> frozen;  // all of them stand still at one moment
  if (options.stop) {
    for (const pid_t pid : pids) {
      frozen.emplace_back(pid);
    }
  }
  std::vector<Target> targets;
  std::uint64_t total = 0;
  for (ProcessMemory& memory : memories) {
    targets.push_back(survey(std::move(memory)));
    total += targets.back().summary.resident_pages;
  }
  if (total == 0) {
    throw CaptureError(fmt::format("{} has no resident anonymous pages",
                                   pids.size() == 1 ? describe_process(pids[0]) : "no process"));
  }
  Copier copier(options, total, output, progress);
  for (Target& target : targets) {
    copier.copy(target);
  }
  CaptureSummary summary = copier.summary();
  if (summary.pages == 0) {
    throw CaptureError("all pages vanished while they were read");
  }
  for (Target& target : targets) {
    summary.processes.push_back(std::move(target.summary));
  }
  return summary;
}

}  // namespace pagepress::app
