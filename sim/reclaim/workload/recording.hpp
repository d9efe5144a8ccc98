// SPDX-License-Identifier: Apache-2.0
// A recording: which pages of a real process were touched and written, interval by interval
// (`pagepress record`; docs/reclaim/record.md has the format). What the pages contained is in a
// page file beside it; page i of the recording is page i of that.
//
// File: "PPRECRD1", length of the header (32 bits, little-endian), header (JSON), intervals,
// CRC-32C of all before. An interval: microseconds since the one before, then three sets of pages
// (touched, written, gone), each a number of runs and for each run the gap after the last and the
// length; all numbers as LEB128. Limitation: held in memory whole.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace pagepress::reclaim {

struct PageRun {
  std::uint32_t first = 0;
  std::uint32_t count = 0;

  bool operator==(const PageRun&) const = default;
};
using PageSet = std::vector<PageRun>;  // ascending, apart from each other

// Of ascending numbers.
[[nodiscard]] PageSet to_runs(const std::vector<std::uint32_t>& pages);
[[nodiscard]] std::uint64_t page_count(const PageSet& set);

struct RecordedInterval {
  std::uint64_t end_us = 0;  // since recording began
  PageSet touched;           // those written among them
  PageSet written;
  PageSet gone;  // unmapped or given back by then

  bool operator==(const RecordedInterval&) const = default;
};

struct Recording {
  // version, kernel, command, interval_ms, method of writes and reads; `pages` and `intervals` are
  // set by encode().
  nlohmann::json header = nlohmann::json::object();
  std::uint32_t pages = 0;
  std::vector<RecordedInterval> intervals;
};

[[nodiscard]] std::string encode(const Recording& recording);
// `name` is for messages. Throws sim::FileError: no recording, of another version, torn, damaged.
[[nodiscard]] Recording decode(const std::filesystem::path& name, std::string_view bytes);
// What the header says as contents_crc32c of the recording's page file, from the CRC-32C of each of
// its pages.
[[nodiscard]] std::uint32_t contents_crc32c(std::span<const std::uint32_t> page_crcs);
// Throws sim::FileError.
[[nodiscard]] Recording read_recording(const std::filesystem::path& file);

}  // namespace pagepress::reclaim
