// SPDX-License-Identifier: Apache-2.0
// A simulation in a process of its own: SystemC elaborates once a process.
#pragma once

#include <functional>
#include <string>

#include <systemc>

#include <nlohmann/json.hpp>

#include "sim/experiment/child_process.hpp"

namespace pagepress::reclaim {

// What `body` returns, which makes its modules and tasks and runs them. Throws what
// sim::run_in_child() does, with the message of an exception of `body`.
inline nlohmann::json simulated(const std::function<nlohmann::json()>& body) {
  return sim::run_in_child("simulation", [&](const sim::Emit&) { return body(); }, {});
}

}  // namespace pagepress::reclaim
