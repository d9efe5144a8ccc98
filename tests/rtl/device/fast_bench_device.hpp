// SPDX-License-Identifier: Apache-2.0
// The fast device's core as a bench's Device: the tests of the RTL's device run on it.
//
// Its bursts become pins of AXI4, a beat a cycle; what AxiSlave answers goes back a burst at
// a time. Limitation: times on these pins are not the device's: write data start when the
// RTL's would end.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "model/device/fast/core.hpp"
#include "tests/rtl/device/device.hpp"

namespace pagepress::bench {

class FastBenchDevice final : public Device, private model::fast::Surroundings {
 public:
  FastBenchDevice(const model::fast::Geometry& geometry, std::uint64_t seed);
  ~FastBenchDevice() override = default;

  [[nodiscard]] bool busy() const override;
  [[nodiscard]] bool timed() const override { return false; }

 private:
  using Burst = model::fast::Burst;
  static constexpr unsigned kIds = 16;
  static constexpr unsigned kWords = 16;  // of the widest beat

  struct AxiPort {
    std::uint8_t awid = 0, awlen = 0, awsize = 0, awburst = 1, awvalid = 0, awready = 0;
    std::uint64_t awaddr = 0;
    std::array<std::uint32_t, kWords> wdata{};
    std::uint64_t wstrb = 0;
    std::uint8_t wlast = 0, wvalid = 0, wready = 0;
    std::uint8_t bid = 0, bresp = 0, bvalid = 0, bready = 1;
    std::uint8_t arid = 0, arlen = 0, arsize = 0, arburst = 1, arvalid = 0, arready = 0;
    std::uint64_t araddr = 0;
    std::array<std::uint32_t, kWords> rdata{};
    std::uint8_t rid = 0, rresp = 0, rlast = 0, rvalid = 0, rready = 1;
  };
  struct LitePort {
    std::uint32_t awaddr = 0, wdata = 0, araddr = 0, rdata = 0;
    std::uint8_t awvalid = 0, awready = 1, wvalid = 0, wready = 1, wstrb = 0;
    std::uint8_t bresp = 0, bvalid = 0, bready = 0;
    std::uint8_t arvalid = 0, arready = 1, rresp = 0, rvalid = 0, rready = 0;
  };

  // Device
  void eval(bool clock) override;
  std::string failure() override { return {}; }
  [[nodiscard]] std::uint64_t messages() const override { return messages_; }
  // Surroundings
  bool ready(model::fast::Cycle) override { return true; }
  void send(Burst& burst, model::fast::Cycle edge) override;
  void raise(unsigned vector, model::fast::Cycle edge) override;

  [[nodiscard]] AxiPins bind();
  [[nodiscard]] AxilPins bind_lite();
  void sample_bus();
  void drive_bus();
  void sample_registers();
  void drive_registers();

  const unsigned beat_bytes_;
  AxiPort port_;
  LitePort lite_;
  model::fast::Core core_;
  model::fast::Cycle edge_ = 0;

  std::deque<Burst*> reads_;       // for AR
  std::deque<Burst*> writes_;      // for AW
  std::deque<Burst*> write_data_;  // for W
  unsigned write_beat_ = 0;
  std::array<std::deque<Burst*>, kIds> read_open_;  // on their way
  std::array<unsigned, kIds> read_beats_{};         // that the first of them has
  std::array<std::deque<Burst*>, kIds> write_open_;

  model::fast::Access access_;
  bool access_open_ = false;
  bool address_held_ = false;
  bool data_held_ = false;
  bool read_held_ = false;

  struct Message {
    unsigned vector;
    model::fast::Cycle edge;
  };
  std::deque<Message> raised_;
  std::uint64_t messages_ = 0;
};

}  // namespace pagepress::bench
