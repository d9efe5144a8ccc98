// SPDX-License-Identifier: Apache-2.0
// CompletionProbe: stands between Link and HostMemory and notes when each
// completion is written. The poller sees completions in steps of its interval;
// throughput in cycles wants the device's own times.
//
//   Link.memory --> target [CompletionProbe] initiator --> HostMemory.socket
//
// Limitation: every write of a completion's size outside the destination buffers
// is taken for one; one queue at a time.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <span>
#include <systemc>
#include <tlm>
#include <vector>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::sim {

class CompletionProbe final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<CompletionProbe> target;
  tlm_utils::simple_initiator_socket<CompletionProbe> initiator;

  explicit CompletionProbe(const sc_core::sc_module_name& name)
      : sc_module(name), target("target"), initiator("initiator") {
    target.register_b_transport(this, &CompletionProbe::b_transport);
  }

  // Starts anew: what is written into `destinations` is output.
  void start(std::span<const std::byte> destinations) {
    first_ = reinterpret_cast<std::uintptr_t>(destinations.data());
    size_ = destinations.size();
    arrivals_.clear();
  }
  // Simulated time of each completion's arrival in memory, in order, in ps.
  [[nodiscard]] const std::vector<std::uint64_t>& arrivals_ps() const noexcept { return arrivals_; }

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
    initiator->b_transport(trans, delay);
    const bool output = trans.get_address() - first_ < size_;
    if (trans.is_write() && trans.get_data_length() == PP_CQE_SIZE && !output) {
      static const std::uint64_t kUnitsPerPs = sc_core::sc_time(1, sc_core::SC_PS).value();
      arrivals_.push_back(sc_core::sc_time_stamp().value() / kUnitsPerPs);
    }
  }

  std::uint64_t first_ = 0;
  std::uint64_t size_ = 0;
  std::vector<std::uint64_t> arrivals_;
};

}  // namespace pagepress::sim
