// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/counters.hpp"

#include <algorithm>
#include <bit>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model::fast {
namespace {

constexpr Cycle kRound = 8;     // edges of a round
constexpr Cycle kPopSlot = 5;   // in which a completion is done with
constexpr Cycle kReadSlot = 7;  // in which a counter is read

unsigned scope_of(std::uint32_t selection) { return selection >> 28; }
unsigned instance_of(std::uint32_t selection) { return selection >> 16 & 0xfff; }
unsigned counter_of(std::uint32_t selection) { return selection & 0xffff; }

}  // namespace

Counters::Counters(unsigned queues, unsigned engines, Cycle now)
    : queue_banks_(queues), engine_banks_(engines), queues_(queues), engines_(engines) {
  clear(now);
  ready_ = now;
}

void Counters::clear(Cycle now) {
  device_.fill(0);
  for (Bank& bank : queue_banks_) bank.fill(0);
  for (Bank& bank : engine_banks_) bank.fill(0);
  for (Queue& queue : queues_) {
    queue.busy.restart(now);
    queue.stall.restart(now);
  }
  for (Engine& engine : engines_) {
    engine.busy.restart(now);
    engine.stall_in.sum = engine.stall_out.sum = 0;
  }
  busy_.restart(now);
  stalled_.restart(now);
  stall_in_.sum = stall_out_.sum = 0;
  const std::size_t instances =
      std::bit_ceil(std::max({queues_.size(), engines_.size(), std::size_t{2}}));
  swept_ = now + 1 + kCounters * instances;
  pops_.fill(0);
  if (!taken_) select(selection_, now);
}

// The first edge of a round, not before `from`.
Cycle Counters::slot_zero(Cycle from) const {
  if (from <= swept_) return swept_;
  return swept_ + (from - swept_ + kRound - 1) / kRound * kRound;
}

void Counters::received(unsigned queue, Cycle /*now*/) {
  ++device_[PP_PERF_SUBMITTED];
  ++queue_banks_[queue][PP_PERF_SUBMITTED];
}
void Counters::message(unsigned queue, Cycle /*now*/) {
  ++device_[PP_PERF_INTERRUPTS];
  ++queue_banks_[queue][PP_PERF_INTERRUPTS];
}
void Counters::error_message(Cycle /*now*/) { ++device_[PP_PERF_INTERRUPTS]; }

void Counters::engine_busy(unsigned engine, bool on, Cycle now) {
  engines_[engine].busy.change(on, now);
}
void Counters::stall_in(unsigned engine, Cycle from, Cycle to) {
  engines_[engine].stall_in.add(from, to);
  stall_in_.add(from, to);
}
void Counters::stall_out(unsigned engine, Cycle from, Cycle to) {
  engines_[engine].stall_out.add(from, to);
  stall_out_.add(from, to);
}

void Counters::add(Bank& bank, const Stat& stat) {
  ++bank[PP_PERF_COMPLETED];
  bank[PP_PERF_BYTES_IN] += stat.bytes_in;
  bank[PP_PERF_BYTES_OUT] += stat.bytes_out;
  if (stat.status < PP_STATUS_COUNT) ++bank[PP_PERF_STATUS_BASE + stat.status];
  ++bank[PP_PERF_LATENCY_BASE + std::min(31U, static_cast<unsigned>(std::bit_width(stat.latency)))];
}

Cycle Counters::completed(const Stat& stat, Cycle now) {
  add(device_, stat);
  add(queue_banks_[stat.queue], stat);
  if (stat.on_engine && stat.engine < engines_.size()) add(engine_banks_[stat.engine], stat);
  // Into the counters' FIFO when that has room, out of it in a round of its own.
  Cycle& oldest = pops_[done_ % kDoneDepth];
  const Cycle latest = pops_[(done_ + kDoneDepth - 1) % kDoneDepth];
  const Cycle taken = std::max(now + 1, oldest + 1);
  oldest = slot_zero(std::max(taken + 1, latest + 1)) + kPopSlot;
  ++done_;
  return taken;
}

bool Counters::exists(std::uint32_t selection) const {
  const unsigned counter = counter_of(selection);
  const unsigned instance = instance_of(selection);
  const bool all_scopes =
      (counter >= PP_PERF_COMPLETED && counter <= PP_PERF_BUSY_CYCLES) ||
      (counter >= PP_PERF_STATUS_BASE && counter < PP_PERF_STATUS_BASE + PP_STATUS_COUNT) ||
      (counter >= PP_PERF_LATENCY_BASE && counter < PP_PERF_LATENCY_BASE + 32);
  const bool of_queues = counter == PP_PERF_SUBMITTED || counter == PP_PERF_INTERRUPTS ||
                         counter == PP_PERF_STALL_QUEUE;
  const bool of_engines = counter == PP_PERF_STALL_INPUT || counter == PP_PERF_STALL_OUTPUT;
  switch (scope_of(selection)) {
    case PP_PERF_SCOPE_DEVICE:
      return instance == 0 && (all_scopes || of_queues || of_engines);
    case PP_PERF_SCOPE_QUEUE:
      return instance < queues_.size() && (all_scopes || of_queues);
    case PP_PERF_SCOPE_ENGINE:
      return instance < engines_.size() && (all_scopes || of_engines);
    default:
      return false;
  }
}

void Counters::select(std::uint32_t selection, Cycle now) {
  selection_ = selection;
  taken_ = false;
  ready_ = exists(selection) ? slot_zero(now + 1) + kReadSlot + 2 : now + 2;
}

std::uint64_t Counters::value(Cycle now) {
  if (taken_) return value_;
  taken_ = true;
  value_ = 0;
  if (!exists(selection_)) return value_;
  const unsigned counter = counter_of(selection_);
  const unsigned instance = instance_of(selection_);
  const unsigned scope = scope_of(selection_);
  const Bank& bank = scope == PP_PERF_SCOPE_DEVICE  ? device_
                     : scope == PP_PERF_SCOPE_QUEUE ? queue_banks_[instance]
                                                    : engine_banks_[instance];
  value_ = bank[counter] + level(scope, instance, counter, now);
  return value_;
}

// Of a counter of cycles; 0 of others.
std::uint64_t Counters::level(unsigned scope, unsigned instance, unsigned counter, Cycle now) {
  const bool device = scope == PP_PERF_SCOPE_DEVICE;
  const bool queue = scope == PP_PERF_SCOPE_QUEUE;
  switch (counter) {
    case PP_PERF_BUSY_CYCLES:
      return (device ? busy_ : queue ? queues_[instance].busy : engines_[instance].busy).total(now);
    case PP_PERF_STALL_QUEUE:
      return (device ? stalled_ : queues_[instance].stall).total(now);
    case PP_PERF_STALL_INPUT:
      return (device ? stall_in_ : engines_[instance].stall_in).sum;
    case PP_PERF_STALL_OUTPUT:
      return (device ? stall_out_ : engines_[instance].stall_out).sum;
    default:
      return 0;
  }
}

}  // namespace pagepress::model::fast
