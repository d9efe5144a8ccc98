// SPDX-License-Identifier: Apache-2.0
// The mappings of a process that hold anonymous memory, from /proc/PID/smaps.
//
// smaps rather than maps, as its "Anonymous" line names the few mappings worth
// a walk of their page tables: reservations of terabytes (sanitizers, JVMs,
// browsers) and device memory are passed over.
// Limitations: huge pages of hugetlbfs do not count as anonymous there; they
// cannot be reclaimed, so that no page compression ever sees them.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <istream>
#include <string>
#include <vector>

namespace pagepress::app {

struct Mapping {
  std::uint64_t start = 0;  // addresses; multiples of the page size
  std::uint64_t end = 0;    // one past the last byte
  std::string name;         // file, "[heap]", "[stack]", ... or nothing
  bool shared = false;
  std::uint64_t anonymous_bytes = 0;  // resident
  std::uint64_t swapped_bytes = 0;
  std::uint64_t referenced_bytes = 0;  // accessed since clear_refs (proc(5)), files' pages too
};

// Throws CaptureError if the text is not smaps.
[[nodiscard]] std::vector<Mapping> parse_smaps(std::istream& text);

// Whether resident anonymous pages can be found in it: private, not one of
// the kernel's own ([vdso], [vvar], [vsyscall]), and some are there.
[[nodiscard]] bool holds_anonymous_pages(const Mapping& mapping);

}  // namespace pagepress::app
