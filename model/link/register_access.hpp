// SPDX-License-Identifier: Apache-2.0
// A register access from the host's end of a link, as a TLM-2.0 transaction.
// Limitation: a read waits, and so needs an SC_THREAD.
#pragma once

#include <cstdint>
#include <systemc>
#include <tlm>

namespace pagepress::model {

// Of one word. False if the target answers with an error.
template <class Socket>
bool access_register(Socket& socket, tlm::tlm_command command, std::uint64_t offset,
                     std::uint32_t& value) {
  tlm::tlm_generic_payload trans;
  trans.set_command(command);
  trans.set_address(offset);
  trans.set_data_ptr(reinterpret_cast<unsigned char*>(&value));
  trans.set_data_length(sizeof value);
  trans.set_streaming_width(sizeof value);
  trans.set_byte_enable_ptr(nullptr);
  trans.set_dmi_allowed(false);
  trans.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
  socket->b_transport(trans, delay);
  if (delay != sc_core::SC_ZERO_TIME) sc_core::wait(delay);
  return trans.is_response_ok();
}

}  // namespace pagepress::model
