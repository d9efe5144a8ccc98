// SPDX-License-Identifier: Apache-2.0
// Page files for tests of sim/: text-like, random, zero and same-filled pages,
// the same in every run.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "sim/pagefile/page_file.hpp"

namespace pagepress::sim::testing {

// A folder that is removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "pp_sim_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

enum class Content { kText, kRandom, kZero, kSameFilled };

inline void append_page(std::vector<std::uint8_t>& bytes, Content content, std::mt19937& random) {
  const std::size_t start = bytes.size();
  bytes.resize(start + kPageBytes);
  std::uint8_t* page = bytes.data() + start;
  switch (content) {
    case Content::kText:  // words of a small vocabulary: ratio about 2 to 3
      for (std::size_t at = 0; at < kPageBytes;) {
        const std::uint32_t word = random() % 400;
        for (unsigned i = 0; i < 3 + word % 7 && at < kPageBytes; ++i) {
          page[at++] = static_cast<std::uint8_t>('a' + (word * 31 + i * i * 7) % 26);
        }
        if (at < kPageBytes) page[at++] = ' ';
      }
      break;
    case Content::kRandom:
      for (std::size_t at = 0; at < kPageBytes; ++at)
        page[at] = static_cast<std::uint8_t>(random());
      break;
    case Content::kZero:
      break;
    case Content::kSameFilled:
      for (std::size_t at = 0; at < kPageBytes; ++at) {
        page[at] = static_cast<std::uint8_t>(1 + at % 8);
      }
      break;
  }
}

// `pages` pages: of 8, one zero, one same-filled, one random, five text.
inline std::vector<std::uint8_t> mixed_pages(std::size_t pages, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < pages; ++i) {
    constexpr Content kPattern[] = {Content::kText, Content::kZero,      Content::kText,
                                    Content::kText, Content::kRandom,    Content::kText,
                                    Content::kText, Content::kSameFilled};
    append_page(bytes, kPattern[i % 8], random);
  }
  return bytes;
}

inline std::filesystem::path write_pages(const std::filesystem::path& path,
                                         const std::vector<std::uint8_t>& bytes) {
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
  if (!file) throw std::runtime_error("cannot write " + path.string());
  return path;
}

}  // namespace pagepress::sim::testing
