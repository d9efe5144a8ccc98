// SPDX-License-Identifier: Apache-2.0
// TlmBus: the driver's Bus to a model in this process. Registers go through a
// TLM-2.0 initiator socket (to Link::host), DMA mappings to HostMemory; the
// device's address of a byte is its address in this process (IOVA = VA).
// Limitation: registers are accessed from SC_THREADs only; mappings cost their time only there.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <cstddef>
#include <cstdint>
#include <systemc>

#include <pagepress/bus.hpp>

#include "model/link/host_memory.hpp"

namespace pagepress::sim {

class TlmBus final : public sc_core::sc_module, public Bus {
 public:
  tlm_utils::simple_initiator_socket<TlmBus> socket;

  // `map_cost`: CPU time of mapping a page, and of unmapping it.
  TlmBus(const sc_core::sc_module_name& name, model::HostMemory& memory,
         const sc_core::sc_time& map_cost = sc_core::SC_ZERO_TIME);

  std::uint32_t read32(std::uint64_t offset) override;
  void write32(std::uint64_t offset, std::uint32_t value) override;
  Iova map(void* addr, std::size_t len, bool writable) override;
  void unmap(Iova iova, std::size_t len) override;

 private:
  void charge(std::size_t len) const;

  model::HostMemory& memory_;
  const sc_core::sc_time map_cost_;
};

}  // namespace pagepress::sim
