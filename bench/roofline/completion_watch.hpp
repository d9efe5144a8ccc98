// SPDX-License-Identifier: Apache-2.0
// CompletionWatch: stands between Link and HostMemory and tells when a completion is written, so
// that a host can answer it at once, without polling.
//
//   Link.memory --> target [CompletionWatch] initiator --> HostMemory.socket
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <systemc>
#include <tlm>

namespace pagepress::bench {

class CompletionWatch final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<CompletionWatch> target;
  tlm_utils::simple_initiator_socket<CompletionWatch> initiator;
  sc_core::sc_event written;  // at the time of the write

  // The completion rings are at [first, first + bytes).
  CompletionWatch(const sc_core::sc_module_name& name, std::uint64_t first, std::uint64_t bytes)
      : sc_module(name), target("target"), initiator("initiator"), first_(first), bytes_(bytes) {
    target.register_b_transport(this, &CompletionWatch::b_transport);
  }

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
    initiator->b_transport(trans, delay);
    if (trans.is_write() && trans.get_address() - first_ < bytes_) {
      written.notify(sc_core::SC_ZERO_TIME);
    }
  }

  const std::uint64_t first_;
  const std::uint64_t bytes_;
};

}  // namespace pagepress::bench
