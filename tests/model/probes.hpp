// SPDX-License-Identifier: Apache-2.0
// Stand-ins for a device's sides of a link: one that issues DMA and notes when
// what comes back, one that takes register accesses and notes when they come.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <cstring>
#include <deque>
#include <systemc>
#include <tlm>
#include <vector>

#include "model/device/device.hpp"
#include "tests/model/sc_test.hpp"

namespace pagepress::model {

// One DMA transaction and its times in ns; -1: not yet.
struct ProbeTransaction : tlm::tlm_generic_payload {
  double begin_req = -1;
  double end_req = -1;
  double begin_resp = -1;
  std::vector<std::uint8_t> bytes;
};

class DmaProbe : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DmaProbe> socket;
  // With false, a response stays open until end_response().
  bool accept_responses = true;
  std::vector<ProbeTransaction*> responses;  // in order of arrival

  explicit DmaProbe(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.register_nb_transport_bw(this, &DmaProbe::nb_transport_bw);
  }

  // Begins a request `delay_ns` from now, once the request before it has ended.
  ProbeTransaction& read(std::uint64_t address, std::size_t len, double delay_ns = 0) {
    return begin(tlm::TLM_READ_COMMAND, address, std::vector<std::uint8_t>(len), delay_ns);
  }
  ProbeTransaction& write(std::uint64_t address, std::vector<std::uint8_t> bytes,
                          double delay_ns = 0) {
    return begin(tlm::TLM_WRITE_COMMAND, address, std::move(bytes), delay_ns);
  }
  void wait_for(const ProbeTransaction& t) {
    while (t.begin_resp < 0) sc_core::wait(response_);
  }
  void end_response(ProbeTransaction& t) {
    tlm::tlm_phase phase = tlm::END_RESP;
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->nb_transport_fw(t, phase, delay);
  }

 private:
  ProbeTransaction& begin(tlm::tlm_command command, std::uint64_t address,
                          std::vector<std::uint8_t> bytes, double delay_ns) {
    while (open_ != nullptr) sc_core::wait(end_request_);
    ProbeTransaction& t = all_.emplace_back();
    t.bytes = std::move(bytes);
    t.set_command(command);
    t.set_address(address);
    t.set_data_ptr(t.bytes.data());
    t.set_data_length(static_cast<unsigned>(t.bytes.size()));
    t.set_streaming_width(static_cast<unsigned>(t.bytes.size()));
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time delay(delay_ns, sc_core::SC_NS);
    t.begin_req = now_ns() + delay_ns;
    const tlm::tlm_sync_enum status = socket->nb_transport_fw(t, phase, delay);
    if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
      t.end_req = now_ns() + to_ns(delay);
    } else {
      EXPECT_EQ(status, tlm::TLM_ACCEPTED);
      open_ = &t;
    }
    return t;
  }

  tlm::tlm_sync_enum nb_transport_bw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    auto& t = static_cast<ProbeTransaction&>(trans);
    const double time = now_ns() + to_ns(delay);
    if (phase == tlm::END_REQ) {
      EXPECT_EQ(open_, &t);
      open_ = nullptr;
      t.end_req = time;
      end_request_.notify();
      return tlm::TLM_ACCEPTED;
    }
    EXPECT_EQ(phase, tlm::BEGIN_RESP);
    t.begin_resp = time;
    responses.push_back(&t);
    response_.notify();
    return accept_responses ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
  }

  std::deque<ProbeTransaction> all_;
  ProbeTransaction* open_ = nullptr;
  sc_core::sc_event end_request_;
  sc_core::sc_event response_;
};

// Registers that take a fixed time each and answer with twice the address.
class RegisterProbe : public sc_core::sc_module {
 public:
  struct Access {
    double ns;
    bool write;
    std::uint64_t address;
    std::uint32_t value;
    bool operator==(const Access&) const = default;
  };

  tlm_utils::simple_target_socket<RegisterProbe> socket;
  std::vector<Access> log;

  RegisterProbe(const sc_core::sc_module_name& name, double access_ns)
      : sc_module(name), socket("socket"), access_ns_(access_ns) {
    socket.register_b_transport(this, &RegisterProbe::b_transport);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
    wait(delay);
    delay = sc_core::SC_ZERO_TIME;
    std::uint32_t value = static_cast<std::uint32_t>(2 * trans.get_address());
    if (trans.is_write()) std::memcpy(&value, trans.get_data_ptr(), sizeof value);
    if (trans.is_read()) std::memcpy(trans.get_data_ptr(), &value, sizeof value);
    log.push_back({now_ns(), trans.is_write(), trans.get_address(), value});
    wait(sc_core::sc_time(access_ns_, sc_core::SC_NS));
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
  }

  const double access_ns_;
};

// The host's side of register accesses: b_transport from the calling SC_THREAD.
class RegisterMaster : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<RegisterMaster> socket;

  explicit RegisterMaster(const sc_core::sc_module_name& name)
      : sc_module(name), socket("socket") {}

  tlm::tlm_response_status write(std::uint64_t address, std::uint32_t value) {
    return access(tlm::TLM_WRITE_COMMAND, address, &value, sizeof value);
  }
  std::uint32_t read(std::uint64_t address) {
    std::uint32_t value = 0;
    EXPECT_EQ(access(tlm::TLM_READ_COMMAND, address, &value, sizeof value), tlm::TLM_OK_RESPONSE);
    return value;
  }
  tlm::tlm_response_status access(tlm::tlm_command command, std::uint64_t address, void* data,
                                  unsigned len) {
    // Owned here, not by the stack of a thread that a failing simulation abandons.
    tlm::tlm_generic_payload& trans = take();
    trans.set_command(command);
    trans.set_address(address);
    trans.set_data_ptr(static_cast<unsigned char*>(data));
    trans.set_data_length(len);
    trans.set_streaming_width(len);
    trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
    socket->b_transport(trans, delay);
    if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
    idle_.push_back(&trans);
    return trans.get_response_status();
  }

 private:
  tlm::tlm_generic_payload& take() {
    if (idle_.empty()) return all_.emplace_back();
    tlm::tlm_generic_payload& trans = *idle_.back();
    idle_.pop_back();
    return trans;
  }

  std::deque<tlm::tlm_generic_payload> all_;
  std::vector<tlm::tlm_generic_payload*> idle_;
};

// Notes interrupts.
class IrqProbe : public IrqSink {
 public:
  struct Raised {
    double ns;
    unsigned vector;
    bool operator==(const Raised&) const = default;
  };
  std::vector<Raised> log;
  sc_core::sc_event raised;

  void raise(unsigned vector) override {
    log.push_back({now_ns(), vector});
    raised.notify();
  }
};

}  // namespace pagepress::model
