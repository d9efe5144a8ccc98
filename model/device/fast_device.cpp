// SPDX-License-Identifier: Apache-2.0
#include "model/device/fast_device.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <stdexcept>

#include "model/device/burst_sender.hpp"
#include "model/device/fast/arbiter.hpp"
#include "model/device/fast/core.hpp"
#include "model/device/register_access.hpp"
#include "model/device/ticks.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model {
namespace {

using fast::Cycle;
using fast::kNever;
using sc_core::sc_time;

// Edges from an access's transfer to its effect (pp_axil_slave).
constexpr Cycle kToEffect = 1;

}  // namespace

struct FastDevice::Impl final : fast::Surroundings {
  explicit Impl(FastDevice& device)
      : self(device),
        period(device.config_.clock_period.value()),
        quantum(device.config_.max_quantum.value()),
        sender(
            period, device.config_.geometry.beat_bytes,
            [this](tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase, Ticks& time) {
              return transport(payload, phase, time);
            },
            [this](fast::Burst& burst) {
              core.answer(burst);
              arm();
            },
            [this](Cycle edge) {
              core.bus_ready(edge);
              arm();
            }),
        core(device.config_.geometry, *this) {}

  // A register access and whoever waits for it.
  struct Waiting {
    fast::Access access;
    Ticks arrival;
    bool over = false;
  };
  struct Message {
    unsigned vector;
    Cycle edge;
  };

  bool ready(Cycle edge) override {
    if (sender.ready(edge)) return true;
    bus_from = sender.ready_from();
    return false;
  }
  void send(fast::Burst& burst, Cycle edge) override { sender.send(burst, edge); }
  void raise(unsigned vector, Cycle edge) override { messages.push_back({vector, edge}); }

  tlm::tlm_sync_enum transport(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                               Ticks& time);
  [[nodiscard]] Ticks due() const;
  void arm();
  void begin_access();
  void end_access();
  void send_messages();

  FastDevice& self;
  const Ticks period;
  const Ticks quantum;
  BurstSender sender;
  fast::Core core;
  std::deque<Waiting*> accesses;
  bool access_begun = false;
  Cycle port_free = 1;  // the first edge at which the register port takes an access
  std::deque<Message> messages;
  Cycle bus_from = kNever;  // the bus, found not ready, is so again
  bool scheduled = false;   // something may have been scheduled since the horizon was looked up

  sc_core::sc_event due_event;
  sc_core::sc_event access_done;
};

FastDevice::FastDevice(const sc_core::sc_module_name& name, const FastDeviceConfig& config)
    : Device(name), config_(config) {
  if (config_.clock_period == sc_core::SC_ZERO_TIME) {
    throw std::invalid_argument("FastDevice: the clock period must not be 0");
  }
  const fast::Geometry& g = config_.geometry;
  if (g.queues < 2 || g.queues > PP_MAX_QUEUES) {
    throw std::invalid_argument("FastDevice: 2 to 256 queues");
  }
  if (g.engines == 0 || g.slots() > fast::kMaxRequesters) {
    throw std::invalid_argument("FastDevice: no engine, or more units than it can arbitrate");
  }
  if (g.id_bits > 8 || g.channels() >= 1U << g.id_bits) {
    throw std::invalid_argument("FastDevice: id_bits must hold two IDs for each engine and one");
  }
  if (g.beat_bytes != 32 && g.beat_bytes != 64) {
    throw std::invalid_argument("FastDevice: a bus of 32 or 64 bytes");
  }
  if (g.unit_log2 < PP_UNIT_LOG2_MIN || g.unit_log2 > PP_UNIT_LOG2_MAX) {
    throw std::invalid_argument("FastDevice: units of 4 KiB to 64 KiB");
  }
  impl_ = std::make_unique<Impl>(*this);
  SC_HAS_PROCESS(FastDevice);
  SC_METHOD(run);
  sensitive << impl_->due_event;
  dont_initialize();
}

FastDevice::~FastDevice() = default;

std::uint64_t FastDevice::cycles() const noexcept { return now_ticks() / impl_->period; }

// ---- Events ----------------------------------------------------------------------------------

