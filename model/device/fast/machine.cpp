// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast/machine.hpp"

#include <algorithm>

namespace pagepress::model::fast {
namespace {

constexpr std::uint32_t kErrorVectorBits = PP_ERR_VECTOR_ENABLE | PP_ERR_VECTOR_MASK | 0xfff;
constexpr std::uint32_t kGlobalPage = 0x1000;
constexpr std::uint32_t kQueuePages = PP_MAX_QUEUES * PP_QUEUE_STRIDE;
constexpr std::uint32_t kDoorbells = 0x100;  // of a doorbell page; the rest is reserved

constexpr std::uint32_t kOperations = 1U << PP_OP_NOP | 1U << PP_OP_COMPRESS |
                                      1U << PP_OP_DECOMPRESS | 1U << PP_OP_COMPRESS_VERIFY |
                                      1U << PP_OP_COPY | 1U << PP_OP_FILL_CHECK;
constexpr std::uint32_t kFeatures =
    PP_FEAT_SAME_FILLED | PP_FEAT_CRC32C | PP_FEAT_IRQ | PP_FEAT_IRQ_MODERATION | PP_FEAT_PAUSE |
    PP_FEAT_ABORT | PP_FEAT_PRIORITY | PP_FEAT_STORE_RAW | PP_FEAT_SGL | PP_FEAT_UNALIGNED |
    PP_FEAT_ERROR_LOG | PP_FEAT_INJECTION | PP_FEAT_COUNTERS | PP_FEAT_EXPECT_CRC |
    PP_FEAT_OUT_OF_ORDER | PP_FEAT_IRQ_MASK;

// A block of queues: which queue, and the offset in its part.
struct QueueAddress {
  unsigned queue;
  std::uint32_t offset;
};
bool is_control(std::uint32_t address) {
  return address >= PP_QUEUE_BASE && address < PP_QUEUE_BASE + kQueuePages;
}
QueueAddress control_address(std::uint32_t address) {
  const std::uint32_t at = address - PP_QUEUE_BASE;
  return {at / PP_QUEUE_STRIDE, at % PP_QUEUE_STRIDE};
}
QueueAddress doorbell_address(std::uint32_t address) {
  const std::uint32_t at = address - PP_DOORBELL_BASE;
  return {at / PP_DOORBELL_STRIDE, at % PP_DOORBELL_STRIDE};
}

}  // namespace

Machine::Machine(EventQueue& events, Surroundings& world, BurstPool& pool, const Geometry& geometry,
                 Cycle now)
    : events_(events),
      geometry_(geometry),
      in_flight_(geometry.queues),
      errors_(geometry.error_log),
      counters_(geometry.queues, geometry.engines, now),
      interrupts_(events, world, injector_, counters_, geometry.queues, geometry.vectors),
      reads_(events, world, pool),
      writes_(events, world, pool, geometry.beat_bytes),
      fetch_(events, reads_, geometry, controls_, *this),
      table_(events, geometry.slots(), geometry.queues),
      completions_(events, writes_, table_, fetch_, controls_, geometry.queues, *this),
      scheduler_(events, geometry, fetch_, table_, completions_, controls_, injector_, counters_),
      results_(events, table_, scheduler_) {
  for (unsigned q = 0; q < geometry.queues; ++q)
    controls_.emplace_back(static_cast<std::uint16_t>(q));
  table_.set_leaver(completions_);
  scheduler_.set_results(results_);
  reads_.add(fetch_);
  for (unsigned c = 0; c < geometry.channels(); ++c) {
    channels_.push_back(std::make_unique<Channel>(events, reads_, writes_, geometry, counters_,
                                                  results_, c % geometry.engines,
                                                  c >= geometry.engines));
    scheduler_.add(*channels_.back());
    results_.add(*channels_.back());
  }
  writes_.add(completions_);
}

// ---- Registers -------------------------------------------------------------------------------

QueueControl::Counts Machine::counts(unsigned queue) const {
  return {.sq_head = fetch_.head(queue),
          .cq_tail = completions_.tail(queue),
          .in_flight = in_flight_[queue]};
}

Cycle Machine::readable(std::uint32_t address) const {
  return address == PP_REG_PERF_LO || address == PP_REG_PERF_HI ? counters_.ready() : 0;
}

std::uint32_t Machine::read(std::uint32_t address, bool resetting, Cycle now) {
  if (address < kGlobalPage) return read_global(address, resetting, now);
  if (!is_control(address)) return 0;
  const auto [queue, offset] = control_address(address);
  return queue < geometry_.queues ? controls_[queue].read(offset, counts(queue)) : 0;
}

std::uint32_t Machine::read_global(std::uint32_t offset, bool resetting, Cycle now) {
  switch (offset) {
    case PP_REG_ID:
      return PP_ID_VALUE;
    case PP_REG_VERSION:
      return PP_VERSION_MAJOR << 16 | PP_VERSION_MINOR;
    case PP_REG_CAP0:
      return geometry_.queues | geometry_.engines << 9 | kDepthLog2Max << 16 |
             geometry_.unit_log2 << 24;
    case PP_REG_CAP1:
      return 1U << PP_ALG_LZ4_BLOCK | kOperations << 16;
    case PP_REG_CAP2:  // buffers lie at any byte: align_log2 is 0
      return geometry_.w | geometry_.sge_max << 12 | geometry_.vectors << 16;
    case PP_REG_FEATURES_LO:
      return kFeatures;
    case PP_REG_CTRL:
      return (resetting ? PP_CTRL_RESET : 0U) | (enabled_ ? PP_CTRL_ENABLE : 0U);
    case PP_REG_STATE:
      return (resetting ? PP_STATE_RESETTING : PP_STATE_READY) | (busy(now) ? PP_STATE_BUSY : 0U);
    case PP_REG_ERR_VECTOR:
      return error_vector_;
    case PP_REG_PERF_SELECT:
      return selection_;
    case PP_REG_PERF_LO:
      return static_cast<std::uint32_t>(counters_.value(now));
    case PP_REG_PERF_HI:
      return static_cast<std::uint32_t>(counters_.value(now) >> 32);
    case PP_REG_INJECT:
    case PP_REG_INJECT_COUNT:
    case PP_REG_INJECT_ARG:
      return injector_.read(offset);
    default:
      return read_error(offset);
  }
}

std::uint32_t Machine::read_error(std::uint32_t offset) const {
  const LogEntry* const first = errors_.first();
  if (offset == PP_REG_ERR_STATUS) {
    return (first != nullptr ? PP_ERR_STATUS_VALID : 0U) |
           (errors_.overflow() ? PP_ERR_STATUS_OVERFLOW : 0U);
  }
  if (offset == PP_REG_ERR_COUNT) return errors_.count();
  if (first == nullptr) return 0;
  switch (offset) {
    case PP_REG_ERR_COND:
      return first->condition | std::uint32_t{first->queue} << 8;
    case PP_REG_ERR_INDEX:
      return first->index;
    case PP_REG_ERR_ADDR_LO:
      return static_cast<std::uint32_t>(first->address);
    case PP_REG_ERR_ADDR_HI:
      return static_cast<std::uint32_t>(first->address >> 32);
    default:
      return 0;
  }
}

bool Machine::write(std::uint32_t address, std::uint32_t data, std::uint8_t strobes, Cycle now) {
  if (strobes == 0) return false;
  if (address < kGlobalPage) return write_global({address, data, strobes}, now);
  const bool doorbell = address >= PP_DOORBELL_BASE;
  if (!doorbell && !is_control(address)) return false;
  const auto [queue, offset] = doorbell ? doorbell_address(address) : control_address(address);
  if (queue >= geometry_.queues || (doorbell && offset >= kDoorbells)) return false;
  write_queue(queue, {offset, data, strobes}, doorbell, now);
  return false;
}

bool Machine::write_global(const RegisterWrite& write, Cycle now) {
  const bool low_byte = (write.strobes & 1U) != 0;
  switch (write.offset) {
    case PP_REG_CTRL:
      if (!low_byte) return false;
      enabled_ = (write.data & PP_CTRL_ENABLE) != 0;
      fetch_.enable(enabled_, now);
      return (write.data & PP_CTRL_RESET) != 0;
    case PP_REG_ERR_POP:
      if (low_byte && (write.data & 1U) != 0) errors_.pop();
      return false;
    case PP_REG_ERR_VECTOR:
      error_vector_ = write.over(error_vector_) & kErrorVectorBits;
      interrupts_.configure_errors(error_vector_, now);
      return false;
    case PP_REG_PERF_SELECT:
      selection_ = write.over(selection_);
      counters_.select(selection_, now);
      return false;
    case PP_REG_PERF_CTRL:
      if (low_byte && (write.data & 1U) != 0) counters_.clear(now);
      return false;
    default:
      injector_.write(write);
      return false;
  }
}

void Machine::write_queue(unsigned queue, const RegisterWrite& write, bool doorbell, Cycle now) {
  QueueControl& control = controls_[queue];
  const QueueControl::Effect effect =
      doorbell ? control.write_doorbell(write, counts(queue)) : control.write_control(write);
  if (effect.error.condition != PP_ERR_NONE) log(effect.error, now);
  if (effect.cleared) {
    fetch_.clear(queue);
    completions_.clear(queue);
    scheduler_.clear(queue);
  }
  if (!doorbell && (write.offset == PP_Q_IRQ_CTRL || write.offset == PP_Q_IRQ_TIME)) {
    interrupts_.configure(queue, control.irq_control(), control.irq_time(), now);
  }
  fetch_.changed(queue, now);
  scheduler_.wake(now + 1);
  check_idle(queue, now);
}

bool Machine::busy(Cycle now) const {
  for (unsigned q = 0; q < geometry_.queues; ++q) {
    if (in_flight_[q] != 0 || fetch_.busy(q)) return true;
  }
  const auto works = [](const auto& channel) { return channel->units() != 0; };
  return completions_.busy() || std::ranges::any_of(channels_, works) || !bus_idle(now);
}

// ---- What happens ----------------------------------------------------------------------------

void Machine::log(const LogEntry& error, Cycle now) {
  if (errors_.log(error)) interrupts_.error(now);
}

void Machine::submission_came(unsigned queue, Cycle now) {
  if (in_flight_[queue]++ == 0) counters_.queue_busy(queue, true, now);
  counters_.received(queue, now);
  scheduler_.wake(now + 1);
}

void Machine::fetch_failed(const LogEntry& error, Cycle now) {
  controls_[error.queue].ring_failed();
  log(error, now + 1);
  scheduler_.wake(now + 1);
}

void Machine::completion_failed(const LogEntry& error, Cycle now) {
  controls_[error.queue].ring_failed();
  fetch_.changed(error.queue, now);
  log(error, now + 1);
}

void Machine::slot_freed(unsigned /*queue*/, Cycle now) { scheduler_.wake(now + 1); }

void Machine::completed(unsigned queue, bool counts, Cycle now) {
  if (--in_flight_[queue] == 0) {
    counters_.queue_busy(queue, false, now);
    check_idle(queue, now);
  }
  if (counts) interrupts_.completion(queue, now);
}

void Machine::check_idle(unsigned queue, Cycle now) {
  if (controls_[queue].stops()) events_.at(now + 1, *this, queue);
}

void Machine::act(Cycle now, std::uint32_t queue) {
  if (in_flight_[queue] != 0 || fetch_.pending(queue)) return;
  controls_[queue].idle();
  scheduler_.wake(now + 1);
}

// ---- The bus ---------------------------------------------------------------------------------

void Machine::bus_ready(Cycle edge) {
  reads_.bus_ready(edge);
  writes_.bus_ready(edge);
}

void Machine::answer(Burst& burst) {
  if (burst.write) {
    writes_.answer(burst);
  } else {
    reads_.answer(burst);
  }
}

void Machine::quiesce() {
  reads_.quiesce();
  writes_.quiesce();
}

}  // namespace pagepress::model::fast
