// SPDX-License-Identifier: Apache-2.0
// QueuePolicy: all policies but inline batches. Pages go through a queue to workers, or are
// compressed by whoever reclaims where there is no queue, or where its rules say so.
// Limitation: one node, one queue.
#pragma once

#include <memory>

#include "sim/reclaim/policy/engine.hpp"
#include "sim/reclaim/policy/page_memo.hpp"
#include "sim/reclaim/policy/policy.hpp"
#include "sim/reclaim/policy/producers.hpp"
#include "sim/reclaim/policy/read_path.hpp"
#include "sim/reclaim/policy/workers.hpp"
#include "sim/reclaim/policy/write_path.hpp"

namespace pagepress::reclaim {

// What every policy has: the two paths, and an engine if its codec is one.
class BasePolicy : public Policy {
 public:
  BasePolicy(const PolicyConfig& config, const PolicyContext& context);

  void read_page(Task& current, PageId page) override { read_.read(current, page); }
  void invalidate(PageId page) override { write_.invalidate(page); }
  [[nodiscard]] std::uint64_t free_slots() const noexcept override {
    return context_.store.free_slots();
  }
  void drain(Task& current) override;
  [[nodiscard]] std::uint64_t queued() const noexcept override { return write_.open_pages(); }
  [[nodiscard]] nlohmann::json to_json() const override;

 protected:
  // Pages of a folio in order; each is settled, or on its way, when this returns.
  virtual void write_pages(Task& current, Caller caller, std::uint32_t slot,
                           std::span<const std::uint64_t> cookies) = 0;
  WriteResult write_folio(Task& current, Caller caller, std::span<const PageId> pages) final;

  const PolicyConfig config_;
  const PolicyContext context_;
  PageMemo memo_;
  std::unique_ptr<Engine> engine_;  // none: codecs of the CPU
  WritePath write_;
  ReadPath read_;
};

class QueuePolicy final : public BasePolicy {
 public:
  QueuePolicy(const PolicyConfig& config, const PolicyContext& context);

  void drain(Task& current) override;
  [[nodiscard]] nlohmann::json to_json() const override;

 private:
  void write_pages(Task& current, Caller caller, std::uint32_t slot,
                   std::span<const std::uint64_t> cookies) override;
  [[nodiscard]] WorkerTools make_tools(Task& task, std::size_t worker);

  struct CpuStation {
    explicit CpuStation(PageMemo& memo, Scheduler& scheduler) : codec(memo, scheduler) {}
    PageCodec codec;
    std::vector<std::byte> page = std::vector<std::byte>(kPageSize);
  };

  QueueShape shape_{};
  std::unique_ptr<PageQueue> queue_;  // none: who reclaims compresses
  Producers producers_;
  std::vector<std::unique_ptr<CpuStation>> stations_;  // of workers without an engine
  std::optional<Workers> workers_;
};

}  // namespace pagepress::reclaim
