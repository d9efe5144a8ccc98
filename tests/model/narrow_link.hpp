// SPDX-License-Identifier: Apache-2.0
// The preset "soc" with 32 B/ns each way: a beat of the stand-in's bus a nanosecond, so that tests
// can say times to the cycle whatever the preset's bandwidth is.
#pragma once

#include "model/link/link_config.hpp"

namespace pagepress::model {

inline LinkConfig narrow_link() {
  LinkConfig config = link_preset("soc");
  config.upstream_bytes_per_ns = 32;
  config.downstream_bytes_per_ns = 32;
  return config;
}

}  // namespace pagepress::model
