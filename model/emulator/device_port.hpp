// SPDX-License-Identifier: Apache-2.0
// DevicePort: a device model with its link, for whoever serves it: registers to call, DMA and
// interrupts to take.
//
//   DevicePort::read, write -- Link::host   [Link]  -- registers --> (log) --> Device
//   DeviceUser::dma         <- Link::memory         <-- DMA -------- (faults)
//   DeviceUser::raise       <- Link::irq            <-- interrupts --
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <functional>
#include <memory>
#include <optional>
#include <systemc>

#include "model/device/device.hpp"
#include "model/emulator/device_log.hpp"
#include "model/emulator/pci_function.hpp"
#include "model/fault/fault_injector.hpp"
#include "model/link/link.hpp"

namespace pagepress::emulator {

class DeviceUser {
 public:
  virtual ~DeviceUser() = default;
  // Of a whole transaction, with its byte enables. False: a bus error.
  [[nodiscard]] virtual bool dma(tlm::tlm_generic_payload& trans) = 0;
  virtual void raise(unsigned vector) = 0;
  // A mapped doorbell goes to the device now.
  virtual void doorbell(std::uint64_t offset, std::uint32_t value) = 0;
};

// What is served.
struct ServedDevice {
  std::unique_ptr<model::Device> device;
  model::LinkConfig link;
  std::optional<model::FaultPlan> faults;
  DeviceLog* log = nullptr;
};

class DevicePort final : public sc_core::sc_module, public RegisterPort, private model::IrqSink {
 public:
  DevicePort(const sc_core::sc_module_name& name, ServedDevice served, DeviceUser& user);

  // All from an SC_THREAD.
  std::uint32_t read(std::uint64_t offset) override;
  void write(std::uint64_t offset, std::uint32_t value) override;
  void doorbell(std::uint64_t offset, std::uint32_t value) override;
  bool reset() override;
  // The function of the device, which its registers describe.
  [[nodiscard]] std::unique_ptr<PciFunction> make_function();

  // Lets the device come to rest, if it does within 10 ms of simulated time (minutes of real time
  // for an RTL that is stuck) and before a stop is requested.
  void settle(const std::function<bool()>& stop_requested = {});
  [[nodiscard]] static bool at_rest() { return !sc_core::sc_pending_activity(); }

 private:
  void device_b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  void memory_b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  void raise(unsigned vector) override;

  DeviceUser& user_;
  std::unique_ptr<model::Device> device_;
  model::Link link_;
  DeviceLog* log_;
  std::optional<model::FaultInjector> faults_;
  tlm_utils::simple_initiator_socket<DevicePort> registers_{"registers"};
  tlm_utils::simple_target_socket<DevicePort> from_link_{"from_link"};
  tlm_utils::simple_initiator_socket<DevicePort> to_device_{"to_device"};
  tlm_utils::simple_target_socket<DevicePort> memory_{"memory"};
};

}  // namespace pagepress::emulator
