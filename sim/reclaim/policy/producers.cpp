// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/producers.hpp"

#include <array>
#include <limits>
#include <utility>

namespace pagepress::reclaim {
namespace {

// Of one that waits for room: it is woken when there is; this only bounds the sleep.
constexpr std::uint64_t kRetryNs = 1'000'000;

}  // namespace

Producers::One::One(const ProducerConfig& config, PageMemo& memo, Scheduler& scheduler,
                    Clock& clock, const PageSink& sink)
    : codec(memo, scheduler),
      asking(codec, config.store),
      path(asking, sink, config.limit_bytes),
      gate(config.rule, config.context) {
  if (config.queue == nullptr) return;
  // A queue that never has room again is the engine's fault, which ends by its own time-out.
  back_pressure =
      make_back_pressure(config.policy, &path, kRetryNs, std::numeric_limits<std::uint64_t>::max());
  producer.emplace(*config.queue, clock, *back_pressure, config.enqueue_ns);
  producer->set_gate(gate, &path);
}

Producers::Producers(const ProducerConfig& config, PageMemo& memo, Scheduler& scheduler,
                     PageSink sink)
    : config_(config),
      memo_(memo),
      scheduler_(scheduler),
      sink_(std::move(sink)),
      clock_(scheduler, room_) {}

Producers::One& Producers::of(Task& task) {
  std::unique_ptr<One>& one = ones_[&task];
  if (!one) one = std::make_unique<One>(config_, memo_, scheduler_, clock_, sink_);
  return *one;
}

Enqueue Producers::put(Task& task, bool kswapd, const Page& page) {
  One& one = of(task);
  Enqueue result = Enqueue::kStopped;
  if (one.producer) {
    result = one.producer->put(
        page, {.kswapd = kswapd, .memcg_allows_writeback = config_.memcg_allows_writeback});
  }
  if (result == Enqueue::kAccepted || result == Enqueue::kDone) return result;
  // No queue, or one that takes nothing any more.
  one.path.finish(clock_, {.page = page, .enqueue_ns = clock_.now_ns()});
  return Enqueue::kDone;
}

std::uint64_t Producers::synchronous_pages() const {
  std::uint64_t pages = 0;
  for (const auto& [task, one] : ones_) pages += one->path.pages();
  return pages;
}

nlohmann::json Producers::to_json() const {
  std::array<std::uint64_t, kRefusals> refused{};
  Ns cpu = 0;
  for (const auto& [task, one] : ones_) {
    for (std::size_t i = 0; i < kRefusals; ++i) refused[i] += one->gate.counts()[i];
    cpu += one->codec.spent_ns();
  }
  nlohmann::json gate = nlohmann::json::object();
  for (std::size_t i = 0; i < kRefusals; ++i) {
    gate[std::string(to_string(static_cast<Refusal>(i)))] = refused[i];
  }
  nlohmann::json json = {{"synchronous", {{"pages", synchronous_pages()}, {"cpu_ns", cpu}}}};
  if (config_.queue != nullptr) json["gate"] = std::move(gate);
  return json;
}

}  // namespace pagepress::reclaim
