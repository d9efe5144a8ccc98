// SPDX-License-Identifier: Apache-2.0
// Memory that sources, destinations and scatter lists are given from: slots far apart
// from each other, some of which have pages that the bus refuses.
// Limitation: a page faults for as long as the arena lives.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "tests/rtl/common/axi_slave.hpp"
#include "tests/rtl/common/memory.hpp"
#include "tests/rtl/common/random.hpp"

namespace pagepress::bench {

struct Range {
  std::uint64_t address = 0;
  std::uint64_t length = 0;
};

class Arena {
 public:
  // Slots of `slot_bytes`, a multiple of 4 KiB; `faulty` more have faulty pages.
  Arena(Memory& memory, AxiSlave& axi, std::uint64_t seed, std::uint64_t slot_bytes, unsigned good,
        unsigned faulty);

  [[nodiscard]] std::uint64_t slot_bytes() const { return slot_bytes_; }
  [[nodiscard]] std::size_t free_slots() const { return good_.size(); }
  [[nodiscard]] bool has_faulty() const { return !faulty_.empty(); }

  // The base of a slot; one must be free.
  std::uint64_t take(bool faulty = false);
  void give_back(std::uint64_t slot);

  // Whether the bus refuses a read or write of that byte.
  [[nodiscard]] bool refused(std::uint64_t address, bool is_write) const;
  // Makes a page fault for reads, writes or both (of rings; to be lifted again).
  void refuse(std::uint64_t page_address, bool read, bool write);
  void lift(std::uint64_t page_address);

 private:
  struct Refusal {
    bool read = false;
    bool write = false;
  };
  static constexpr std::uint64_t kPage = Memory::kPage;

  void install();

  Memory& memory_;
  AxiSlave& axi_;
  Random random_;
  std::uint64_t slot_bytes_;
  std::vector<std::uint64_t> good_;
  std::vector<std::uint64_t> faulty_;
  std::unordered_map<std::uint64_t, bool> is_faulty_;   // by slot
  std::unordered_map<std::uint64_t, Refusal> refused_;  // by page number; kept by install()
};

}  // namespace pagepress::bench
