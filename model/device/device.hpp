// SPDX-License-Identifier: Apache-2.0
// Device: the face that every model of the engine shows: one TLM-2.0 target
// socket for BAR0, one initiator socket for DMA, one interrupt port.
//
// - registers: b_transport from an SC_THREAD, 4-byte aligned accesses. It returns
//   when the access is complete. TLM_ADDRESS_ERROR_RESPONSE outside BAR0,
//   TLM_BURST_ERROR_RESPONSE for another length or alignment.
// - dma: TLM-2.0 base protocol, nb_transport_fw/_bw (BEGIN_REQ ... BEGIN_RESP,
//   answered TLM_COMPLETED). A TLM_ADDRESS_ERROR_RESPONSE becomes DECERR, any other
//   error SLVERR. A device may run ahead: delays are annotated and must be honoured.
// - irq: raise(vector) once for each interrupt message.
// Limitation: one function, one address space.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <systemc>
#include <tlm>

namespace pagepress::model {

// Where interrupt messages go.
struct IrqSink : public virtual sc_core::sc_interface {
  virtual void raise(unsigned vector) = 0;
};

class Device : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<Device> registers;
  tlm_utils::simple_initiator_socket<Device> dma;
  sc_core::sc_port<IrqSink, 0, sc_core::SC_ZERO_OR_MORE_BOUND> irq;

  explicit Device(const sc_core::sc_module_name& name)
      : sc_module(name), registers("registers"), dma("dma"), irq("irq") {
    registers.register_b_transport(this, &Device::b_transport);
    dma.register_nb_transport_bw(this, &Device::nb_transport_bw);
  }
  ~Device() override = default;

  // Cycles of the device clock that have been simulated (idle ones are skipped).
  [[nodiscard]] virtual std::uint64_t cycles() const noexcept = 0;

 protected:
  // The callbacks of the two sockets.
  virtual void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) = 0;
  virtual tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                             sc_core::sc_time& delay) = 0;
};

}  // namespace pagepress::model
