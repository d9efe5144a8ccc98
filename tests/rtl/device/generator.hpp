// SPDX-License-Identifier: Apache-2.0
// Random submissions of every kind, good and bad, with their sources and scatter lists
// laid out in memory.
// Limitation: at most one list of a submission is bad or refused by the bus.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/memory.hpp"
#include "tests/rtl/common/random.hpp"
#include "tests/rtl/device/arena.hpp"

namespace pagepress::bench {

// Chances in percent.
struct Mix {
  // Of the operations; what is left are NOPs.
  unsigned compress = 20;
  unsigned verify = 6;
  unsigned decompress = 20;
  unsigned copy = 6;
  unsigned check = 6;
  unsigned bad = 20;  // some field wrong
  // Of the good ones
  unsigned sgl = 25;        // for source and for destination
  unsigned bad_list = 3;    // of the lists
  unsigned unaligned = 50;  // for source and for destination
  unsigned faulty = 4;      // source, destination or a list where the bus may refuse
  unsigned relaxed = 20;
  unsigned irq = 40;
};

struct Submission {
  pp_sqe sqe{};
  std::vector<std::uint64_t> slots;  // of the arena, to be given back
};

class Generator {
 public:
  // Slots that one submission takes at most.
  static constexpr unsigned kSlots = 4;

  Generator(Memory& memory, Arena& arena, std::uint64_t seed);

  Submission make(const Mix& mix);
  // Page-like data in, at page boundaries, nothing wrong: for measurements. Compressible pages
  // only.
  Submission plain(std::uint8_t opcode);

 private:
  struct Place {
    std::uint64_t address = 0;
    unsigned entries = 0;  // of the list at address; 0: none
  };

  Place place(std::span<const std::uint8_t> bytes, std::uint64_t length, bool sgl, bool bad_list,
              const Mix& mix, Submission& submission);
  Place list(const std::vector<pp_sge>& entries, const Mix& mix, Submission& submission);
  std::uint64_t position(std::uint64_t length, const Mix& mix, Submission& submission);
  void store(std::uint64_t address, std::span<const std::uint8_t> bytes);
  void set_source(Submission& submission, std::span<const std::uint8_t> bytes, const Mix& mix);
  void set_destination(Submission& submission, std::uint32_t capacity, const Mix& mix);
  void expand(Submission& submission, const Mix& mix);
  void spoil(pp_sqe& sqe);
  std::vector<std::uint8_t> unit();
  std::vector<std::uint8_t> block(std::span<const std::uint8_t> content);

  Memory& memory_;
  Arena& arena_;
  Random random_;
  std::vector<std::vector<std::uint8_t>> pool_;   // units
  std::vector<std::vector<std::uint8_t>> plain_;  // of those, compressible ones
  std::uint64_t tag_;
  bool problem_ = false;  // the submission in work has its faulty slot or bad list already
};

}  // namespace pagepress::bench
