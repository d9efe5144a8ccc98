// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/base_policy.hpp"

#include <array>
#include <string>

namespace pagepress::reclaim {
namespace {

// Blocks of an engine are LZ4's, and so is what a CPU does in its place.
std::string cpu_codec_of(const PolicyConfig& config) {
  return config.has_engine() ? "cpu:lz4" : config.codec;
}

std::unique_ptr<Engine> make_engine(const PolicyConfig& config, const PolicyContext& context,
                                    PageMemo& memo) {
  return config.has_engine() ? std::make_unique<Engine>(config, context, memo) : nullptr;
}

ReadPath::Engine reading_engine(const PolicyConfig& config, Engine* engine) {
  if (!config.swapin_engine) return {};
  return [engine](Task& task, const Copy& copy) { return engine->decompress(task, copy); };
}

EnqueueRule rule_of(const PolicyConfig& config) {
  if (config.rule == "rfc") return EnqueueRule::kRfc;
  return config.rule == "zram-v1" ? EnqueueRule::kZramV1 : EnqueueRule::kAny;
}

}  // namespace

ProducerConfig producer_config(const PolicyConfig& config, const PolicyContext& context,
                               PageQueue* queue) {
  const bool zram = context.store.is_zram();
  return {.queue = queue,
          .rule = rule_of(config),
          .context = {.thread_exists = true, .zswap_on = !zram, .synchronous_io = zram},
          .memcg_allows_writeback = context.memcg_zswap_writeback,
          .policy = config.policy,
          .enqueue_ns = context.steps.enqueue_ns,
          .limit_bytes = context.limit_bytes,
          .store = context.store};
}

BasePolicy::BasePolicy(const PolicyConfig& config, const PolicyContext& context)
    : config_(config),
      context_(context),
      memo_(cpu_codec_of(config), context.contents, context.cpu_costs, context.cost_scale,
            context.limit_bytes),
      engine_(make_engine(config_, context_, memo_)),
      write_(context.mm, context.store, context.contents, memo_, context_.costs,
             context.memcg_zswap_writeback),
      read_(context.mm, context.store, context.contents, memo_, context_.costs,
            reading_engine(config_, engine_.get())) {}

WriteResult BasePolicy::write_folio(Task& current, Caller caller, std::span<const PageId> pages) {
  if (!write_.reserve(pages)) return WriteResult::kActivate;
  const std::uint32_t slot = write_.open(pages);
  std::array<std::uint64_t, FolioTable::kMostPages> cookies;
  std::size_t count = 0;
  for (std::uint32_t place = 0; place < pages.size(); ++place) {
    const std::uint64_t cookie = FolioTable::cookie(slot, place);
    if (config_.same_filled == "cpu" && write_.catch_same_filled(current, cookie)) continue;
    cookies[count++] = cookie;
  }
  write_pages(current, caller, std::span(cookies).first(count));
  return write_.close(
      current, slot,
      config_.state == "locked" ? WriteResult::kQueuedLocked : WriteResult::kQueuedWriteback);
}

void BasePolicy::drain(Task& current) {
  if (engine_) engine_->end(current);
}

Policy::Use BasePolicy::use() const {
  const WritePath::Counters& written = write_.counters();
  Use use{.pages = written.compressed, .block_bytes = written.block_bytes};
  if (engine_) engine_->add_to(use, written.engine_cycles);
  return use;
}

nlohmann::json BasePolicy::to_json() const {
  nlohmann::json json = {{"policy", config_.spec},
                         {"who", config_.who},
                         {"codec", config_.codec},
                         {"write", reclaim::to_json(write_.counters())},
                         {"read", reclaim::to_json(read_.counters())}};
  if (engine_) json["engine"] = engine_->to_json();
  return json;
}

}  // namespace pagepress::reclaim
