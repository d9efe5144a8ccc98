// SPDX-License-Identifier: Apache-2.0
// FaultInjector: stands between a device and its link and does what a fault plan says.
//
//   Device.dma ------> dma       [FaultInjector]  link_dma -------> Link.dma
//   Device.registers <- registers                 link_registers <- Link.registers
//   Device.irq ------> irq_in                     irq ------------> Link.irq_in
//
// Faults of DMA, completions and interrupts are made here. What happens inside of the device
// (an engine that is stuck, an output that is wrong, a reset) is done to it by its own registers:
// PP_REG_INJECT*, PP_REG_CTRL. Where nothing is due everything passes at once, and no time
// differs from that without this module.
//
// Limitations: what has left the device for the link before it dies arrives; one injection at a
// time is armed in the device, the next one at the earliest with the next completion; a device
// answers BEGIN_RESP with TLM_COMPLETED (model/device/device.hpp).
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <systemc>
#include <tlm>
#include <vector>

#include "model/device/device.hpp"
#include "model/device/ticks.hpp"
#include "model/fault/fault_book.hpp"
#include "model/fault/ring_watch.hpp"

namespace pagepress::model {

class FaultInjector final : public sc_core::sc_module, private IrqSink {
 public:
  tlm_utils::simple_target_socket<FaultInjector> dma;           // from the device
  tlm_utils::simple_initiator_socket<FaultInjector> registers;  // to the device
  sc_core::sc_export<IrqSink> irq_in;                           // from the device
  tlm_utils::simple_initiator_socket<FaultInjector> link_dma;
  tlm_utils::simple_target_socket<FaultInjector> link_registers;
  sc_core::sc_port<IrqSink, 0, sc_core::SC_ZERO_OR_MORE_BOUND> irq;

  FaultInjector(const sc_core::sc_module_name& name, FaultPlan plan);

  // All that stands between the two, but for link_registers.
  template <class Link>
  void bind_device(Device& device, Link& link) {
    device.dma.bind(dma);
    registers.bind(device.registers);
    device.irq.bind(irq_in);
    link_dma.bind(link.dma);
    irq.bind(link.irq_in);
  }
  template <class Link>
  void bind(Device& device, Link& link) {
    bind_device(device, link);
    link.registers.bind(link_registers);
  }

  [[nodiscard]] const FaultBook& book() const noexcept { return book_; }

 private:
  // A transaction that a fault has struck, until its response.
  struct Struck {
    tlm::tlm_generic_payload* payload;
    bool refused;            // it ends in an error
    unsigned char* enables;  // as the device set them
    unsigned enables_length;
  };

  void start_of_simulation() override;

  // DMA.
  tlm::tlm_sync_enum dma_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay);
  tlm::tlm_sync_enum dma_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                            sc_core::sc_time& delay);
  void strike(tlm::tlm_generic_payload& trans, Ticks time);
  void strike_completion(tlm::tlm_generic_payload& trans, Ticks time, unsigned queue);
  Struck& struck(tlm::tlm_generic_payload& trans);
  void withhold(tlm::tlm_generic_payload& trans);  // a write: memory stays as it is
  void settle(tlm::tlm_generic_payload& trans);    // before its response reaches the device
  void refuse(tlm::tlm_generic_payload& trans, Ticks time);
  void respond(tlm::tlm_generic_payload& trans);
  void forward_held();

  // Registers and interrupts.
  void registers_b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  void to_device(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  std::uint32_t access_device(tlm::tlm_command command, std::uint64_t offset, std::uint32_t value);
  void raise(unsigned vector) override;
  void send_interrupt(unsigned vector);

  // Faults of the whole device.
  void happen(std::size_t fault);
  void end_stall();
  void operate();  // SC_THREAD: the device's own registers
  void reset_device(std::size_t fault);
  void arm(std::size_t fault);
  void wait_out_stall();

  void schedule(Ticks time, std::function<void()> action);
  void run_due();  // SC_METHOD

  FaultBook book_;
  RingWatch rings_;
  std::vector<Struck> struck_;
  bool dead_ = false;
  Ticks stalled_until_ = 0;
  tlm::tlm_generic_payload* held_request_ = nullptr;      // the device waits for its END_REQ
  std::deque<tlm::tlm_generic_payload*> held_responses_;  // the link for its END_RESP
  sc_core::sc_event stall_over_{"stall_over"};

  std::multimap<Ticks, std::function<void()>> due_;
  sc_core::sc_event due_event_{"due"};

  std::deque<std::size_t> resets_;      // that the device is to make
  std::deque<std::size_t> injections_;  // to be armed in it
  bool woken_ = false;
  sc_core::sc_event work_{"work"};
  sc_core::sc_mutex device_port_{"device_port"};
  tlm::tlm_generic_payload own_access_;  // a local of the thread would never be destroyed
};

}  // namespace pagepress::model
