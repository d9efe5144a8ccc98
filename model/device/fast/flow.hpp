// SPDX-License-Identifier: Apache-2.0
// A unit inside a channel, from its job to its result: what is known of it and when it
// came where. Times are edges; kNever: not known yet.
#pragma once

#include <cstdint>
#include <vector>

#include "model/device/fast/records.hpp"

namespace pagepress::model::fast {

struct Range {
  std::uint64_t address = 0;
  std::uint32_t len = 0;
};

// Data of a unit that a burst has brought.
struct Piece {
  Cycle first = 0;  // edge of its first beat
  unsigned beats = 0;
  unsigned steps = 0;  // chunks of 32 bytes: edges that the packer takes for it
  unsigned lane = 0;   // of its first byte in its first beat
  unsigned bytes = 0;
};

struct Flow {
  Job job;
  unsigned slot = 0;
  Cycle came = 0;  // its job

  // ---- Reader
  std::vector<Range> src, dst;
  bool list_fault = false;
  bool bad_list = false;
  bool fault = false;
  std::uint64_t fault_address = 0;
  std::vector<std::uint8_t> data;  // the source
  std::uint32_t asked = 0;         // bytes of it that bursts were granted for
  std::vector<Piece> pieces;
  std::size_t fed = 0;        // pieces that the engine has been given
  unsigned ahead = 0;         // beats that left the buffer ahead of a plan
  bool arrived = false;       // all pieces are here
  Cycle first_feed = kNever;  // the engine took its first beat
  Cycle complete = kNever;    // and its last

  // ---- Engine
  Result result;
  std::vector<std::uint8_t> out;
  Cycle done = kNever;     // the encoder, or decoder, is done
  Cycle judged = kNever;   // verified, if that was asked for
  Cycle offered = kNever;  // its result
  Cycle taken = kNever;    // likewise
  Cycle left = kNever;     // the engine is rid of its output

  // ---- Writer
  Cycle written = kNever;  // its result can be picked from this edge on
  bool write_fault = false;
  std::uint64_t write_fault_address = 0;

  [[nodiscard]] bool unreadable() const { return list_fault || bad_list; }
};

}  // namespace pagepress::model::fast
