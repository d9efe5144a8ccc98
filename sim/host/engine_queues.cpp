// SPDX-License-Identifier: Apache-2.0
#include "sim/host/engine_queues.hpp"

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::sim {

void require_decompression(const Capabilities& capabilities) {
  if ((capabilities.operations >> PP_OP_DECOMPRESS & 1u) != 0) return;
  throw UnfitEngine(
      "the device cannot decompress (PP_REG_CAP1 lacks PP_OP_DECOMPRESS), so that there is "
      "nothing to compare");
}

}  // namespace pagepress::sim
