// SPDX-License-Identifier: Apache-2.0
// TlmBus: the driver's Bus to a model in this process. Registers go through a
// TLM-2.0 initiator socket (to Link::host), DMA mappings to HostMemory; the
// device's address of a byte is its address in this process (IOVA = VA). Interrupts come by `irq`
// (of Link::irq) and wake who waits for their vector.
// Limitation: registers are accessed and interrupts awaited from SC_THREADs only; mappings cost
// their time only there.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <systemc>

#include <pagepress/bus.hpp>

#include "model/device/device.hpp"
#include "model/link/host_memory.hpp"

namespace pagepress::sim {

class TlmBus final : public sc_core::sc_module, public Bus, private model::IrqSink {
 public:
  tlm_utils::simple_initiator_socket<TlmBus> socket;
  sc_core::sc_export<model::IrqSink> irq;  // may stay unbound where there are no vectors

  // `map_cost`: CPU time of mapping a page, and of unmapping it. `vectors`: how many are delivered.
  TlmBus(const sc_core::sc_module_name& name, model::HostMemory& memory,
         const sc_core::sc_time& map_cost = sc_core::SC_ZERO_TIME, unsigned vectors = 0);

  std::uint32_t read32(std::uint64_t offset) override;
  void write32(std::uint64_t offset, std::uint32_t value) override;
  Iova map(void* addr, std::size_t len, bool writable) override;
  void unmap(Iova iova, std::size_t len) override;
  unsigned vectors() const noexcept override { return static_cast<unsigned>(vectors_.size()); }
  bool wait_interrupt(unsigned vector, std::uint64_t timeout_ns) override;

 private:
  struct Vector {
    sc_core::sc_event event;
    bool raised = false;
  };

  void raise(unsigned vector) override;
  void charge(std::size_t len) const;

  model::HostMemory& memory_;
  const sc_core::sc_time map_cost_;
  std::deque<Vector> vectors_;
};

}  // namespace pagepress::sim
