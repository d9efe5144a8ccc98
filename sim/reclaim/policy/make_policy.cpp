// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/batch_policy.hpp"
#include "sim/reclaim/policy/queue_policy.hpp"

namespace pagepress::reclaim {

std::unique_ptr<Policy> make_policy(const PolicyConfig& config, const PolicyContext& context) {
  check_engine(config, context.engine);
  if (config.who == "batch") return std::make_unique<BatchPolicy>(config, context);
  return std::make_unique<QueuePolicy>(config, context);
}

}  // namespace pagepress::reclaim
