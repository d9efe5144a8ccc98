// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/policy/queue_policy.hpp"

#include <string>
#include <utility>

#include <pagepress/queue_shape.hpp>

namespace pagepress::reclaim {
namespace {

QueueShape shape_of(const PolicyConfig& config) {
  QueueShape shape = queue_shape(config.shape);
  shape.fifo_entries = static_cast<unsigned>(config.fifo_entries);
  shape.workers = static_cast<unsigned>(config.workers);
  shape.batch = static_cast<unsigned>(config.batch);
  shape.split = config.split == "own"      ? WorkSplit::kOwn
                : config.split == "chunks" ? WorkSplit::kChunks
                                           : WorkSplit::kShared;
  return shape;
}

std::unique_ptr<PageQueue> make_queue(const PolicyConfig& config) {
  return config.shape.empty() ? nullptr : make_page_queue(shape_of(config));
}

}  // namespace

QueuePolicy::QueuePolicy(const PolicyConfig& config, const PolicyContext& context)
    : BasePolicy(config, context),
      queue_(make_queue(config_)),
      producers_(producer_config(config_, context_, queue_.get()), memo_, context_.scheduler,
                 [this](const PageDone& done) {
                   write_.settle(context_.scheduler.current(), done, /*memalloc=*/true);
                 }) {
  if (!queue_) return;
  shape_ = shape_of(config_);
  stations_.resize(shape_.workers);
  asking_.resize(shape_.workers);
  workers_.emplace(
      WorkersConfig{.shape = shape_,
                    .group = "kcompressd",
                    .nice = config_.nice,
                    .cores = config_.cores,
                    .limit_bytes = context_.limit_bytes,
                    .wake_up_ns = context_.costs.wake_up_ns},
      *queue_, context_.scheduler, context_.trace,
      [this](Task& task, std::size_t worker) { return make_tools(task, worker); },
      [this](Task& task, const PageDone& done) { write_.settle(task, done, config_.memalloc); },
      [this] { producers_.note_room(); });
}

WorkerTools QueuePolicy::make_tools(Task& task, std::size_t worker) {
  WorkerTools tools = make_bare_tools(task, worker);
  asking_[worker] = std::make_unique<AskingCodec>(*tools.codec, context_.store);
  tools.codec = asking_[worker].get();
  return tools;
}

WorkerTools QueuePolicy::make_bare_tools(Task& task, std::size_t worker) {
  if (engine_ && engine_->ready(task)) {
    return engine_->tools(worker, shape_.pipelined ? config_.depth : config_.batch);
  }
  stations_[worker] = std::make_unique<CpuStation>(memo_, context_.scheduler);
  CpuStation& station = *stations_[worker];
  return {.codec = &station.codec,
          .destinations = station.page,
          .costs = {.dequeue_ns = context_.steps.dequeue_ns}};
}

void QueuePolicy::write_pages(Task& current, Caller caller,
                              std::span<const std::uint64_t> cookies) {
  for (const std::uint64_t cookie : cookies) {
    const Enqueue result = producers_.put(current, caller == Caller::kKswapd, write_.page(cookie));
    if (result == Enqueue::kAccepted) workers_->wake(current);
  }
}

void QueuePolicy::drain(Task& current) {
  if (workers_) workers_->end(current);
  BasePolicy::drain(current);
}

nlohmann::json QueuePolicy::to_json() const {
  nlohmann::json json = BasePolicy::to_json();
  json.update(producers_.to_json());
  if (!queue_) return json;
  const PageQueueCounters counters = queue_->counters();
  json["queue"] = {{"shape", config_.shape},
                   {"split", config_.split},
                   {"rule", config_.rule},
                   {"state", config_.state},
                   {"policy", config_.policy},
                   {"fifos", shape_.fifos()},
                   {"fifo_entries", config_.fifo_entries},
                   {"enqueued", counters.enqueued},
                   {"rejected", counters.rejected},
                   {"taken_back", counters.taken_back},
                   {"completed", counters.completed},
                   {"queued", queue_->queued()}};
  Ns cpu = 0;
  for (const auto& station : stations_) cpu += station ? station->codec.spent_ns() : 0;
  json["worker_cpu_ns"] = cpu;
  json["workers"] = workers_->to_json();
  return json;
}

}  // namespace pagepress::reclaim
