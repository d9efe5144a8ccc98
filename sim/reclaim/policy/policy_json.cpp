// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/policy.hpp"

namespace pagepress::reclaim {

nlohmann::json to_json(const PolicyConfig& config) {
  nlohmann::json json = {
      {"who", config.who},           {"codec", config.codec}, {"same_filled", config.same_filled},
      {"memalloc", config.memalloc}, {"nice", config.nice},   {"cores", config.cores}};
  if (!config.shape.empty()) {
    json.update({{"shape", config.shape},
                 {"split", config.split},
                 {"state", config.state},
                 {"policy", config.policy},
                 {"fifo_entries", config.fifo_entries},
                 {"workers", config.workers},
                 {"batch", config.batch}});
  }
  if (config.has_engine()) {
    json.update({{"depth", config.depth},
                 {"wait", to_string(config.wait)},
                 {"irq_count", config.irq_count},
                 {"irq_us", config.irq_us},
                 {"swapin_engine", config.swapin_engine}});
  }
  return json;
}

}  // namespace pagepress::reclaim
