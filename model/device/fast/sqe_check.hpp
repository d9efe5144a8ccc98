// SPDX-License-Identifier: Apache-2.0
// rtl/queue/pp_sqe_check.sv: what a submission asks for, or what is wrong with it.
#pragma once

#include "model/device/fast/geometry.hpp"
#include "model/device/fast/records.hpp"

namespace pagepress::model::fast {

struct SqeVerdict {
  std::uint8_t detail = 0;  // PP_BAD_*; 0: good
  bool compress = false;    // work for a compress channel
  bool decompress = false;
  Job job;  // but for what is injected
};

[[nodiscard]] SqeVerdict check_sqe(const pp_sqe& sqe, const Geometry& geometry);

}  // namespace pagepress::model::fast
