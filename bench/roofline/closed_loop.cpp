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
constexpr std::uint64_t kRings = 0x1000'0000;
constexpr std::uint64_t kSources = 0x1'0000'0000;
constexpr std::uint64_t kOutputs = 0x2'0000'0000;

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
      host_("host", std::make_unique<model::FastDevice>("device", device_config(machine)),
            machine.link, machine.geometry.queues, kRingLog2) {
  SC_HAS_PROCESS(ClosedLoop);
  SC_METHOD(answer);
  sensitive << host_.written();
  dont_initialize();
}

// ---- A run -------------------------------------------------------------------------------------

Measured ClosedLoop::run(const Load& load, unsigned depth, unsigned queues) {
  const std::size_t bytes = load.units.size() * kPageBytes;
  outputs_.resize(bytes);
  base_ += kRunBytes;
  // The device only reads them.
  host_.memory().add_range(base_ + kSources, const_cast<std::uint8_t*>(load.sources.data()), bytes,
                           false);
  host_.memory().add_range(base_ + kOutputs, outputs_.data(), bytes, true);
  host_.start(base_ + kRings, std::vector<unsigned>(queues, 0));

  load_ = &load;
  next_ = done_ = 0;
  // Ramp-up: the queues' first units all come at once. Twice round the loop it has worn off, and
  // an engine has seen some units.
  warm_ = 2 * std::uint64_t{depth} + 8 * machine_.geometry.engines;
  feeding_ = true;
  for (unsigned i = 0; i < depth; ++i) submit(i % queues);
  for (unsigned q = 0; q < queues; ++q) host_.ring(q);
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
  host_.stop();
  for (const std::uint64_t range : {kSources, kOutputs}) host_.memory().remove_range(base_ + range);

  measured.pages = load.units.size();
  measured.ns = (end_.time - begin_.time) / sc_core::sc_time(1, sc_core::SC_NS);
  measured.bytes_per_ns = static_cast<double>(bytes) / measured.ns;
  measured.downstream = static_cast<double>(end_.downstream - begin_.downstream) /
                        (measured.ns * machine_.link.downstream_bytes_per_ns);
  measured.upstream = static_cast<double>(end_.upstream - begin_.upstream) /
                      (measured.ns * machine_.link.upstream_bytes_per_ns);
  return measured;
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
  host_.push(q, sqe);
  ++next_;
}

// ---- Completions -----------------------------------------------------------------------------

void ClosedLoop::answer() {
  if (!failure_.empty()) return;
  for (unsigned q = 0; q < machine_.geometry.queues; ++q) {
    HostQueues::Completion completion;
    while (host_.poll(q, completion)) {
      complete(completion.cqe);
      if (feeding_) submit(q);
    }
    if (host_.untold(q) == 0) continue;
    host_.tell(q);
    if (feeding_) host_.ring(q);
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
  return {sc_core::sc_time_stamp(), host_.link().totals().downstream_bytes,
          host_.link().totals().upstream_bytes};
}

// ---- Counters --------------------------------------------------------------------------------

void ClosedLoop::clear_counters() {
  cleared_ = sc_core::sc_time_stamp();
  host_.write(PP_REG_PERF_CTRL, 1);
}

// Of the cycles from the clearing to the counter's being latched: both are register writes, with
// the same way to go.
double ClosedLoop::share(unsigned scope, unsigned instance, unsigned counter) {
  const sc_core::sc_time latched = sc_core::sc_time_stamp();
  host_.write(PP_REG_PERF_SELECT, counter | instance << 16 | scope << 28);
  const std::uint64_t low = host_.read(PP_REG_PERF_LO);
  const std::uint64_t count = low | std::uint64_t{host_.read(PP_REG_PERF_HI)} << 32;
  return static_cast<double>(count) / ((latched - cleared_) / device_config(machine_).clock_period);
}

}  // namespace pagepress::bench
