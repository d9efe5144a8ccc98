// SPDX-License-Identifier: Apache-2.0
#include "model/device/rtl_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "model/device/axi_dma_port.hpp"
#include "model/device/axi_lite_port.hpp"
#include "model/device/register_access.hpp"
#include "model/device/ticks.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model {
namespace {

using sc_core::sc_time;

constexpr unsigned kResetCycles = 16;
// busy_o may be registered: a design is idle only after some quiet cycles.
constexpr unsigned kQuietCycles = 16;

}  // namespace

struct RtlDevice::Impl {
  Impl(RtlDevice& device, std::unique_ptr<RtlTop> rtl)
      : self(device),
        top(std::move(rtl)),
        pins(top->pins()),
        axil(pins),
        dma(
            pins,
            [this](DmaTransaction& t, tlm::tlm_phase& phase, Ticks& time) {
              return send(t, phase, time);
            },
            [this](const std::string& what) { fail(what); }),
        period(device.config_.clock_period.value()),
        quantum(device.config_.max_quantum.value()) {}

  void reset();
  void tick(Ticks edge);
  void eval(Ticks edge) {
    if (!top->eval(edge)) [[unlikely]] {
      fail(top->take_messages());
    }
  }
  [[noreturn]] void fail(const std::string& what);
  tlm::tlm_sync_enum send(DmaTransaction& transaction, tlm::tlm_phase& phase, Ticks& time);
  void raise(std::uint64_t vectors, Ticks edge);
  [[nodiscard]] Ticks horizon() const;
  [[nodiscard]] bool idle() const {
    return self.config_.skip_idle && quiet_cycles >= kQuietCycles && axil.quiet();
  }

  RtlDevice& self;
  std::unique_ptr<RtlTop> top;
  RtlPins& pins;
  AxiLitePort axil;
  AxiDmaPort dma;

  const Ticks period;
  const Ticks quantum;
  Ticks next_edge = 0;
  std::uint64_t cycles = 0;
  unsigned quiet_cycles = 0;
  bool scheduled = false;  // something may have been scheduled since the last horizon()
  Ticks current_edge = 0;

  sc_core::sc_event wake;
  sc_core::sc_event access_done;
};

RtlDevice::RtlDevice(const sc_core::sc_module_name& name, std::unique_ptr<RtlTop> top,
                     const RtlDeviceConfig& config)
    : Device(name), config_(config) {
  if (top == nullptr) throw std::invalid_argument("RtlDevice: no top");
  if (config_.clock_period == sc_core::SC_ZERO_TIME) {
    throw std::invalid_argument("RtlDevice: the clock period must not be 0");
  }
  impl_ = std::make_unique<Impl>(*this, std::move(top));
  SC_HAS_PROCESS(RtlDevice);
  SC_THREAD(run);
}

RtlDevice::~RtlDevice() = default;

std::uint64_t RtlDevice::cycles() const noexcept { return impl_->cycles; }

// ---- The clock -------------------------------------------------------------------------------

void RtlDevice::run() {
  Impl& d = *impl_;
  d.reset();
  d.next_edge = d.period;
  for (;;) {
    if (d.idle()) {
      wait(d.wake);
      d.quiet_cycles = 0;
      d.next_edge = std::max(d.next_edge, (now_ticks() / d.period + 1) * d.period);
    }
    Ticks limit = d.horizon();
    while (d.next_edge <= limit && !d.idle()) {
      d.tick(d.next_edge);
      d.next_edge += d.period;
      if (d.scheduled) limit = d.horizon();
    }
    // All that is due before the next edge shall happen before it.
    if (!d.idle()) wait(sc_time::from_value(d.next_edge - now_ticks()));
  }
}

// The latest time up to which nothing else can happen.
Ticks RtlDevice::Impl::horizon() const {
  const sc_core::sc_simcontext* const context = sc_core::sc_get_curr_simcontext();
  return now_ticks() + std::min(quantum, sc_core::sc_time_to_pending_activity(context).value());
}

