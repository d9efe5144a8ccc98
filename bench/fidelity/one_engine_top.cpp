// SPDX-License-Identifier: Apache-2.0
#include "bench/fidelity/one_engine_top.hpp"

#include <Vone_engine.h>

#include "model/device/rtl_top_verilated.hpp"

namespace pagepress::bench {

std::unique_ptr<model::RtlTop> make_one_engine_top() {
  return std::make_unique<model::VerilatedTop<Vone_engine>>();
}

}  // namespace pagepress::bench
