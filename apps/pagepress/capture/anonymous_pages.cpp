// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/capture/anonymous_pages.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "apps/pagepress/capture/capture_error.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {
namespace {

using sim::kPageBytes;

// linux/fs.h of 6.7; Debian 12's headers are older.
struct PageRegion {
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t categories;
};
struct PmScanArg {
  std::uint64_t size;
  std::uint64_t flags;
  std::uint64_t start;
  std::uint64_t end;
  std::uint64_t walk_end;
  std::uint64_t vec;
  std::uint64_t vec_len;
  std::uint64_t max_pages;
  std::uint64_t category_inverted;
  std::uint64_t category_mask;
  std::uint64_t category_anyof_mask;
  std::uint64_t return_mask;
};
static_assert(sizeof(PageRegion) == 24 && sizeof(PmScanArg) == 96);
constexpr std::uint64_t kPageIsFile = 1U << 2;
constexpr std::uint64_t kPageIsPresent = 1U << 3;
constexpr std::uint64_t kPageIsPfnZero = 1U << 5;
constexpr std::uint64_t kPageIsHuge = 1U << 6;

// Entries of pagemap: Documentation/admin-guide/mm/pagemap.rst.
constexpr std::uint64_t kPmPresent = 1ULL << 63;
constexpr std::uint64_t kPmFileOrShared = 1ULL << 61;
constexpr std::uint64_t kPmExclusive = 1ULL << 56;

[[noreturn]] void fail(int error_number) {
  throw CaptureError(
      fmt::format("cannot read pagemap: {}", std::generic_category().message(error_number)));
}

void append(std::vector<PageRange>& ranges, const PageRange& range) {
  if (!ranges.empty() && ranges.back().end == range.start &&
      ranges.back().zero_page_possible == range.zero_page_possible) {
    ranges.back().end = range.end;
  } else {
    ranges.push_back(range);
  }
}

}  // namespace

bool scan_anonymous_pages(int pagemap_fd, std::uint64_t start, std::uint64_t end,
                          std::vector<PageRange>& ranges) {
  std::array<PageRegion, 512> regions = {};
  PmScanArg arg = {};
  arg.size = sizeof(arg);
  arg.start = start;
  arg.end = end;
  arg.vec = reinterpret_cast<std::uintptr_t>(regions.data());
  arg.vec_len = regions.size();
  arg.category_mask = kPageIsPresent | kPageIsFile | kPageIsPfnZero;
  arg.category_inverted = kPageIsFile | kPageIsPfnZero;
  arg.return_mask = kPageIsPresent | kPageIsHuge;
  while (arg.start < end) {
    const int found = ::ioctl(pagemap_fd, _IOWR('f', 16, PmScanArg), &arg);
    if (found < 0) {
      if (errno == EINTR) {
        continue;
      }
      if (errno == ENOTTY && arg.start == start) {
        return false;
      }
      fail(errno);
    }
    for (std::size_t i = 0; i < static_cast<std::size_t>(found); ++i) {
      if ((regions[i].categories & kPageIsHuge) != 0) {
        // Before Linux 6.17 the huge zero page does not count as PFNZERO. The
        // entries of pagemap show at least what is surely no zero page.
        read_anonymous_pages(pagemap_fd, regions[i].start, regions[i].end, ranges);
      } else {
        append(ranges, {regions[i].start, regions[i].end, false});
      }
    }
    if (arg.walk_end <= arg.start) {
      fail(ESRCH);  // no progress: the address space is gone
    }
    arg.start = arg.walk_end;
  }
  return true;
}

void read_anonymous_pages(int pagemap_fd, std::uint64_t start, std::uint64_t end,
                          std::vector<PageRange>& ranges) {
  std::vector<std::uint64_t> entries;
  for (std::uint64_t at = start; at < end;) {
    const std::uint64_t pages = std::min<std::uint64_t>((end - at) / kPageBytes, 1U << 16);
    entries.resize(pages);
    const auto offset = static_cast<off_t>(at / kPageBytes * sizeof(entries[0]));
    const ssize_t n = ::pread(pagemap_fd, entries.data(), pages * sizeof(entries[0]), offset);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < static_cast<ssize_t>(sizeof(entries[0]))) {
      fail(n < 0 ? errno : ESRCH);
    }
    entries.resize(static_cast<std::size_t>(n) / sizeof(entries[0]));
    for (const std::uint64_t entry : entries) {
      if ((entry & kPmPresent) != 0 && (entry & kPmFileOrShared) == 0) {
        append(ranges, {at, at + kPageBytes, (entry & kPmExclusive) == 0});
      }
      at += kPageBytes;
    }
  }
}

}  // namespace pagepress::app
