// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/engine_queues.hpp"

#include "rtl/abi/pagepress_abi.h"
#include "sim/experiment/compare.hpp"

namespace pagepress::sim {

void require_decompression(const Capabilities& capabilities) {
  if ((capabilities.operations >> PP_OP_DECOMPRESS & 1u) != 0) return;
  throw CompareError(
      "the device cannot decompress (PP_REG_CAP1 lacks PP_OP_DECOMPRESS), so that there is "
      "nothing to compare");
}

}  // namespace pagepress::sim
