// SPDX-License-Identifier: Apache-2.0
#include "bench/roofline/closed_loop.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace pagepress::bench {
namespace {

using sim::kPageBytes;

// Offsets. Each run has addresses of its own, so that no translation is left of the one before.
constexpr std::uint64_t kRunBytes = 0x4'0000'0000;
constexpr std::uint64_t kSq = 0x0100'0000;
constexpr std::uint64_t kCq = 0x0200'0000;
constexpr std::uint64_t kSources = 0x1'0000'0000;
constexpr std::uint64_t kOutputs = 0x2'0000'0000;
constexpr unsigned kRing = ClosedLoop::kMaxDepth;  // entries
constexpr std::uint64_t kSqBytes = std::uint64_t{kRing} * PP_SQE_SIZE;
constexpr std::uint64_t kCqBytes = std::uint64_t{kRing} * PP_CQE_SIZE;

model::FastDeviceConfig device_config(const Machine& machine) {
  model::FastDeviceConfig config;
  config.clock_period = sc_core::sc_time(1 / machine.clock_ghz, sc_core::SC_NS);
  config.geometry = machine.geometry;
  return config;
}

}  // namespace

ClosedLoop::ClosedLoop(const sc_core::sc_module_name& name, const Machine& machine)
    : sc_module(name),
      machine_(machine),
      device_(std::make_unique<model::FastDevice>("device", device_config(machine))),
      link_("link", machine.link),
      watch_("watch"),
      memory_("memory"),
      registers_("registers"),
      submissions_(std::size_t{machine.geometry.queues} * kRing),
      completions_(std::size_t{machine.geometry.queues} * kRing),
      queues_(machine.geometry.queues) {
  device_->dma.bind(link_.dma);
  link_.memory.bind(watch_.target);
  watch_.initiator.bind(memory_.socket);
  registers_.bind(link_.host);
  link_.registers.bind(device_->registers);
  device_->irq.bind(link_.irq_in);
  SC_HAS_PROCESS(ClosedLoop);
  SC_METHOD(answer);
  sensitive << watch_.written;
  dont_initialize();
}

// ---- A run -----------------------------------------------------------------------------------

Measured ClosedLoop::run(const Load& load, unsigned depth, unsigned queues) {
  const std::size_t bytes = load.units.size() * kPageBytes;
  outputs_.resize(bytes);
  base_ += kRunBytes;
  memory_.add_range(base_ + kSq, submissions_.data(), submissions_.size() * PP_SQE_SIZE, false);
  memory_.add_range(base_ + kCq, completions_.data(), completions_.size() * PP_CQE_SIZE, true);
  // The device only reads them.
  memory_.add_range(base_ + kSources, const_cast<std::uint8_t*>(load.sources.data()), bytes, false);
  memory_.add_range(base_ + kOutputs, outputs_.data(), bytes, true);
  watch_.watch(base_ + kCq, completions_.size() * PP_CQE_SIZE);
  start_device(queues);

  load_ = &load;
  next_ = done_ = 0;
  // Ramp-up: the queues' first units all come at once. Twice round the loop it has worn off, and
  // an engine has seen some units.
  warm_ = 2 * std::uint64_t{depth} + 8 * machine_.geometry.engines;
  feeding_ = true;
  for (unsigned i = 0; i < depth; ++i) submit(i % queues);
  for (unsigned q = 0; q < queues; ++q) {
    write(PP_DOORBELL_BASE + q * PP_DOORBELL_STRIDE + PP_DB_SQ_TAIL, queues_[q].sq_tail);
  }
  sc_core::wait(ended_);
  Measured measured;
  for (unsigned e = 0; e < machine_.geometry.engines; ++e) {
    measured.engines.push_back({share(PP_PERF_SCOPE_ENGINE, e, PP_PERF_BUSY_CYCLES),
                                share(PP_PERF_SCOPE_ENGINE, e, PP_PERF_STALL_INPUT),
                                share(PP_PERF_SCOPE_ENGINE, e, PP_PERF_STALL_OUTPUT)});
  }
  measured.stall_queue = share(PP_PERF_SCOPE_DEVICE, 0, PP_PERF_STALL_QUEUE);
  feeding_ = false;
  while (done_ < next_) sc_core::wait(drained_);
  for (const std::uint64_t range : {kSq, kCq, kSources, kOutputs}) {
    memory_.remove_range(base_ + range);
  }

  measured.pages = load.units.size();
  measured.ns = (end_.time - begin_.time) / sc_core::sc_time(1, sc_core::SC_NS);
  measured.bytes_per_ns = static_cast<double>(bytes) / measured.ns;
  measured.downstream = static_cast<double>(end_.downstream - begin_.downstream) /
                        (measured.ns * machine_.link.downstream_bytes_per_ns);
  measured.upstream = static_cast<double>(end_.upstream - begin_.upstream) /
                      (measured.ns * machine_.link.upstream_bytes_per_ns);
  return measured;
}

