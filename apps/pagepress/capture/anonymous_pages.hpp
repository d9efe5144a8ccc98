// SPDX-License-Identifier: Apache-2.0
// Which pages of an address range are resident and anonymous.
//
// A page counts if it is present, and neither a page of a file nor of shared
// memory. A page of a private file mapping counts once it has been written to,
// as the process then has an anonymous copy of its own. Memory that was only
// read is backed by the kernel's one zero page and holds nothing to compress:
// it does not count.
//
// Limitations: units are 4 KiB pages, also inside transparent huge pages.
#pragma once

#include <cstdint>
#include <vector>

namespace pagepress::app {

struct PageRange {
  std::uint64_t start = 0;  // address
  std::uint64_t end = 0;
  // From /proc/PID/pagemap alone the kernel's zero page looks like an
  // anonymous page that is shared with a child: such a range is marked, and
  // its pages count unless they read as zeros. (An anonymous page that fork()
  // shares and that holds only zeros is then missed.)
  bool zero_page_possible = false;

  bool operator==(const PageRange&) const = default;
};

// By the ioctl PAGEMAP_SCAN of Linux 6.7, exact and fast on sparse mappings. Only
// huge pages that a child shares are marked, as the huge zero page looks like them.
// Returns false, with nothing appended, if the kernel does not have it.
// `pagemap_fd` is an open /proc/PID/pagemap. Both throw CaptureError.
bool scan_anonymous_pages(int pagemap_fd, std::uint64_t start, std::uint64_t end,
                          std::vector<PageRange>& ranges);

// The same for older kernels, from the entries of pagemap.
void read_anonymous_pages(int pagemap_fd, std::uint64_t start, std::uint64_t end,
                          std::vector<PageRange>& ranges);

}  // namespace pagepress::app
