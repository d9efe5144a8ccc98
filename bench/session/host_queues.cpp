// SPDX-License-Identifier: Apache-2.0
#include "bench/session/host_queues.hpp"

#include <algorithm>
#include <bit>
#include <stdexcept>
#include <utility>

#include <fmt/format.h>

#include "model/link/register_access.hpp"

namespace pagepress::bench {
namespace {

constexpr std::uint64_t kCompletions = HostQueues::kRingRoom / 2;

constexpr unsigned kLeastLog2 = std::countr_zero(4096 / PP_CQE_SIZE);

constexpr std::uint64_t doorbells(unsigned q) { return PP_DOORBELL_BASE + q * PP_DOORBELL_STRIDE; }

}  // namespace

HostQueues::HostQueues(const sc_core::sc_module_name& name, std::unique_ptr<model::Device> device,
                       const model::LinkConfig& link, unsigned queues, unsigned ring_log2)
    : sc_module(name),
      ring_log2_(std::max(ring_log2, kLeastLog2)),
      device_(std::move(device)),
      link_("link", link),
      submissions_(queues * entries()),
      completions_(queues * entries()),
      queues_(queues) {
  device_->dma.bind(link_.dma);
  link_.memory.bind(watch_.target);
  watch_.initiator.bind(memory_.socket);
  registers_.bind(link_.host);
  link_.registers.bind(device_->registers);
  device_->irq.bind(link_.irq_in);
}

void HostQueues::start(std::uint64_t base, std::span<const unsigned> priorities) {
  base_ = base;
  memory_.add_range(base, submissions_.data(), submissions_.size() * PP_SQE_SIZE, false);
  memory_.add_range(base + kCompletions, completions_.data(), completions_.size() * PP_CQE_SIZE,
                    true);
  watch_.watch(base + kCompletions, entries() * PP_CQE_SIZE, queues_.size());
  write(PP_REG_CTRL, PP_CTRL_RESET);
  while ((read(PP_REG_CTRL) & PP_CTRL_RESET) != 0) {
  }
  std::ranges::fill(completions_, pp_cqe{});
  std::ranges::fill(queues_, Queue{});
  write(PP_REG_CTRL, PP_CTRL_ENABLE);
  for (unsigned q = 0; q < priorities.size(); ++q) {
    const std::uint64_t control = PP_QUEUE_BASE + q * PP_QUEUE_STRIDE;
    write(control + PP_Q_SIZE, ring_log2_ | ring_log2_ << 8);
    write_wide(control + PP_Q_SQ_BASE_LO, base + q * entries() * PP_SQE_SIZE);
    write_wide(control + PP_Q_CQ_BASE_LO, base + kCompletions + q * entries() * PP_CQE_SIZE);
    write(control + PP_Q_CTRL, PP_Q_CTRL_ENABLE | priorities[q] << PP_Q_CTRL_PRIORITY_SHIFT);
    const std::uint32_t state = read(control + PP_Q_STATE);
    if ((state & 0xf) != PP_QSTATE_RUNNING) {
      throw std::runtime_error(fmt::format("queue {} does not start: state {:#x}", q, state));
    }
  }
}

void HostQueues::stop() {
  memory_.remove_range(base_);
  memory_.remove_range(base_ + kCompletions);
}

void HostQueues::push(unsigned q, const pp_sqe& sqe) {
  submissions_[q * entries() + queues_[q].tail++ % entries()] = sqe;
}

void HostQueues::ring(unsigned q) {
  Queue& queue = queues_[q];
  if (std::exchange(queue.rung, queue.tail) == queue.tail) return;
  write(doorbells(q) + PP_DB_SQ_TAIL, queue.tail);
}

bool HostQueues::poll(unsigned q, Completion& completion) {
  std::deque<sc_core::sc_time>& arrivals = watch_.arrivals(q);
  if (arrivals.empty()) return false;
  Queue& queue = queues_[q];
  completion = {completions_[q * entries() + queue.head % entries()], arrivals.front()};
  const unsigned phase = (queue.head / entries() + 1) % 2;
  if ((completion.cqe.flags & PP_CQE_F_PHASE) != phase) {
    throw std::runtime_error(fmt::format("queue {}: completion {} is none", q, queue.head));
  }
  arrivals.pop_front();
  ++queue.head;
  return true;
}

unsigned HostQueues::untold(unsigned q) const {
  return static_cast<std::uint16_t>(queues_[q].head - queues_[q].told);
}

void HostQueues::tell(unsigned q) {
  Queue& queue = queues_[q];
  queue.told = queue.head;
  write(doorbells(q) + PP_DB_CQ_HEAD, queue.head);
}

// ---- Registers ---------------------------------------------------------------------------------

void HostQueues::write(std::uint64_t offset, std::uint32_t value) {
  access(tlm::TLM_WRITE_COMMAND, offset, value);
}

void HostQueues::write_wide(std::uint64_t offset, std::uint64_t value) {
  write(offset, static_cast<std::uint32_t>(value));
  write(offset + 4, static_cast<std::uint32_t>(value >> 32));
}

std::uint32_t HostQueues::read(std::uint64_t offset) {
  std::uint32_t value = 0;
  access(tlm::TLM_READ_COMMAND, offset, value);
  return value;
}

void HostQueues::access(tlm::tlm_command command, std::uint64_t offset, std::uint32_t& value) {
  if (!model::access_register(registers_, command, offset, value)) {
    throw std::runtime_error(fmt::format("register access to {:#x} fails", offset));
  }
}

}  // namespace pagepress::bench
