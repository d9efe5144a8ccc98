// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/capture/mappings.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <sstream>
#include <string_view>

#include "apps/pagepress/capture/capture_error.hpp"

namespace pagepress::app {
namespace {

// "55d0c000-55d0d000 rw-p 00000000 00:00 0    [heap]"; nothing for other lines.
std::optional<Mapping> parse_header(std::string_view line) {
  Mapping mapping;
  const char* const end = line.data() + line.size();
  const auto first = std::from_chars(line.data(), end, mapping.start, 16);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '-') {
    return std::nullopt;
  }
  const auto second = std::from_chars(first.ptr + 1, end, mapping.end, 16);
  if (second.ec != std::errc{} || mapping.end <= mapping.start) {
    return std::nullopt;
  }
  std::istringstream rest{std::string(second.ptr, end)};
  std::string permissions;
  std::string offset;
  std::string device;
  std::string inode;
  if (!(rest >> permissions >> offset >> device >> inode) || permissions.size() != 4) {
    return std::nullopt;
  }
  mapping.shared = permissions[3] == 's';
  std::getline(rest >> std::ws, mapping.name);
  return mapping;
}

// "Anonymous:            12 kB" -> 12288; nothing if the key is another one.
std::optional<std::uint64_t> parse_kib(std::string_view line, std::string_view key) {
  if (!line.starts_with(key)) {
    return std::nullopt;
  }
  line.remove_prefix(key.size());
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  std::uint64_t kib = 0;
  if (std::from_chars(line.data(), line.data() + line.size(), kib).ec != std::errc{}) {
    return std::nullopt;
  }
  return kib * 1024;
}

}  // namespace

std::vector<Mapping> parse_smaps(std::istream& text) {
  std::vector<Mapping> mappings;
  for (std::string line; std::getline(text, line);) {
    // Keys of values begin with a capital, addresses never do (lower-case hex).
    if (!line.empty() && (line[0] < 'A' || line[0] > 'Z')) {
      auto mapping = parse_header(line);
      if (!mapping) {
        throw CaptureError(fmt::format("cannot understand this line of smaps: {}", line));
      }
      mappings.push_back(std::move(*mapping));
    } else if (!mappings.empty()) {
      if (const auto anonymous = parse_kib(line, "Anonymous:")) {
        mappings.back().anonymous_bytes = *anonymous;
      } else if (const auto swapped = parse_kib(line, "Swap:")) {
        mappings.back().swapped_bytes = *swapped;
      } else if (const auto referenced = parse_kib(line, "Referenced:")) {
        mappings.back().referenced_bytes = *referenced;
      }
    }
  }
  return mappings;
}

bool holds_anonymous_pages(const Mapping& mapping) {
  const bool kernels_own = mapping.name.starts_with("[vdso") || mapping.name.starts_with("[vvar") ||
                           mapping.name.starts_with("[vsyscall");
  return mapping.anonymous_bytes > 0 && !mapping.shared && !kernels_own;
}

}  // namespace pagepress::app
