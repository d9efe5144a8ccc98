// SPDX-License-Identifier: Apache-2.0
#include "sim/reclaim/cpu/task.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "sim/reclaim/cpu/weights.hpp"

namespace pagepress::reclaim {

ScheduledTask::ScheduledTask(TaskConfig config, std::uint32_t id, Scheduler& scheduler,
                             Dispatcher& dispatcher, Ns most_owed_ns)
    : config_(std::move(config)),
      scheduler_(scheduler),
      dispatcher_(dispatcher),
      most_owed_(most_owed_ns) {
  if (config_.nice < kLeastNice || config_.nice > kMostNice) {
    throw std::invalid_argument(fmt::format("task '{}': nice {} is not {} to {}", config_.name,
                                            config_.nice, kLeastNice, kMostNice));
  }
  entity_.id = id;
  entity_.weight = weight_of(config_.nice);
  entity_.name = config_.name;
  if (!config_.cores.empty()) entity_.kind = dispatcher_.find_kind(config_.cores);
}

// The end is put off while others have the core.
void ScheduledTask::await_end() {
  while (now_ns() < entity_.end_at) sc_core::wait(entity_.done);
}

void ScheduledTask::acquire() {
  dispatcher_.wake(entity_);
  await_end();
}

void ScheduledTask::run(Ns ns, const char* doing) {
  const Ns work = ns + std::exchange(owed_, 0);
  if (work == 0) return;
  dispatcher_.request(entity_, work, doing);
  await_end();
}

void ScheduledTask::charge(Ns ns, const char* doing) {
  owed_ += ns;
  owed_doing_ = doing;
  if (owed_ >= most_owed_) settle();
}

void ScheduledTask::settle() {
  if (owed_ != 0) run(0, owed_doing_);
}

// Whether `event` came while the debt was paid. The core is kept.
bool ScheduledTask::settle_or(const sc_core::sc_event& event) {
  if (owed_ == 0) return false;
  dispatcher_.request(entity_, std::exchange(owed_, 0), owed_doing_);
  const sc_core::sc_event_or_list either = entity_.done | event;
  bool came = false;
  while (now_ns() < entity_.end_at) {
    sc_core::wait(either);
    came = came || event.triggered();
  }
  return came;
}

void ScheduledTask::sleep(Ns ns) {
  settle();
  if (ns == 0) return;
  dispatcher_.release(entity_);
  sc_core::wait(sc_ns(ns));
  acquire();
}

void ScheduledTask::wait(const sc_core::sc_event& event) {
  if (settle_or(event)) return;
  dispatcher_.release(entity_);
  sc_core::wait(event);
  acquire();
}

bool ScheduledTask::wait_for(const sc_core::sc_event& event, Ns timeout) {
  if (settle_or(event)) return true;
  if (timeout == 0) return false;
  dispatcher_.release(entity_);
  const sc_core::sc_time until = sc_core::sc_time_stamp() + sc_ns(timeout);
  sc_core::wait(sc_ns(timeout), event);
  const bool came = sc_core::sc_time_stamp() < until || event.triggered();
  acquire();
  return came;
}

void ScheduledTask::block(const std::function<void()>& wait) {
  settle();
  dispatcher_.release(entity_);
  wait();
  acquire();
}

void ScheduledTask::end() {
  settle();
  dispatcher_.release(entity_);
}

}  // namespace pagepress::reclaim
