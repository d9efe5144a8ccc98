// SPDX-License-Identifier: Apache-2.0
// The Verilated pagepress_top with one engine, without any Verilated type in sight.
#pragma once

#include <memory>

#include "model/device/rtl_top.hpp"

namespace pagepress::bench {

std::unique_ptr<model::RtlTop> make_one_engine_top();

}  // namespace pagepress::bench
