// SPDX-License-Identifier: Apache-2.0
// RtlDevice: the RTL itself as a Device. A Verilated top stands in one SystemC
// module; its pins become the sockets of device.hpp.
//
// Time. Rising edges stand at multiples of the clock period. What reaches the
// device at time T is seen by the first edge *after* T; what leaves it at an edge
// is annotated with that edge's time. So the process runs many edges at one
// SystemC time: up to the next activity anywhere (or max_quantum), none of which
// can concern it earlier. While the design is idle it is not run at all.
//
// - Out of reset before time 0.
// - $finish, $stop, $fatal, a failed assertion or a violation of the AXI subset of
//   AxiDmaPort end the simulation: sc_start() throws an sc_report with the message.
// Limitations: those of AxiDmaPort; no waveforms yet.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "model/device/device.hpp"
#include "model/device/rtl_top.hpp"

namespace pagepress::model {

struct RtlDeviceConfig {
  // 1 GHz: assumed; no synthesis for a technology stands behind it yet.
  sc_core::sc_time clock_period{1, sc_core::SC_NS};
  // Longest stretch that runs ahead of SystemC's time where nothing else is scheduled.
  sc_core::sc_time max_quantum{1, sc_core::SC_US};
  // Stop the clock while busy_o is low and nothing is on the buses.
  bool skip_idle = true;
};

class RtlDevice final : public Device {
 public:
  // `top`: usually make_pagepress_top(). Throws std::invalid_argument for a
  // configuration that cannot be.
  RtlDevice(const sc_core::sc_module_name& name, std::unique_ptr<RtlTop> top,
            const RtlDeviceConfig& config = {});
  ~RtlDevice() override;

  [[nodiscard]] std::uint64_t cycles() const noexcept override;
  [[nodiscard]] const RtlDeviceConfig& config() const noexcept { return config_; }

 private:
  struct Impl;

  void run();  // SC_THREAD
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;

  const RtlDeviceConfig config_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pagepress::model
