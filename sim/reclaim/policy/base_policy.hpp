// SPDX-License-Identifier: Apache-2.0
// BasePolicy: what every policy has: the way of a folio out and of a page back, and an engine if
// its codec is one.
#pragma once

#include <memory>
#include <span>

#include "sim/reclaim/policy/engine.hpp"
#include "sim/reclaim/policy/page_memo.hpp"
#include "sim/reclaim/policy/policy.hpp"
#include "sim/reclaim/policy/producers.hpp"
#include "sim/reclaim/policy/read_path.hpp"
#include "sim/reclaim/policy/write_path.hpp"

namespace pagepress::reclaim {

class BasePolicy : public Policy {
 public:
  BasePolicy(const PolicyConfig& config, const PolicyContext& context);

  ReadFrom read_page(Task& current, PageId page) override { return read_.read(current, page); }
  void invalidate(PageId page) override { write_.invalidate(page); }
  [[nodiscard]] std::uint64_t free_slots() const noexcept override {
    return context_.store.free_slots();
  }
  void drain(Task& current) override;
  [[nodiscard]] std::uint64_t queued() const noexcept override { return write_.open_pages(); }
  [[nodiscard]] Use use() const override;
  [[nodiscard]] std::unique_ptr<Codec> make_decoder() const override { return memo_.make_codec(); }
  [[nodiscard]] Ns decompress_ns(std::uint32_t content) const override {
    return memo_.decompress_ns(content);
  }
  [[nodiscard]] nlohmann::json to_json() const override;

 protected:
  // Pages of a folio in order; each is settled, or on its way, when this returns.
  virtual void write_pages(Task& current, Caller caller,
                           std::span<const std::uint64_t> cookies) = 0;
  WriteResult write_folio(Task& current, Caller caller, std::span<const PageId> pages) final;

  const PolicyConfig config_;
  const PolicyContext context_;
  PageMemo memo_;
  std::unique_ptr<Engine> engine_;  // none: codecs of the CPU
  WritePath write_;
  ReadPath read_;
};

// Of tasks that reclaim; `queue`: none if there is none.
[[nodiscard]] ProducerConfig producer_config(const PolicyConfig& config,
                                             const PolicyContext& context, PageQueue* queue);

}  // namespace pagepress::reclaim
