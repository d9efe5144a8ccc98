// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/device_port.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>

#include "model/link/register_access.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::emulator {
namespace {

using sc_core::sc_time;

constexpr double kRestWithinMs = 10;  // [ms] simulated: no unit takes so long

sc_time rest_deadline() {
  return sc_core::sc_time_stamp() + sc_time(kRestWithinMs, sc_core::SC_MS);
}

}  // namespace

DevicePort::DevicePort(const sc_core::sc_module_name& name, ServedDevice served, DeviceUser& user)
    : sc_module(name),
      user_(user),
      device_(std::move(served.device)),
      link_("link", served.link),
      log_(served.log) {
  registers_.bind(link_.host);
  link_.memory.bind(memory_);
  link_.irq.bind(*this);
  memory_.register_b_transport(this, &DevicePort::memory_b_transport);
  from_link_.register_b_transport(this, &DevicePort::device_b_transport);
  link_.registers.bind(from_link_);
  if (served.faults) {
    faults_.emplace("faults", std::move(*served.faults));
    to_device_.bind(faults_->link_registers);
    faults_->bind_device(*device_, link_);
  } else {
    to_device_.bind(device_->registers);
    device_->dma.bind(link_.dma);
    device_->irq.bind(link_.irq_in);
  }
}

// ---- Registers ---------------------------------------------------------------------------------

std::uint32_t DevicePort::read(std::uint64_t offset) {
  std::uint32_t value = 0;
  return model::access_register(registers_, tlm::TLM_READ_COMMAND, offset, value) ? value
                                                                                  : 0xffffffffu;
}

void DevicePort::write(std::uint64_t offset, std::uint32_t value) {
  // A posted write: an error has nowhere to go, as on PCIe.
  (void)model::access_register(registers_, tlm::TLM_WRITE_COMMAND, offset, value);
}

void DevicePort::doorbell(std::uint64_t offset, std::uint32_t value) {
  user_.doorbell(offset, value);
  write(offset, value);
}

bool DevicePort::reset() {
  const sc_time end = rest_deadline();
  write(PP_REG_CTRL, PP_CTRL_RESET);
  while ((read(PP_REG_CTRL) & PP_CTRL_RESET) != 0 || (read(PP_REG_STATE) & PP_STATE_READY) == 0) {
    if (sc_core::sc_time_stamp() >= end) return false;
  }
  settle();  // interrupts that were on their way
  return at_rest();
}

std::unique_ptr<PciFunction> DevicePort::make_function() {
  const std::uint32_t cap0 = read(PP_REG_CAP0);
  const std::uint32_t cap2 = read(PP_REG_CAP2);
  // No more than the regions have room for: a device that is dead from the start has all ones.
  const unsigned queues = std::min(cap0 & 0x1ff, PP_MAX_QUEUES);
  const unsigned vectors = std::clamp<unsigned>(cap2 >> 16 & 0xfff, 1, kMsixVectors);
  return std::make_unique<PciFunction>(*this, queues, vectors);
}

void DevicePort::settle(const std::function<bool()>& stop_requested) {
  const sc_time slice(1, sc_core::SC_US);
  const sc_time end = rest_deadline();
  while (!at_rest() && sc_core::sc_time_stamp() < end) {
    if (stop_requested && stop_requested()) return;
    wait(slice);
  }
}

void DevicePort::device_b_transport(tlm::tlm_generic_payload& trans, sc_time& delay) {
  to_device_->b_transport(trans, delay);
  if (log_ == nullptr) return;
  std::uint32_t value = 0;
  std::memcpy(&value, trans.get_data_ptr(), sizeof value);
  log_->register_access(trans.is_write(), trans.get_address(), value);
}

// ---- DMA and interrupts ------------------------------------------------------------------------

void DevicePort::memory_b_transport(tlm::tlm_generic_payload& trans, sc_time& /*delay*/) {
  if (trans.get_command() == tlm::TLM_IGNORE_COMMAND) {
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
    return;
  }
  if (trans.get_streaming_width() < trans.get_data_length()) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  const bool ok = user_.dma(trans);
  trans.set_response_status(ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
  if (log_ == nullptr) return;
  if (trans.is_read()) {
    log_->dma_read(trans.get_address(), trans.get_data_length(), ok);
  } else {
    log_->dma_write(trans.get_address(), {trans.get_data_ptr(), trans.get_data_length()}, ok);
  }
}

void DevicePort::raise(unsigned vector) {
  if (log_ != nullptr) log_->interrupt(vector);
  user_.raise(vector);
}

}  // namespace pagepress::emulator
