// SPDX-License-Identifier: Apache-2.0
// QueuePolicy: all policies but inline batches. Pages go through a queue to workers, or are
// compressed by whoever reclaims where there is no queue, or where its rules say so.
// Limitation: one node, one queue.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "sim/reclaim/policy/asking_codec.hpp"
#include "sim/reclaim/policy/base_policy.hpp"
#include "sim/reclaim/policy/page_codec.hpp"
#include "sim/reclaim/policy/producers.hpp"
#include "sim/reclaim/policy/workers.hpp"

namespace pagepress::reclaim {

class QueuePolicy final : public BasePolicy {
 public:
  QueuePolicy(const PolicyConfig& config, const PolicyContext& context);

  void drain(Task& current) override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  void write_pages(Task& current, Caller caller, std::span<const std::uint64_t> cookies) override;
  [[nodiscard]] WorkerTools make_tools(Task& task, std::size_t worker);
  [[nodiscard]] WorkerTools make_bare_tools(Task& task, std::size_t worker);

  struct CpuStation {
    CpuStation(PageMemo& memo, Scheduler& scheduler) : codec(memo, scheduler) {}
    PageCodec codec;
    std::vector<std::byte> page = std::vector<std::byte>(kPageSize);
  };

  QueueShape shape_{};
  std::unique_ptr<PageQueue> queue_;  // none: who reclaims compresses
  Producers producers_;
  std::vector<std::unique_ptr<CpuStation>> stations_;  // of workers without an engine
  std::vector<std::unique_ptr<AskingCodec>> asking_;   // of all workers
  std::optional<Workers> workers_;
};

}  // namespace pagepress::reclaim
