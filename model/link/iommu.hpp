// SPDX-License-Identifier: Apache-2.0
// Iotlb: which translations the IOMMU holds, least recently used first out. What is mapped
// at all, and for writing, is HostMemory's to say: what it refuses is the fault.
//
// Limitation: walks do not wait for one another; fully associative.
#pragma once

#include <cstdint>
#include <list>
#include <unordered_map>

namespace pagepress::model {

class Iotlb {
 public:
  // No entries: nothing is translated, and nothing ever misses.
  Iotlb(std::size_t entries, std::uint64_t page_bytes)
      : entries_(entries), page_bytes_(page_bytes) {}

  // Translations of [address, address + len) that had to be walked for.
  unsigned misses(std::uint64_t address, std::uint64_t len);

 private:
  bool hit(std::uint64_t page);

  std::size_t entries_;
  std::uint64_t page_bytes_;
  std::list<std::uint64_t> pages_;  // latest first
  std::unordered_map<std::uint64_t, std::list<std::uint64_t>::iterator> where_;
};

}  // namespace pagepress::model
