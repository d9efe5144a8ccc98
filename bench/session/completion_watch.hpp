// SPDX-License-Identifier: Apache-2.0
// CompletionWatch: stands before the host's memory, notes when each completion is written and
// wakes who waits for it.
// Limitation: completion rings lie together, and nothing else there.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <systemc>
#include <tlm>
#include <utility>
#include <vector>

#include "rtl/abi/pagepress_abi.h"

namespace pagepress::bench {

class CompletionWatch final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<CompletionWatch> target{"target"};
  tlm_utils::simple_initiator_socket<CompletionWatch> initiator{"initiator"};
  sc_core::sc_event written{"written"};

  // Rings of `ring_bytes` each, one behind the other from `base` on.
  CompletionWatch(const sc_core::sc_module_name& name, std::uint64_t base, std::uint64_t ring_bytes,
                  std::size_t rings)
      : sc_module(name), base_(base), ring_bytes_(ring_bytes), arrivals_ps_(rings) {
    target.register_b_transport(this, &CompletionWatch::b_transport);
  }

  // Of each ring: when its completions were written, in order, in ps.
  [[nodiscard]] const std::vector<std::uint64_t>& arrivals_ps(std::size_t ring) const {
    return arrivals_ps_[ring];
  }

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
    initiator->b_transport(trans, delay);
    const std::uint64_t ring = (trans.get_address() - base_) / ring_bytes_;
    if (!trans.is_write() || trans.get_address() < base_ || ring >= arrivals_ps_.size()) return;
    static const std::uint64_t kUnitsPerPs = sc_core::sc_time(1, sc_core::SC_PS).value();
    const std::uint64_t now = (sc_core::sc_time_stamp() + delay).value() / kUnitsPerPs;
    // Completions that lie together may come in one burst.
    for (unsigned n = 0; n < trans.get_data_length() / PP_CQE_SIZE; ++n) {
      arrivals_ps_[ring].push_back(now);
    }
    written.notify(delay);
  }

  const std::uint64_t base_;
  const std::uint64_t ring_bytes_;
  std::vector<std::vector<std::uint64_t>> arrivals_ps_;
};

}  // namespace pagepress::bench
