// SPDX-License-Identifier: Apache-2.0
// DmaTable: what of this process's memory a server may reach at which IOVA, and the accesses
// that it asks for, checked.
//
// IOVAs are handed out once and never again, a free page after each range, so that a late or
// wild access hits nothing.
// Thread-safe: an access and remove() exclude each other.
#pragma once

#include <pagepress/bus.hpp>

#include <cstddef>
#include <map>
#include <mutex>
#include <span>

namespace pagepress {

class DmaTable {
 public:
  static constexpr std::size_t kPage = 4096;

  // The IOVA has the offset in its page that `addr` has. `len` is not 0.
  Iova add(std::byte* addr, std::size_t len, bool writable);
  void remove(Iova iova);
  // Copies from or to [iova, iova + data.size()), which must lie in one range. 0, or EFAULT
  // (not mapped), EACCES (not for writing). A completion becomes visible whole, its phase bit last.
  [[nodiscard]] int read(Iova iova, std::span<std::byte> data) const;
  [[nodiscard]] int write(Iova iova, std::span<const std::byte> data);

 private:
  struct Range {
    std::byte* addr;
    std::size_t len;
    bool writable;
  };
  [[nodiscard]] const Range* find(Iova iova, std::size_t len, Iova& start) const;

  mutable std::mutex mutex_;
  std::map<Iova, Range> ranges_;
  Iova next_ = Iova{1} << 32;  // above what is special on a PC (MSI at 0xfee00000)
};

}  // namespace pagepress
