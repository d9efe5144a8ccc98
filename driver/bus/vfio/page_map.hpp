// SPDX-License-Identifier: Apache-2.0
// PageMap: the physical addresses of this process's pages, by /proc/self/pagemap.
// Limitation: they hold only while the page is pinned; an address that was read before must be read
// again once it is.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/file_descriptor.hpp"

namespace pagepress {

class PageMap {
 public:
  // Physical address of [addr, addr + len), whole pages, after making them present. Throws
  // std::system_error (EINVAL not contiguous, EPERM not allowed to know).
  [[nodiscard]] std::uint64_t contiguous(void* addr, std::size_t len);

 private:
  vfio_user::FileDescriptor file_;
};

}  // namespace pagepress
