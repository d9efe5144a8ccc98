// SPDX-License-Identifier: Apache-2.0
// FastDevice: the whole device as a Device without a clock: events only, driven by the
// reference codec's bytes and cycles. docs/fast-device.md has its states and times.
//
// It answers the same accesses and gives the same completions in the same order as
// RtlDevice; when, within a bound that bench_fidelity measures.
//
// Time. Edges stand at multiples of the clock period, as RtlDevice's do: what reaches the
// device at time T is seen by the first edge after T, what leaves it at an edge is annotated
// with that edge's time.
// Limitations: as of the parts in model/device/fast; an answered burst is refused whole.
#pragma once

#include <cstdint>
#include <memory>

#include "model/device/device.hpp"
#include "model/device/fast/geometry.hpp"

namespace pagepress::model {

struct FastDeviceConfig {
  sc_core::sc_time clock_period{1, sc_core::SC_NS};
  // Longest stretch that runs ahead of SystemC's time where nothing else is scheduled.
  sc_core::sc_time max_quantum{1, sc_core::SC_US};
  fast::Geometry geometry;
};

class FastDevice final : public Device {
 public:
  // Throws std::invalid_argument for a configuration that cannot be.
  explicit FastDevice(const sc_core::sc_module_name& name, const FastDeviceConfig& config = {});
  ~FastDevice() override;

  // Edges so far, idle ones too.
  [[nodiscard]] std::uint64_t cycles() const noexcept override;
  [[nodiscard]] const FastDeviceConfig& config() const noexcept { return config_; }

 private:
  struct Impl;

  void run();  // SC_METHOD
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) override;
  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) override;

  const FastDeviceConfig config_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pagepress::model
