// SPDX-License-Identifier: Apache-2.0
// What this kernel tells about accesses to single pages, found out at run time:
//
//   writes  soft-dirty bits (/proc/PID/clear_refs 4, bit 55 of pagemap: CONFIG_MEM_SOFT_DIRTY),
//   else
//           none: the caller compares contents
//   reads   idle page tracking (/sys/kernel/mm/page_idle/bitmap: CONFIG_IDLE_PAGE_TRACKING, root),
//           else none: smaps then only says how many pages of a mapping were referenced
//
// Limitation: an idle bit is of a physical page: an access by another process that shares it
// counts.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <vector>

namespace pagepress::app {

// Whether a write of this process shows in its soft-dirty bits.
[[nodiscard]] bool kernel_has_soft_dirty();
// Whether idle page tracking can be read and set.
[[nodiscard]] bool kernel_has_idle_pages();

// Entries of /proc/PID/pagemap of `count` pages from `address` on; 0 for those that cannot be read.
[[nodiscard]] std::vector<std::uint64_t> read_pagemap(pid_t pid, std::uint64_t address,
                                                      std::size_t count);
[[nodiscard]] bool is_soft_dirty(std::uint64_t entry) noexcept;

// Writes a number to /proc/PID/clear_refs: 1 clears referenced bits, 4 soft-dirty bits. False: the
// kernel or the process does not let us.
bool clear_refs(pid_t pid, int what);

// Of pages by their pagemap entries: which have been accessed since they were marked idle; all are
// marked again. Throws CaptureError.
[[nodiscard]] std::vector<bool> accessed_and_mark_idle(std::span<const std::uint64_t> entries);

}  // namespace pagepress::app
