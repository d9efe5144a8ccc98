// SPDX-License-Identifier: Apache-2.0
// SoftwareDevice: the driver's fake device (tests/driver) as a model::Device, so that
// compare can be tested without the RTL, and with devices that there is no RTL of.
//
// A unit takes the cycles that its completion names, one after the other; the
// completion is written over the link, so that it arrives when it would.
// Limitations: sources are read and output written at once, not over the link;
// addresses are not checked; queues are served in turns, whatever their class.
#pragma once

#include <cstring>
#include <deque>
#include <functional>
#include <systemc>
#include <tlm>
#include <utility>

#include "model/device/device.hpp"
#include "tests/driver/fake_device.hpp"

namespace pagepress::sim::testing {

class SoftwareDevice final : public model::Device {
 public:
  using Identity = test::FakeDevice::Identity;
  // Sees every completion, with its queue and that queue's class, and may change it.
  // What it throws ends the simulation; false loses the completion.
  using Watch = std::function<bool(unsigned queue, unsigned priority, pp_cqe& cqe)>;

  SC_HAS_PROCESS(SoftwareDevice);
  SoftwareDevice(const sc_core::sc_module_name& name, const sc_core::sc_time& clock_period,
                 const Identity& identity = {}, Watch watch = {})
      : Device(name), core_(*this, identity), period_(clock_period), watch_(std::move(watch)) {
    SC_THREAD(run);
  }
  std::uint64_t cycles() const noexcept override { return cycles_; }

 private:
  class Core final : public test::FakeDevice {
   public:
    Core(SoftwareDevice& owner, const Identity& identity) : FakeDevice(identity), owner_(owner) {}

   private:
    std::byte* translate(Iova iova, std::size_t, bool) const override {
      return reinterpret_cast<std::byte*>(iova);  // of this process, as sim/host maps it
    }
    void write_entry(unsigned queue, Iova at, const pp_cqe& cqe) override {
      owner_.complete(queue, at, cqe);
    }
    SoftwareDevice& owner_;
  };
  struct Write : tlm::tlm_generic_payload {
    pp_cqe cqe;
  };

  void run() {
    for (;;) {
      while (core_.step(1) != 0) {
      }
      wait(written_);
    }
  }

  void complete(unsigned queue, Iova at, pp_cqe cqe) {
    cycles_ += cqe.engine_cycles;
    wait(cqe.engine_cycles * period_);
    if (watch_ && !watch_(queue, core_.queue_priority(queue), cqe)) return;
    Write& write = writes_.emplace_back();
    write.cqe = cqe;
    write.set_command(tlm::TLM_WRITE_COMMAND);
    write.set_address(at);
    write.set_data_ptr(reinterpret_cast<unsigned char*>(&write.cqe));
    write.set_data_length(sizeof(pp_cqe));
    write.set_streaming_width(sizeof(pp_cqe));
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    if (dma->nb_transport_fw(write, phase, delay) == tlm::TLM_ACCEPTED) wait(end_request_);
  }

  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time&) override {
    std::uint32_t value = 0;
    if (trans.is_read()) {
      value = core_.read32(trans.get_address());
      std::memcpy(trans.get_data_ptr(), &value, sizeof(value));
    } else {
      std::memcpy(&value, trans.get_data_ptr(), sizeof(value));
      core_.write32(trans.get_address(), value);
      written_.notify();
    }
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload&, tlm::tlm_phase& phase,
                                     sc_core::sc_time&) override {
    if (phase == tlm::END_REQ) {
      end_request_.notify();
      return tlm::TLM_ACCEPTED;
    }
    return tlm::TLM_COMPLETED;
  }

  Core core_;
  sc_core::sc_time period_;
  Watch watch_;
  std::uint64_t cycles_ = 0;
  std::deque<Write> writes_;  // all of them: the link holds on to some
  sc_core::sc_event written_;
  sc_core::sc_event end_request_;
};

}  // namespace pagepress::sim::testing
