// SPDX-License-Identifier: Apache-2.0
// Records that units travel as; names as in rtl/queue/pp_queue_pkg.sv.
#pragma once

#include <cstdint>

#include "model/device/fast/event_queue.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model::fast {

enum class Work : std::uint8_t { kCompress, kCopy, kCheck };

// A submission that has passed its check.
struct Job {
  std::uint64_t src_addr = 0;  // or of its list
  std::uint64_t dst_addr = 0;
  std::uint32_t src_len = 0;
  std::uint32_t dst_capacity = 0;
  std::uint32_t limit = 0;  // longest useful output
  std::uint32_t expected = 0;
  std::uint32_t inject_arg = 0;
  std::uint8_t src_count = 0;
  std::uint8_t dst_count = 0;
  std::uint8_t inject = 0;  // PP_INJECT_* of units
  Work work = Work::kCompress;
  bool src_sgl = false;
  bool dst_sgl = false;
  bool raw = false;
  bool verify = false;
  bool expect_crc = false;
};

// What became of a unit.
struct Result {
  std::uint8_t status = PP_STATUS_OK;
  std::uint8_t detail = 0;
  bool raw = false;
  bool list_fault = false;    // to be logged
  bool engine_error = false;  // likewise
  bool on_engine = false;
  std::uint8_t engine = 0;
  std::uint32_t out_len = 0;
  std::uint32_t crc32c = 0;
  std::uint32_t cycles = 0;
  std::uint64_t info = 0;
};

// What is known of a unit from its dispatch on.
struct Unit {
  std::uint64_t tag = 0;
  Cycle start = 0;  // when its submission came
  std::uint32_t src_len = 0;
  std::uint16_t index = 0;
  std::uint8_t queue = 0;
  bool irq = false;
};

struct LogEntry {
  std::uint8_t condition = PP_ERR_NONE;
  std::uint16_t queue = 0;
  std::uint32_t index = 0;
  std::uint64_t address = 0;
};

// A completion that has been written, for the counters.
struct Stat {
  std::uint32_t bytes_in = 0;
  std::uint32_t bytes_out = 0;
  Cycle latency = 0;
  std::uint8_t queue = 0;
  std::uint8_t engine = 0;
  std::uint8_t status = 0;
  bool on_engine = false;
};

}  // namespace pagepress::model::fast