void ClosedLoop::start_device(unsigned queues) {
  write(PP_REG_CTRL, PP_CTRL_RESET);
  while ((read(PP_REG_CTRL) & PP_CTRL_RESET) != 0) {
  }
  std::ranges::fill(completions_, pp_cqe{});
  std::ranges::fill(queues_, Queue{});
  write(PP_REG_CTRL, PP_CTRL_ENABLE);
  for (unsigned q = 0; q < queues; ++q) {
    const std::uint64_t control = PP_QUEUE_BASE + q * PP_QUEUE_STRIDE;
    write(control + PP_Q_SIZE, kRingLog2 | kRingLog2 << 8);
    write_wide(control + PP_Q_SQ_BASE_LO, base_ + kSq + q * kSqBytes);
    write_wide(control + PP_Q_CQ_BASE_LO, base_ + kCq + q * kCqBytes);
    write(control + PP_Q_CTRL, PP_Q_CTRL_ENABLE);
    if ((read(control + PP_Q_STATE) & 0xf) != PP_QSTATE_RUNNING) {
      throw std::runtime_error(fmt::format("queue {} does not run", q));
    }
  }
}

void ClosedLoop::submit(unsigned q) {
  const std::uint64_t unit = next_ % load_->units.size();
  pp_sqe sqe{};
  sqe.opcode = load_->opcode;
  sqe.algorithm = PP_ALG_LZ4_BLOCK;
  sqe.src_len = load_->units[unit].src_len;
  sqe.src_addr = base_ + kSources + unit * kPageBytes;
  sqe.dst_addr = base_ + kOutputs + unit * kPageBytes;
  sqe.dst_capacity = kPageBytes;
  sqe.tag = unit;
  submissions_[std::size_t{q} * kRing + queues_[q].sq_tail % kRing] = sqe;
  ++queues_[q].sq_tail;
  ++next_;
}

// ---- Completions -----------------------------------------------------------------------------

void ClosedLoop::answer() {
  if (!failure_.empty()) return;
  for (unsigned q = 0; q < queues_.size(); ++q) {
    Queue& queue = queues_[q];
    const std::uint16_t before = queue.cq_head;
    for (;;) {
      const pp_cqe& cqe = completions_[std::size_t{q} * kRing + queue.cq_head % kRing];
      const unsigned phase = (queue.cq_head / kRing + 1) % 2;
      if ((cqe.flags & PP_CQE_F_PHASE) != phase) break;
      ++queue.cq_head;
      complete(cqe);
      if (feeding_) submit(q);
    }
    if (queue.cq_head == before) continue;
    const std::uint64_t doorbells = PP_DOORBELL_BASE + q * PP_DOORBELL_STRIDE;
    write(doorbells + PP_DB_CQ_HEAD, queue.cq_head);
    if (feeding_) write(doorbells + PP_DB_SQ_TAIL, queue.sq_tail);
  }
  if (!feeding_ && done_ == next_) drained_.notify(sc_core::SC_ZERO_TIME);
}

void ClosedLoop::complete(const pp_cqe& cqe) {
  const Unit& unit = load_->units.at(cqe.tag);
  const unsigned status = unit.out_len == 0 ? PP_STATUS_INCOMPRESSIBLE : PP_STATUS_OK;
  if (cqe.status != status || cqe.out_len != unit.out_len) {
    failure_ = fmt::format("unit {}: status {} and {} bytes, not {} and {}", cqe.tag, cqe.status,
                           cqe.out_len, status, unit.out_len);
    return;
  }
  ++done_;
  // In time: the device needs some hundred cycles for it.
  if (done_ == warm_ / 2) clear_counters();
  if (done_ == warm_) begin_ = mark();
  if (done_ == warm_ + load_->units.size()) {
    end_ = mark();
    ended_.notify(sc_core::SC_ZERO_TIME);
  }
}

ClosedLoop::Mark ClosedLoop::mark() const {
  return {sc_core::sc_time_stamp(), link_.totals().downstream_bytes, link_.totals().upstream_bytes};
}

// ---- Counters --------------------------------------------------------------------------------

void ClosedLoop::clear_counters() {
  cleared_ = sc_core::sc_time_stamp();
  write(PP_REG_PERF_CTRL, 1);
}

// Of the cycles from the clearing to the counter's being latched: both are register writes, with
// the same way to go.
double ClosedLoop::share(unsigned scope, unsigned instance, unsigned counter) {
  const sc_core::sc_time latched = sc_core::sc_time_stamp();
  write(PP_REG_PERF_SELECT, counter | instance << 16 | scope << 28);
  const std::uint64_t low = read(PP_REG_PERF_LO);
  const std::uint64_t count = low | std::uint64_t{read(PP_REG_PERF_HI)} << 32;
  return static_cast<double>(count) / ((latched - cleared_) / device_->config().clock_period);
}

// ---- Registers -------------------------------------------------------------------------------

void ClosedLoop::write(std::uint64_t offset, std::uint32_t value) {
  access(tlm::TLM_WRITE_COMMAND, offset, value);
}

// A _LO register and the _HI behind it.
void ClosedLoop::write_wide(std::uint64_t offset, std::uint64_t value) {
  write(offset, static_cast<std::uint32_t>(value));
  write(offset + 4, static_cast<std::uint32_t>(value >> 32));
}

std::uint32_t ClosedLoop::read(std::uint64_t offset) {
  std::uint32_t value = 0;
  access(tlm::TLM_READ_COMMAND, offset, value);
  return value;
}

void ClosedLoop::access(tlm::tlm_command command, std::uint64_t offset, std::uint32_t& value) {
  tlm::tlm_generic_payload trans;
  trans.set_command(command);
  trans.set_address(offset);
  trans.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  trans.set_data_length(sizeof value);
  trans.set_streaming_width(sizeof value);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  registers_->b_transport(trans, delay);
  if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  if (trans.is_response_error()) {
    throw std::runtime_error(fmt::format("register access to {:#x} fails", offset));
  }
}

}  // namespace pagepress::bench
