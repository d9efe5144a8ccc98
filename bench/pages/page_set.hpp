// SPDX-License-Identifier: Apache-2.0
// The pages of a file that benches measure: all but zero and same-filled ones, which take a
// shorter way through the engine and would flatter it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::bench {

struct PageSet {
  explicit PageSet(const std::filesystem::path& path);  // throws sim::FileError

  sim::PageFile file;
  std::string name;   // the file's, without .pages
  std::string group;  // the name of its folder: "process" and "file" of make_corpus.sh
  std::vector<sim::PageView> pages;  // that are measured
  std::uint64_t same_filled = 0;     // that are not, the zero pages with them
};

}  // namespace pagepress::bench
