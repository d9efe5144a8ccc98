// SPDX-License-Identifier: Apache-2.0
// What passes between device and link, and when (the faults of the device as a whole are in
// device_faults.cpp).
#include "model/fault/fault_injector.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model {
namespace {

using sc_core::sc_time;

// Until a refused transaction is answered: long enough to be another time.
constexpr std::uint64_t kRefusalPs = 1000;

unsigned char no_byte = TLM_BYTE_DISABLED;

}  // namespace

FaultInjector::FaultInjector(const sc_core::sc_module_name& name, FaultPlan plan)
    : sc_module(name),
      dma("dma"),
      registers("registers"),
      irq_in("irq_in"),
      link_dma("link_dma"),
      link_registers("link_registers"),
      irq("irq"),
      book_(std::move(plan)) {
  dma.register_nb_transport_fw(this, &FaultInjector::dma_fw);
  link_dma.register_nb_transport_bw(this, &FaultInjector::dma_bw);
  link_registers.register_b_transport(this, &FaultInjector::registers_b_transport);
  irq_in.bind(*this);

  SC_HAS_PROCESS(FaultInjector);
  SC_METHOD(run_due);
  sensitive << due_event_;
  dont_initialize();
  SC_THREAD(operate);
}

// ---- Times -------------------------------------------------------------------------------------

void FaultInjector::schedule(Ticks time, std::function<void()> action) {
  due_.emplace(time, std::move(action));
  const Ticks first = due_.begin()->first;
  due_event_.notify(sc_time::from_value(first > now_ticks() ? first - now_ticks() : 0));
}

void FaultInjector::run_due() {
  while (!due_.empty() && due_.begin()->first <= now_ticks()) {
    const auto node = due_.extract(due_.begin());
    node.mapped()();
  }
  if (!due_.empty()) due_event_.notify(sc_time::from_value(due_.begin()->first - now_ticks()));
}

// ---- DMA ---------------------------------------------------------------------------------------

tlm::tlm_sync_enum FaultInjector::dma_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                         sc_time& delay) {
  if (phase != tlm::BEGIN_REQ) return link_dma->nb_transport_fw(trans, phase, delay);
  const Ticks time = now_ticks() + delay.value();
  if (dead_) {
    refuse(trans, time);
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  strike(trans, time);
  if (time < stalled_until_) {
    held_request_ = &trans;
    return tlm::TLM_ACCEPTED;
  }
  const tlm::tlm_sync_enum status = link_dma->nb_transport_fw(trans, phase, delay);
  if (status == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) settle(trans);
  return status;
}

tlm::tlm_sync_enum FaultInjector::dma_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                         sc_time& delay) {
  if (phase == tlm::BEGIN_RESP) {
    if (now_ticks() + delay.value() < stalled_until_) {
      held_responses_.push_back(&trans);
      return tlm::TLM_ACCEPTED;
    }
    settle(trans);
  }
  return dma->nb_transport_bw(trans, phase, delay);
}

void FaultInjector::strike(tlm::tlm_generic_payload& trans, Ticks time) {
  FaultEvent event{.sort = trans.is_read() ? FaultSort::kDmaRead : FaultSort::kDmaWrite,
                   .ps = ticks_to_ps(time),
                   .in_ring = rings_.in_ring(trans.get_address()),
                   .first = trans.get_address(),
                   .last = trans.get_address() + trans.get_data_length() - 1};
  for (const std::size_t fault : book_.note(event)) {
    struck(trans).refused = true;
    if (trans.is_write()) withhold(trans);
    book_.apply(fault, event.ps,
                fmt::format("{} {}, of {} bytes", to_string(event.sort), book_.events(event.sort),
                            trans.get_data_length()));
  }
  if (!trans.is_write() || trans.get_data_length() != PP_CQE_SIZE) return;
  if (const auto queue = rings_.completions_at(trans.get_address())) {
    strike_completion(trans, time, *queue);
  }
}

void FaultInjector::strike_completion(tlm::tlm_generic_payload& trans, Ticks time, unsigned queue) {
  const FaultEvent event{.sort = FaultSort::kCompletion, .ps = ticks_to_ps(time), .queue = queue};
  for (const std::size_t index : book_.note(event)) {
    const Fault& fault = book_.fault(index);
    if (happens_by_itself(fault.kind)) {
      schedule(time, [this, index] { happen(index); });
      continue;
    }
    const std::string which =
        fmt::format("completion {}, of queue {}", book_.events(event.sort), queue);
    if (fault.kind == FaultKind::kLostCompletion) {
      withhold(trans);
      book_.apply(index, event.ps, which);
      continue;
    }
    unsigned char& byte =
        trans.get_data_ptr()[fault.status ? offsetof(pp_cqe, status) : fault.byte];
    const unsigned char before = byte;
    byte = fault.status ? *fault.status : static_cast<unsigned char>(byte ^ fault.mask);
    book_.apply(index, event.ps,
                fmt::format("{}: byte {} is {:#04x}, was {:#04x}", which,
                            &byte - trans.get_data_ptr(), byte, before));
  }
  if (!injections_.empty()) {
    woken_ = true;
    work_.notify(sc_core::SC_ZERO_TIME);
  }
}

