// SPDX-License-Identifier: Apache-2.0
// CompletionWatch: stands before the host's memory, notes when each completion is written and
// wakes who waits for it.
// Limitation: a completion is a write of its own.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <deque>
#include <systemc>
#include <tlm>
#include <vector>

namespace pagepress::bench {

class CompletionWatch final : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<CompletionWatch> target{"target"};
  tlm_utils::simple_initiator_socket<CompletionWatch> initiator{"initiator"};
  sc_core::sc_event written{"written"};  // at the time of the write

  explicit CompletionWatch(const sc_core::sc_module_name& name) : sc_module(name) {
    target.register_b_transport(this, &CompletionWatch::b_transport);
  }

  // From now on completion rings of so many bytes each lie one behind the other from `first` on.
  void watch(std::uint64_t first, std::uint64_t ring_bytes, std::size_t rings) {
    first_ = first;
    ring_bytes_ = ring_bytes;
    arrivals_.assign(rings, {});
  }
  // When completions of a ring were written, the oldest first; who takes one removes its time.
  [[nodiscard]] std::deque<sc_core::sc_time>& arrivals(std::size_t ring) { return arrivals_[ring]; }

 private:
  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay) {
    initiator->b_transport(trans, delay);
    const std::uint64_t offset = trans.get_address() - first_;
    if (!trans.is_write() || offset >= ring_bytes_ * arrivals_.size()) return;
    arrivals_[offset / ring_bytes_].push_back(sc_core::sc_time_stamp() + delay);
    written.notify(delay);
  }

  std::uint64_t first_ = 0;
  std::uint64_t ring_bytes_ = 1;
  std::vector<std::deque<sc_core::sc_time>> arrivals_;
};

}  // namespace pagepress::bench
