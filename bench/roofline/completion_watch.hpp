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

  explicit CompletionWatch(const sc_core::sc_module_name& name)
      : sc_module(name), target("target"), initiator("initiator") {
    target.register_b_transport(this, &CompletionWatch::b_transport);
  }

  // From now on the completion rings are at [first, first + bytes).
  void watch(std::uint64_t first, std::uint64_t bytes) {
    first_ = first;
    bytes_ = bytes;
  }

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
    initiator->b_transport(trans, delay);
    if (trans.is_write() && trans.get_address() - first_ < bytes_) {
      written.notify(sc_core::SC_ZERO_TIME);
    }
  }

  std::uint64_t first_ = 0;
  std::uint64_t bytes_ = 0;
};

}  // namespace pagepress::bench
