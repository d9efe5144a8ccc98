// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/batch_policy.hpp"

#include <algorithm>

namespace pagepress::reclaim {

BatchPolicy::BatchPolicy(const PolicyConfig& config, const PolicyContext& context)
    : BasePolicy(config, context),
      producers_(producer_config(config_, context_, nullptr), memo_, context_.scheduler,
                 [this](const PageDone& done) { settle(done); }) {}

// A batch is its caller's, who may dip below the watermarks.
void BatchPolicy::settle(const PageDone& done) {
  write_.settle(context_.scheduler.current(), done, /*memalloc=*/true);
}

void BatchPolicy::write_pages(Task& current, Caller caller,
                              std::span<const std::uint64_t> cookies) {
  std::vector<Page> pages;
  for (const std::uint64_t cookie : cookies) pages.push_back(write_.page(cookie));
  for (std::size_t first = 0; first < pages.size(); first += config_.batch) {
    const std::span<const Page> batch =
        std::span(pages).subspan(first, std::min(config_.batch, pages.size() - first));
    if (engine_ && context_.store.accepts() &&
        engine_->compress(current, batch, [this](const PageDone& d) { settle(d); })) {
      ++requests_;
      requested_ += batch.size();
      continue;
    }
    for (const Page& page : batch) {
      (void)producers_.put(current, caller == Caller::kKswapd, page);
    }
  }
}

nlohmann::json BatchPolicy::to_json() const {
  nlohmann::json json = BasePolicy::to_json();
  json.update(producers_.to_json());
  if (engine_) json["requests"] = {{"requests", requests_}, {"pages", requested_}};
  return json;
}

}  // namespace pagepress::reclaim
