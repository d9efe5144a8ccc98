// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/record/access_sampler.hpp"

#include <algorithm>

#include <pagepress/codecs.hpp>

#include "apps/pagepress/capture/capture_error.hpp"
#include "apps/pagepress/capture/frozen_process.hpp"
#include "apps/pagepress/record/access_bits.hpp"
#include "apps/pagepress/signals.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {
namespace {

using sim::kPageBytes;

constexpr std::size_t kChunkPages = 256;
constexpr int kReferencedBits = 1;
constexpr int kSoftDirtyBits = 4;

bool is_zero(std::span<const std::uint8_t> page) {
  return std::all_of(page.begin(), page.end(), [](std::uint8_t byte) { return byte == 0; });
}

reclaim::PageSet sorted_runs(std::vector<std::uint32_t> pages) {
  std::sort(pages.begin(), pages.end());
  return reclaim::to_runs(pages);
}

}  // namespace

AccessMethods AccessMethods::of_this_kernel() {
  return {kernel_has_soft_dirty(), kernel_has_idle_pages()};
}

AccessSampler::AccessSampler(pid_t pid, AccessMethods methods, sim::OutputFile& pages)
    : pid_(pid), methods_(methods), output_(pages), buffer_(kChunkPages * kPageBytes) {
  const ProcessMemory probe(pid);  // says best why a process cannot be recorded
}

void AccessSampler::sample(std::uint64_t end_us) {
  const FrozenProcess frozen(pid_);
  const ProcessMemory memory(pid_);  // opened anew: the process may have become another program
  ++samples_;
  const std::vector<Mapping> mappings = memory.mappings();
  count_referenced(mappings);  // before reading the memory, which references it
  Found found;
  for (const Mapping& mapping : mappings) {
    if (!holds_anonymous_pages(mapping)) continue;
    std::vector<PageRange> ranges;
    memory.find_anonymous_pages(mapping, ranges);
    for (const PageRange& range : ranges) look_at(memory, range, found);
  }
  memory.check_alive();
  if (samples_ > 1) touched_ += found.touched.size();
  intervals_.push_back({.end_us = end_us,
                        .touched = sorted_runs(std::move(found.touched)),
                        .written = sorted_runs(std::move(found.written)),
                        .gone = sorted_runs(find_gone())});
  reset_bits();
}

void AccessSampler::look_at(const ProcessMemory& memory, const PageRange& range, Found& found) {
  for (std::uint64_t at = range.start; at < range.end;) {
    check_signals();
    const std::size_t wanted = std::min<std::uint64_t>(range.end - at, buffer_.size());
    const std::size_t got = memory.read(at, std::span(buffer_).first(wanted));
    look_at_chunk(at, std::span(buffer_).first(got), range.zero_page_possible, found);
    at += got == wanted ? got : got + kPageBytes;  // a page that cannot be read is left out
  }
}

void AccessSampler::look_at_chunk(std::uint64_t address, std::span<const std::uint8_t> bytes,
                                  bool zero_possible, Found& found) {
  const std::size_t count = bytes.size() / kPageBytes;
  std::vector<std::uint64_t> entries;
  if (methods_.soft_dirty || methods_.idle_pages) entries = read_pagemap(pid_, address, count);
  std::vector<bool> accessed(count);
  if (methods_.idle_pages) accessed = accessed_and_mark_idle(entries);
  for (std::size_t i = 0; i < count; ++i) {
    const auto page = bytes.subspan(i * kPageBytes, kPageBytes);
    const auto known = pages_.find(address + i * kPageBytes);
    if (known == pages_.end() && zero_possible && is_zero(page)) continue;
    const std::uint32_t crc = crc32c(page.data(), page.size());
    const auto number = static_cast<std::uint32_t>(pages_.size());
    const auto [at, is_new] =
        pages_.try_emplace(address + i * kPageBytes, Page{number, crc, samples_, false});
    Page& seen = at->second;
    if (is_new) {
      output_.write(page);
      first_crcs_.push_back(crc);
    }
    const bool written = is_new || seen.gone ||
                         (methods_.soft_dirty ? is_soft_dirty(entries[i]) : seen.crc32c != crc);
    if (written) found.written.push_back(seen.number);
    if (written || accessed[i]) found.touched.push_back(seen.number);
    seen.crc32c = crc;
    seen.seen = samples_;
    seen.gone = false;
  }
}

void AccessSampler::count_referenced(const std::vector<Mapping>& mappings) {
  if (!referenced_ || samples_ == 1) return;
  for (const Mapping& mapping : mappings) {
    if (!holds_anonymous_pages(mapping)) continue;
    *referenced_ += std::min(mapping.referenced_bytes, mapping.anonymous_bytes) / kPageBytes;
  }
}

std::vector<std::uint32_t> AccessSampler::find_gone() {
  std::vector<std::uint32_t> gone;
  for (auto& [address, page] : pages_) {
    if (page.seen == samples_ || page.gone) continue;
    page.gone = true;
    gone.push_back(page.number);
  }
  return gone;
}

void AccessSampler::reset_bits() {
  if (methods_.soft_dirty && !clear_refs(pid_, kSoftDirtyBits)) {
    throw CaptureError("cannot clear soft-dirty bits: not permitted to write clear_refs");
  }
  // Idle page tracking owns the referenced bits.
  if (methods_.idle_pages || !clear_refs(pid_, kReferencedBits)) referenced_.reset();
}

reclaim::Recording AccessSampler::recording() const {
  reclaim::Recording recording;
  recording.header = {{"writes", methods_.writes()},
                      {"reads", methods_.reads()},
                      {"touched", touched_},
                      {"referenced", nullptr},
                      {"contents_crc32c", reclaim::contents_crc32c(first_crcs_)}};
  if (referenced_) recording.header["referenced"] = *referenced_;
  recording.pages = static_cast<std::uint32_t>(pages_.size());
  recording.intervals = intervals_;
  return recording;
}

}  // namespace pagepress::app