void RtlDevice::Impl::reset() {
  *pins.rst_n = 0;
  for (unsigned i = 0; i < kResetCycles; ++i) {
    *pins.clk = 0;
    eval(0);
    *pins.clk = 1;
    eval(0);
  }
  *pins.clk = 0;
  *pins.rst_n = 1;
  eval(0);
}

// One cycle: set the pins, let combinational outputs settle, see what the edge
// transfers, and make it.
void RtlDevice::Impl::tick(Ticks edge) {
  current_edge = edge;
  axil.drive(edge);
  dma.drive(edge);
  *pins.clk = 0;
  eval(edge);

  RegisterAccess* const access = axil.sample();
  dma.sample(edge);
  const std::uint64_t vectors = pins.irq;
  const bool quiet = *pins.busy == 0 && vectors == 0 && axil.quiet() && dma.quiet();
  quiet_cycles = quiet ? quiet_cycles + 1 : 0;

  *pins.clk = 1;
  eval(edge);
  ++cycles;

  if (access != nullptr) {
    access->done = true;
    axil.retire();
    access_done.notify(sc_time::from_value(edge - now_ticks()));
    scheduled = true;
  }
  if (vectors != 0) [[unlikely]] {
    raise(vectors, edge);
  }
}

void RtlDevice::Impl::raise(std::uint64_t vectors, Ticks edge) {
  // raise() has no time of its own: go there.
  if (edge > now_ticks()) self.wait(sc_time::from_value(edge - now_ticks()));
  for (unsigned vector = 0; vector < 64; ++vector) {
    if (((vectors >> vector) & 1U) == 0) continue;
    for (int i = 0; i < self.irq.size(); ++i) self.irq[i]->raise(vector);
  }
  scheduled = true;
}

void RtlDevice::Impl::fail(const std::string& what) {
  const std::string message =
      fmt::format("{} at {}: {}", self.name(), sc_time::from_value(current_edge).to_string(),
                  what.empty() ? "the design has ended the simulation ($finish)" : what);
  SC_REPORT_ERROR("pagepress.rtl", message.c_str());
  // Only where the report handler has been told not to throw.
  throw std::runtime_error(message);
}

// ---- The sockets -----------------------------------------------------------------------------

tlm::tlm_sync_enum RtlDevice::Impl::send(DmaTransaction& transaction, tlm::tlm_phase& phase,
                                         Ticks& time) {
  const Ticks now = now_ticks();
  sc_time delay = sc_time::from_value(time - now);
  const tlm::tlm_sync_enum status = self.dma->nb_transport_fw(transaction, phase, delay);
  time = now + delay.value();
  scheduled = true;
  return status;
}

tlm::tlm_sync_enum RtlDevice::nb_transport_bw(tlm::tlm_generic_payload& trans,
                                              tlm::tlm_phase& phase, sc_time& delay) {
  return impl_->dma.receive(static_cast<DmaTransaction&>(trans), phase,
                            now_ticks() + delay.value());
}

void RtlDevice::b_transport(tlm::tlm_generic_payload& trans, sc_time& delay) {
  if (refuses(trans)) return;

  RegisterAccess access;
  access.arrival = now_ticks() + delay.value();
  access.address = static_cast<std::uint32_t>(trans.get_address());
  access.write = trans.is_write();
  if (access.write) std::memcpy(&access.value, trans.get_data_ptr(), sizeof access.value);
  impl_->axil.push(access);
  impl_->wake.notify(delay);
  // The edge that completes it may have been run ahead of time; the event is not.
  while (!access.done) wait(impl_->access_done);
  delay = sc_core::SC_ZERO_TIME;

  if (!access.write) std::memcpy(trans.get_data_ptr(), &access.value, sizeof access.value);
  trans.set_response_status(access.response == 0   ? tlm::TLM_OK_RESPONSE
                            : access.response == 3 ? tlm::TLM_ADDRESS_ERROR_RESPONSE
                                                   : tlm::TLM_GENERIC_ERROR_RESPONSE);
}

}  // namespace pagepress::model