// When something is to be done; kNever: never.
Ticks FastDevice::Impl::due() const {
  Cycle edge = std::min(core.next(), bus_from);
  if (!messages.empty()) edge = std::min(edge, messages.front().edge);
  return edge == kNever ? kNever : edge * period;
}

void FastDevice::Impl::arm() {
  const Ticks at = due();
  if (at != kNever) due_event.notify(sc_time::from_value(at > now_ticks() ? at - now_ticks() : 0));
}

void FastDevice::run() {
  Impl& d = *impl_;
  const Ticks now = now_ticks();
  const auto horizon = [&] {
    // The latest time up to which nothing else can happen.
    const sc_time pending = sc_core::sc_time_to_pending_activity(sc_core::sc_get_curr_simcontext());
    d.scheduled = false;
    return now + std::min(d.quantum, pending.value());
  };
  d.send_messages();
  Ticks limit = horizon();
  for (;;) {
    const Cycle next = std::min(d.core.next(), d.bus_from);
    if (next == kNever || next * d.period > limit) break;
    if (next == d.bus_from) {
      d.bus_from = kNever;
      d.core.bus_ready(next);
    } else {
      d.core.run_one();
    }
    d.end_access();
    if (d.scheduled) limit = horizon();
  }
  d.send_messages();
  d.arm();
}

void FastDevice::Impl::send_messages() {
  while (!messages.empty() && messages.front().edge * period <= now_ticks()) {
    const unsigned vector = messages.front().vector;
    messages.pop_front();
    for (int i = 0; i < self.irq.size(); ++i) self.irq[i]->raise(vector);
  }
}

// ---- The sockets -----------------------------------------------------------------------------

tlm::tlm_sync_enum FastDevice::Impl::transport(tlm::tlm_generic_payload& payload,
                                               tlm::tlm_phase& phase, Ticks& time) {
  const Ticks now = now_ticks();
  sc_time delay = sc_time::from_value(time > now ? time - now : 0);
  const tlm::tlm_sync_enum status = self.dma->nb_transport_fw(payload, phase, delay);
  time = now + delay.value();
  scheduled = true;
  return status;
}

tlm::tlm_sync_enum FastDevice::nb_transport_bw(tlm::tlm_generic_payload& trans,
                                               tlm::tlm_phase& phase, sc_time& delay) {
  return impl_->sender.receive(trans, phase, now_ticks() + delay.value());
}

// The first access in line goes to the registers, if none is there.
void FastDevice::Impl::begin_access() {
  if (access_begun || accesses.empty()) return;
  access_begun = true;
  Waiting& waiting = *accesses.front();
  const Cycle transfer = std::max<Cycle>(waiting.arrival / period + 1, port_free);
  core.begin(waiting.access, transfer + kToEffect);
}

void FastDevice::Impl::end_access() {
  if (!access_begun || accesses.front()->access.done == kNever) return;
  Waiting& waiting = *accesses.front();
  accesses.pop_front();
  access_begun = false;
  const Cycle done = waiting.access.done;
  port_free = done + 1;
  waiting.over = true;
  const Ticks at = done * period;
  access_done.notify(sc_time::from_value(at > now_ticks() ? at - now_ticks() : 0));
  scheduled = true;
  begin_access();
}

void FastDevice::b_transport(tlm::tlm_generic_payload& trans, sc_time& delay) {
  if (refuses(trans)) return;
  Impl::Waiting waiting{.access = {.address = static_cast<std::uint32_t>(trans.get_address()),
                                   .write = trans.is_write()},
                        .arrival = now_ticks() + delay.value()};
  if (waiting.access.write) {
    std::memcpy(&waiting.access.value, trans.get_data_ptr(), sizeof waiting.access.value);
  }
  impl_->accesses.push_back(&waiting);
  impl_->begin_access();
  impl_->arm();
  // The edge that ends it may have been run ahead of time.
  while (!waiting.over || waiting.access.done * impl_->period > now_ticks()) {
    wait(impl_->access_done);
  }
  delay = sc_core::SC_ZERO_TIME;
  if (!waiting.access.write) {
    std::memcpy(trans.get_data_ptr(), &waiting.access.value, sizeof waiting.access.value);
  }
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

}  // namespace pagepress::model
