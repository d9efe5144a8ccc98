// SPDX-License-Identifier: Apache-2.0
// BatchPolicy: zswap's batches, as of v14 of January 2026: the pages of one large folio, up to
// eight, are one request, and whoever reclaims waits for it. With a CPU codec a request is one page
// after the other, and the policy is kswapd's.
// Limitation: requests with an engine take turns at `workers` queues, where IAA has one a CPU.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "sim/reclaim/policy/base_policy.hpp"
#include "sim/reclaim/policy/producers.hpp"

namespace pagepress::reclaim {

class BatchPolicy final : public BasePolicy {
 public:
  BatchPolicy(const PolicyConfig& config, const PolicyContext& context);

  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  void write_pages(Task& current, Caller caller, std::span<const std::uint64_t> cookies) override;
  void settle(const PageDone& done);

  Producers producers_;
  std::uint64_t requests_ = 0;  // to the engine
  std::uint64_t requested_ = 0;
};

}  // namespace pagepress::reclaim
