// SPDX-License-Identifier: Apache-2.0
// Faults of the device and of the link as a whole.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "model/fault/fault_injector.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::model {

using sc_core::sc_time;

void FaultInjector::start_of_simulation() {
  for (std::size_t i = 0; i < book_.plan().faults.size(); ++i) {
    const Fault& fault = book_.fault(i);
    if (!fault.at_ps || !happens_by_itself(fault.kind)) continue;
    schedule(ps_to_ticks(*fault.at_ps), [this, i] { happen(i); });
  }
}

void FaultInjector::happen(std::size_t index) {
  if (dead_) return;
  const Fault& fault = book_.fault(index);
  switch (fault.kind) {
    case FaultKind::kLinkStall:
      stalled_until_ = std::max(stalled_until_, now_ticks() + ps_to_ticks(fault.duration_ps));
      schedule(stalled_until_, [this] { end_stall(); });
      book_.apply(index, ticks_to_ps(now_ticks()),
                  fmt::format("for {} us", static_cast<double>(fault.duration_ps) / 1e6));
      return;
    case FaultKind::kDead:
      dead_ = true;
      if (held_request_ != nullptr) refuse(*std::exchange(held_request_, nullptr), now_ticks());
      book_.apply(index, ticks_to_ps(now_ticks()), "the device is gone");
      return;
    case FaultKind::kReset:
      resets_.push_back(index);
      break;
    default:
      injections_.push_back(index);
      break;
  }
  woken_ = true;
  work_.notify(sc_core::SC_ZERO_TIME);
}

void FaultInjector::end_stall() {
  if (now_ticks() < stalled_until_) return;  // there has been another one
  if (held_request_ != nullptr) forward_held();
  while (!held_responses_.empty()) {
    tlm::tlm_generic_payload& trans = *held_responses_.front();
    held_responses_.pop_front();
    respond(trans);
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_time delay = sc_core::SC_ZERO_TIME;
    (void)link_dma->nb_transport_fw(trans, phase, delay);
  }
  stall_over_.notify();
}

void FaultInjector::wait_out_stall() {
  while (now_ticks() < stalled_until_) wait(stall_over_);
}

// ---- Inside of the device -----------------------------------------------------------------------

void FaultInjector::operate() {
  for (;;) {
    if (!resets_.empty() && !dead_) {
      const std::size_t fault = resets_.front();
      resets_.pop_front();
      reset_device(fault);
    } else if (!injections_.empty() && !dead_ &&
               (access_device(tlm::TLM_READ_COMMAND, PP_REG_INJECT, 0) & PP_INJECT_ARMED) == 0) {
      const std::size_t fault = injections_.front();
      injections_.pop_front();
      arm(fault);
    } else if (!std::exchange(woken_, false)) {
      wait(work_);
      woken_ = false;
    }
  }
}

void FaultInjector::reset_device(std::size_t fault) {
  (void)access_device(tlm::TLM_WRITE_COMMAND, PP_REG_CTRL, PP_CTRL_RESET);
  rings_.forget();
  book_.apply(fault, ticks_to_ps(now_ticks()), "the device has reset itself");
}

void FaultInjector::arm(std::size_t index) {
  const Fault& fault = book_.fault(index);
  const bool stuck = fault.kind == FaultKind::kStuckEngine;
  const std::uint32_t queue = fault.queue.value_or(PP_INJECT_ALL_QUEUES);
  const std::uint32_t kind = stuck ? PP_INJECT_STUCK_ENGINE : PP_INJECT_FLIP_OUTPUT;
  const auto write = [this](std::uint64_t offset, std::uint32_t value) {
    (void)access_device(tlm::TLM_WRITE_COMMAND, offset, value);
  };
  write(PP_REG_INJECT_COUNT, fault.count << 16);
  write(PP_REG_INJECT_ARG, stuck ? fault.cycles : fault.bit);
  write(PP_REG_INJECT, PP_INJECT_ARMED | queue << 8 | kind);
  book_.apply(index, ticks_to_ps(now_ticks()),
              stuck ? fmt::format("armed: the next {} units, {} cycles", fault.count, fault.cycles)
                    : fmt::format("armed: the next {} units, bit {}", fault.count, fault.bit));
}

std::uint32_t FaultInjector::access_device(tlm::tlm_command command, std::uint64_t offset,
                                           std::uint32_t value) {
  own_access_.set_command(command);
  own_access_.set_address(offset);
  own_access_.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  own_access_.set_data_length(sizeof value);
  own_access_.set_streaming_width(sizeof value);
  own_access_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_time delay = sc_core::SC_ZERO_TIME;
  to_device(own_access_, delay);
  if (delay != sc_core::SC_ZERO_TIME) wait(delay);
  return value;
}

}  // namespace pagepress::model
