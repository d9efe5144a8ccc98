// SPDX-License-Identifier: Apache-2.0
// What a submission must come to, by docs/abi.md, from memory as it is: the codec of
// model/codec for compression, liblz4 for decompression.
// Limitations
// - Units up to kLargestUnit. With faults in both lists of a submission, or a list that is bad
//   and faulty, the device may tell either: the one told here is the source's.
// - Bus faults are whole pages (Arena).
#pragma once

#include <cstdint>
#include <vector>

#include "rtl/abi/pagepress_abi.h"
#include "tests/rtl/common/memory.hpp"
#include "tests/rtl/device/arena.hpp"

namespace pagepress::bench {

inline constexpr std::uint32_t kLargestUnit = 4096;
inline constexpr std::uint32_t kLargestBlock = kLargestUnit + kLargestUnit / 255 + 16;

// An error injected into a unit; kind PP_INJECT_NONE: none.
struct Injected {
  std::uint32_t kind = PP_INJECT_NONE;
  std::uint32_t argument = 0;
};

struct Outcome {
  std::uint8_t status = PP_STATUS_OK;
  std::uint8_t detail = 0;
  bool raw = false;
  std::uint32_t crc32c = 0;
  std::uint64_t info = 0;
  std::vector<std::uint8_t> data;  // the first bytes of the destination
  bool writes_nothing = false;     // the destination must be as it was
  bool list_fault = false;         // PP_ERR_SGL_FETCH at info is logged
  bool engine_error = false;       // PP_ERR_ENGINE is logged
  std::uint32_t bytes_in = 0;      // as the counters see it
  bool by_engine = false;          // engine_cycles are told
};

// The ranges of a buffer of which the first `length` bytes are used.
struct Buffer {
  std::vector<Range> ranges;  // no empty ones
  Range list;                 // length 0: none
};

class Reference {
 public:
  Reference(const Memory& memory, const Arena& arena) : memory_(memory), arena_(arena) {}

  [[nodiscard]] Outcome expect(const pp_sqe& sqe, const Injected& injected = {}) const;

  // PP_BAD_* of the fields alone, 0: good.
  [[nodiscard]] static std::uint8_t bad_field(const pp_sqe& sqe);
  [[nodiscard]] static bool uses_engine(const pp_sqe& sqe) {
    return bad_field(sqe) == 0 && sqe.opcode != PP_OP_NOP;
  }
  // What the device may read (source) or write (destination) for a submission whose fields
  // are good. No ranges for a bad or refused list.
  [[nodiscard]] Buffer source(const pp_sqe& sqe) const;
  [[nodiscard]] Buffer destination(const pp_sqe& sqe) const;
  [[nodiscard]] std::vector<std::uint8_t> gather(const std::vector<Range>& ranges,
                                                 std::size_t length) const;

 private:
  enum class List : std::uint8_t { kGood, kBad, kRefused };
  struct Parsed {
    Buffer buffer;
    List list = List::kGood;
    std::uint64_t refused_at = 0;
  };

  [[nodiscard]] Parsed parse(std::uint64_t address, std::uint64_t length, bool sgl,
                             unsigned count) const;
  // The address of the first byte, of `length`, that the bus refuses.
  [[nodiscard]] bool first_refused(const std::vector<Range>& ranges, std::size_t length,
                                   bool is_write, std::uint64_t& address) const;
  void work(const pp_sqe& sqe, const std::vector<std::uint8_t>& source, const Injected& injected,
            Outcome& outcome) const;

  const Memory& memory_;
  const Arena& arena_;
};

}  // namespace pagepress::bench
