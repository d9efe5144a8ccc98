// SPDX-License-Identifier: Apache-2.0
// The one file that sees the Verilated pagepress_top.
#include <Vpagepress_top.h>

#include "model/device/rtl_top_verilated.hpp"

namespace pagepress::model {

std::unique_ptr<RtlTop> make_pagepress_top() {
  return std::make_unique<VerilatedTop<Vpagepress_top>>();
}

}  // namespace pagepress::model
