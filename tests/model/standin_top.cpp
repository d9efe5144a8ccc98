// SPDX-License-Identifier: Apache-2.0
#include "tests/model/standin_top.hpp"

#include <Vstandin_top.h>

#include "model/device/rtl_top_verilated.hpp"

namespace pagepress::model {

std::unique_ptr<RtlTop> make_standin_top() {
  return std::make_unique<VerilatedTop<Vstandin_top>>();
}

}  // namespace pagepress::model
