// SPDX-License-Identifier: Apache-2.0
// standin_top.sv as an RtlTop.
#pragma once

#include <memory>

#include "model/device/rtl_top.hpp"

namespace pagepress::model {

std::unique_ptr<RtlTop> make_standin_top();

}  // namespace pagepress::model
