// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/meter.hpp"

#include <pagepress/codec.hpp>

namespace pagepress::sim {

Emit report_progress(const ProgressFn& progress, Progress::Phase phase,
                     const std::string& backend) {
  if (!progress) return {};
  return [&progress, phase, backend](const nlohmann::json& message) {
    const bool back = message.value("operation", "") == to_string(Operation::kDecompress);
    progress({.phase = back ? Progress::Phase::kDecompress : phase,
              .backend = message.value("backend", backend),
              .done = message.at("done"),
              .total = message.at("total"),
              .pages_per_s = message.at("pages_per_s")});
  };
}

}  // namespace pagepress::sim
