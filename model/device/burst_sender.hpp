// SPDX-License-Identifier: Apache-2.0
// BurstSender: FastDevice's bursts as TLM-2.0 base-protocol transactions, one at a time
// through the request phase. While the target holds a request (no END_REQ yet) the bus is
// not ready, as with RtlDevice's AxiDmaPort.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <tlm>
#include <vector>

#include "model/device/fast/burst.hpp"
#include "model/device/ticks.hpp"

namespace pagepress::model {

class BurstSender {
 public:
  // nb_transport_fw at simulated time `time`, which may lie ahead; `time` becomes the time that
  // goes with the answer.
  using Send =
      std::function<tlm::tlm_sync_enum(tlm::tlm_generic_payload&, tlm::tlm_phase&, Ticks&)>;
  // A burst's answer has come, to be seen from burst.arrival on.
  using Answered = std::function<void(fast::Burst&)>;
  // The bus is ready again from this edge on.
  using Ready = std::function<void(fast::Cycle)>;

  BurstSender(Ticks period, unsigned beat_bytes, Send send, Answered answered, Ready ready);

  [[nodiscard]] bool ready(fast::Cycle edge) const {
    return waiting_.empty() && open_ == nullptr && free_ <= edge * period_;
  }
  // The first edge at which it is, if no END_REQ must come for that; else kNever.
  [[nodiscard]] fast::Cycle ready_from() const {
    return open_ == nullptr ? (free_ + period_ - 1) / period_ : fast::kNever;
  }
  void send(fast::Burst& burst, fast::Cycle edge);
  // nb_transport_bw at simulated time `time`.
  tlm::tlm_sync_enum receive(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase, Ticks time);

 private:
  struct Payload final : tlm::tlm_generic_payload {
    using tlm::tlm_generic_payload::tlm_generic_payload;
    fast::Burst* burst = nullptr;
  };
  class Pool final : public tlm::tlm_mm_interface {
   public:
    Payload& take();
    void free(tlm::tlm_generic_payload* payload) override {
      free_.push_back(static_cast<Payload*>(payload));
    }

   private:
    std::vector<std::unique_ptr<Payload>> all_;
    std::vector<Payload*> free_;
  };

  void begin(Payload& payload, Ticks time);
  void answer(Payload& payload, Ticks time);
  // The first edge after a time.
  [[nodiscard]] fast::Cycle edge_after(Ticks time) const { return time / period_ + 1; }

  const Ticks period_;
  const unsigned beat_bytes_;
  const Send send_;
  const Answered answered_;
  const Ready ready_;
  Pool pool_;
  std::deque<Payload*> waiting_;  // taken from the bus, to be sent
  Payload* open_ = nullptr;       // sent, END_REQ outstanding
  Ticks free_ = 0;                // no BEGIN_REQ before
};

}  // namespace pagepress::model
