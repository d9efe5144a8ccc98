// SPDX-License-Identifier: Apache-2.0
// Emulator: a device model served to other processes, one client after the other.
//
//   ClientSource --> Client -- registers --> DevicePort
//                           <-- DMA ---------
//                           <-- interrupts --
//
// Simulated time goes on while the device has something to do, as fast as this machine can, and
// stands still else. One SC_THREAD does everything: it looks for messages and doorbells, lets time
// go on by a slice, and sleeps in poll(2) when there is nothing to do.
// When a client goes, the device runs on without any memory until it is at rest.
// Limitations: once a process (SystemC elaborates once); simulated and real time are not coupled.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <systemc>

#include "model/emulator/client.hpp"
#include "model/emulator/device_port.hpp"
#include "model/emulator/main_process.hpp"
#include "model/emulator/pci_function.hpp"
#include "model/emulator/recording.hpp"

namespace pagepress::emulator {

struct EmulatorConfig {
  std::chrono::microseconds poll{50};  // between looks at mapped doorbells while idle; 0: no pause
  sc_core::sc_time slice{1, sc_core::SC_US};  // of simulated time between looks while busy
  bool once = false;                          // end with the first client
  std::function<bool()> stop_requested;
  std::function<void()> ready;                 // clients may come
  std::function<void(std::string_view)> note;  // a client has come or gone
  RecordWriter* recording = nullptr;           // of all that comes from clients
};

class Emulator final : public sc_core::sc_module, private DeviceUser, private RequestWatch {
 public:
  // `clients` outlives it.
  Emulator(const sc_core::sc_module_name& name, ClientSource& clients, ServedDevice served,
           EmulatorConfig config);
  ~Emulator() override;

  // Serves until it is to stop. Throws what the model throws (sc_report of a failed RTL), and
  // std::runtime_error: the socket fails, a recording cannot be written.
  void run();

 private:
  void serve_clients();  // in the SC_THREAD
  void serve(Client& client);
  void sleep();  // until a client may have said something
  void flush();

  bool dma(tlm::tlm_generic_payload& trans) override;
  bool dma_parts(tlm::tlm_generic_payload& trans);
  void raise(unsigned vector) override;
  void doorbell(std::uint64_t offset, std::uint32_t value) override;
  void request(const Message& message) override;

  EmulatorConfig config_;
  ClientSource& clients_;
  DeviceLog* log_;
  DevicePort port_;
  std::unique_ptr<PciFunction> function_;
  Client* client_ = nullptr;  // that is there
  MainProcess process_;
};

}  // namespace pagepress::emulator
