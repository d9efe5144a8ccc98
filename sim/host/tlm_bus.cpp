// SPDX-License-Identifier: Apache-2.0
#include "sim/host/tlm_bus.hpp"

#include <stdexcept>
#include <system_error>
#include <utility>

#include "model/link/register_access.hpp"

namespace pagepress::sim {

TlmBus::TlmBus(const sc_core::sc_module_name& name, model::HostMemory& memory,
               const sc_core::sc_time& map_cost, unsigned vectors)
    : sc_module(name),
      socket("socket"),
      irq("irq"),
      memory_(memory),
      map_cost_(map_cost),
      vectors_(vectors) {
  irq.bind(*this);
}

std::uint32_t TlmBus::read32(std::uint64_t offset) {
  std::uint32_t value = 0;
  return model::access_register(socket, tlm::TLM_READ_COMMAND, offset, value) ? value : 0xffffffffu;
}

void TlmBus::write32(std::uint64_t offset, std::uint32_t value) {
  // A posted write: an error has nowhere to go, as on PCIe.
  (void)model::access_register(socket, tlm::TLM_WRITE_COMMAND, offset, value);
}

Iova TlmBus::map(void* addr, std::size_t len, bool writable) {
  const auto iova = static_cast<Iova>(reinterpret_cast<std::uintptr_t>(addr));
  try {
    memory_.add_range(iova, addr, len, writable);
  } catch (const std::invalid_argument& error) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument), error.what());
  }
  charge(len);
  return iova;
}

void TlmBus::unmap(Iova iova, std::size_t len) {
  memory_.remove_range(iova);
  charge(len);
}

void TlmBus::raise(unsigned vector) {
  if (vector >= vectors_.size()) return;
  vectors_[vector].raised = true;
  vectors_[vector].event.notify();
}

bool TlmBus::wait_interrupt(unsigned vector, std::uint64_t timeout_ns) {
  Vector& waited = vectors_.at(vector);
  if (!waited.raised && timeout_ns != 0) {
    sc_core::wait(static_cast<double>(timeout_ns), sc_core::SC_NS, waited.event);
  }
  return std::exchange(waited.raised, false);
}

void TlmBus::charge(std::size_t len) const {
  constexpr std::size_t kPage = 4096;
  const bool waits =
      sc_core::sc_get_current_process_handle().proc_kind() == sc_core::SC_THREAD_PROC_;
  if (map_cost_ == sc_core::SC_ZERO_TIME || !waits) return;
  sc_core::wait(static_cast<double>((len + kPage - 1) / kPage) * map_cost_);
}

}  // namespace pagepress::sim
