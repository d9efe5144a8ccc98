// SPDX-License-Identifier: Apache-2.0
// A DMA target that answers as a test tells it: late, out of order, with errors,
// at once, or holding a request.
#pragma once

#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <cstring>
#include <functional>
#include <systemc>
#include <tlm>
#include <vector>

#include "tests/model/sc_test.hpp"

namespace pagepress::model {

class ScriptedTarget : public sc_core::sc_module {
 public:
  struct Request {
    double ns;
    bool write;
    std::uint64_t address;
    std::vector<std::uint8_t> data;     // written
    std::vector<std::uint8_t> enables;  // empty: all bytes
  };
  struct Answer {
    double response_ns = 10;     // from the request
    double hold_ns = 0;          // from the request to END_REQ; 0: accepted at once
    bool complete = false;       // TLM_COMPLETED from nb_transport_fw, response_ns annotated
    bool respond_early = false;  // TLM_UPDATED with BEGIN_RESP, likewise
    tlm::tlm_response_status status = tlm::TLM_OK_RESPONSE;
  };

  tlm_utils::simple_target_socket<ScriptedTarget> socket;
  std::vector<Request> requests;
  unsigned ended_responses = 0;  // END_RESP phases seen
  std::function<Answer(const Request&)> script = [](const Request&) { return Answer{}; };

  explicit ScriptedTarget(const sc_core::sc_module_name& name) : sc_module(name), socket("socket") {
    socket.register_nb_transport_fw(this, &ScriptedTarget::nb_transport_fw);
  }

  // Byte i of what is read at an address.
  static std::uint8_t pattern(std::uint64_t address) {
    return static_cast<std::uint8_t>(address * 7 + (address >> 8));
  }
  static std::uint32_t pattern_word(std::uint64_t address) {
    std::uint32_t word = 0;
    for (unsigned i = 4; i-- > 0;) word = (word << 8) | pattern(address + i);
    return word;
  }

 private:
  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay) {
    if (phase == tlm::END_RESP) {
      ++ended_responses;
      return tlm::TLM_COMPLETED;
    }
    EXPECT_EQ(phase, tlm::BEGIN_REQ);
    EXPECT_FALSE(held_) << "a request while another is open";
    const unsigned char* const data = trans.get_data_ptr();
    Request r{now_ns() + to_ns(delay), trans.is_write(), trans.get_address(), {}, {}};
    if (r.write) r.data.assign(data, data + trans.get_data_length());
    if (const unsigned char* const e = trans.get_byte_enable_ptr()) {
      r.enables.assign(e, e + trans.get_byte_enable_length());
    }
    requests.push_back(r);
    const Answer answer = script(r);
    for (unsigned i = 0; trans.is_read() && i < trans.get_data_length(); ++i) {
      trans.get_data_ptr()[i] = pattern(trans.get_address() + i);
    }
    const sc_core::sc_time due = delay + sc_core::sc_time(answer.response_ns, sc_core::SC_NS);
    trans.set_response_status(answer.status);
    if (answer.complete) {
      delay = due;
      return tlm::TLM_COMPLETED;
    }
    if (answer.respond_early) {
      delay = due;
      phase = tlm::BEGIN_RESP;
      return tlm::TLM_UPDATED;
    }
    trans.acquire();
    sc_core::sc_spawn([this, &trans, due] {
      sc_core::wait(due);
      held_ = false;  // a response implies END_REQ
      tlm::tlm_phase p = tlm::BEGIN_RESP;
      sc_core::sc_time none = sc_core::SC_ZERO_TIME;
      EXPECT_EQ(socket->nb_transport_bw(trans, p, none), tlm::TLM_COMPLETED);
      trans.release();
    });
    if (answer.hold_ns == 0) {
      phase = tlm::END_REQ;
      return tlm::TLM_UPDATED;
    }
    held_ = true;
    const sc_core::sc_time accept = delay + sc_core::sc_time(answer.hold_ns, sc_core::SC_NS);
    if (accept < due) {
      sc_core::sc_spawn([this, &trans, accept] {
        sc_core::wait(accept);
        held_ = false;
        tlm::tlm_phase p = tlm::END_REQ;
        sc_core::sc_time none = sc_core::SC_ZERO_TIME;
        socket->nb_transport_bw(trans, p, none);
      });
    }
    return tlm::TLM_ACCEPTED;
  }

  bool held_ = false;
};

}  // namespace pagepress::model