FaultInjector::Struck& FaultInjector::struck(tlm::tlm_generic_payload& trans) {
  const auto it = std::ranges::find(struck_, &trans, &Struck::payload);
  if (it != struck_.end()) return *it;
  struck_.push_back({&trans, false, trans.get_byte_enable_ptr(), trans.get_byte_enable_length()});
  return struck_.back();
}

void FaultInjector::withhold(tlm::tlm_generic_payload& trans) {
  struck(trans);
  trans.set_byte_enable_ptr(&no_byte);
  trans.set_byte_enable_length(1);
}

void FaultInjector::settle(tlm::tlm_generic_payload& trans) {
  const auto it = std::ranges::find(struck_, &trans, &Struck::payload);
  if (it != struck_.end()) {
    trans.set_byte_enable_ptr(it->enables);
    trans.set_byte_enable_length(it->enables_length);
    if (it->refused) trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    struck_.erase(it);
  }
  if (dead_) trans.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

// Answered without the link. Its END_REQ is the caller's.
void FaultInjector::refuse(tlm::tlm_generic_payload& trans, Ticks time) {
  schedule(time + ps_to_ticks(kRefusalPs), [this, &trans] { respond(trans); });
}

void FaultInjector::respond(tlm::tlm_generic_payload& trans) {
  settle(trans);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_time delay = sc_core::SC_ZERO_TIME;
  (void)dma->nb_transport_bw(trans, phase, delay);
}

void FaultInjector::forward_held() {
  tlm::tlm_generic_payload& trans = *std::exchange(held_request_, nullptr);
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_time delay = sc_core::SC_ZERO_TIME;
  const tlm::tlm_sync_enum status = link_dma->nb_transport_fw(trans, phase, delay);
  if (status == tlm::TLM_COMPLETED || phase == tlm::BEGIN_RESP) {
    respond(trans);
  } else if (phase == tlm::END_REQ) {
    (void)dma->nb_transport_bw(trans, phase, delay);
  }
}

// ---- Registers and interrupts -------------------------------------------------------------------

void FaultInjector::registers_b_transport(tlm::tlm_generic_payload& trans, sc_time& delay) {
  wait_out_stall();
  if (!dead_) {
    if (trans.is_write() && trans.get_data_length() == sizeof(std::uint32_t)) {
      std::uint32_t value = 0;
      std::memcpy(&value, trans.get_data_ptr(), sizeof value);
      rings_.write(trans.get_address(), value);
    }
    to_device(trans, delay);
    wait_out_stall();
  }
  if (!dead_) return;
  if (trans.is_read()) std::memset(trans.get_data_ptr(), 0xff, trans.get_data_length());
  trans.set_response_status(tlm::TLM_OK_RESPONSE);
}

void FaultInjector::to_device(tlm::tlm_generic_payload& trans, sc_time& delay) {
  device_port_.lock();
  registers->b_transport(trans, delay);
  device_port_.unlock();
}

void FaultInjector::raise(unsigned vector) {
  if (dead_) return;
  const FaultEvent event{
      .sort = FaultSort::kInterrupt, .ps = ticks_to_ps(now_ticks()), .vector = vector};
  Ticks at = std::max(now_ticks(), stalled_until_);
  bool dropped = false;
  for (const std::size_t index : book_.note(event)) {
    const Fault& fault = book_.fault(index);
    if (fault.kind == FaultKind::kDroppedInterrupt) dropped = true;
    at = std::max(at, now_ticks() + ps_to_ticks(fault.duration_ps));
    book_.apply(index, event.ps,
                fmt::format("interrupt {}, vector {}", book_.events(event.sort), vector));
  }
  if (dropped) return;
  if (at == now_ticks()) {
    send_interrupt(vector);
  } else {
    schedule(at, [this, vector] { send_interrupt(vector); });
  }
}

void FaultInjector::send_interrupt(unsigned vector) {
  if (dead_) return;
  for (int i = 0; i < irq.size(); ++i) irq[i]->raise(vector);
}

}  // namespace pagepress::model
