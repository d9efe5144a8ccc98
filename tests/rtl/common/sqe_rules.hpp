// SPDX-License-Identifier: Apache-2.0
// What a device makes of a submission before it touches a buffer: docs/abi.md,
// section 6, as code. The benches' reference for pp_sqe_check and the whole device.
#pragma once

#include <cstdint>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::bench {

struct SqeVerdict {
  unsigned detail = 0;         // PP_BAD_*; 0: good
  bool nop = false;            // good, and no work
  bool decompress = false;     // good, and work of this kind; else of a compressor
  std::uint32_t capacity = 0;  // bytes of the destination that count
  std::uint32_t limit = 0;     // of a compression: longest useful output
  bool raw = false;            // an incompressible unit is stored
};

// Of a device whose largest unit has `unit_max` bytes, with lists of `sge_max` entries.
SqeVerdict judge(const pp_sqe& sqe, std::uint32_t unit_max, unsigned sge_max);

}  // namespace pagepress::bench
