// SPDX-License-Identifier: Apache-2.0
// AxiDmaPort: a Verilated top's AXI4 master as TLM-2.0 base-protocol
// transactions, one a burst.
//
// drive() sets the pins that the coming edge samples, sample() looks at what the
// edge transfers. A burst's request goes out with its AR handshake or its last W
// beat; its R beats come one a cycle from the first edge after the response
// arrived. While the target holds a request (no END_REQ yet) the port is not ready.
// Limitations: full-width INCR bursts within 4 KiB (others are reported as the
// design's errors); a burst is answered whole, R bursts never interleave.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <tlm>

#include "model/device/dma_transaction.hpp"
#include "model/device/rtl_top.hpp"

namespace pagepress::model {

class AxiDmaPort {
 public:
  // Sends a phase at simulated time `time`, which may lie ahead. Answers as
  // nb_transport_fw; `time` becomes the time that goes with the answer.
  using Send = std::function<tlm::tlm_sync_enum(DmaTransaction&, tlm::tlm_phase&, Ticks& time)>;
  // Reports a violation of the protocol by the design. Does not return.
  using Fail = std::function<void(const std::string&)>;

  AxiDmaPort(RtlPins& pins, Send send, Fail fail);

  void drive(Ticks edge);
  void sample(Ticks edge);

  // nb_transport_bw of the DMA socket, at simulated time `time`.
  tlm::tlm_sync_enum receive(DmaTransaction& transaction, tlm::tlm_phase& phase, Ticks time);

  // Nothing on its way in either direction.
  [[nodiscard]] bool quiet() const noexcept;

 private:
  struct WriteAddress {
    std::uint64_t address;
    std::uint16_t beats;
    std::uint8_t id;
  };

  void accept_read_address(Ticks edge);
  void accept_write_address();
  void accept_write_data();
  void issue_writes(Ticks edge);
  void set_write_range(DmaTransaction& transaction, std::uint64_t base);
  void queue_request(DmaTransaction& transaction, Ticks edge);
  void send_requests(Ticks edge);
  void answered(DmaTransaction& transaction, Ticks time);
  void present_read_beat();
  void check_burst(const char* channel, std::uint64_t address, unsigned beats, unsigned size,
                   unsigned burst);

  RtlPins& pins_;
  const Send send_;
  const Fail fail_;
  const unsigned beat_bytes_;
  const std::uint64_t all_lanes_;
  unsigned beat_log2_ = 0;

  DmaPool pool_;
  DmaResponses reads_;
  DmaResponses writes_;

  DmaTransaction* read_ = nullptr;  // on the R channel
  unsigned read_beat_ = 0;
  bool read_taken_ = false;                 // by the last edge
  DmaTransaction* acknowledged_ = nullptr;  // on the B channel
  bool acknowledgement_taken_ = false;

  std::deque<WriteAddress> write_addresses_;  // accepted, their data not complete
  DmaTransaction* write_data_ = nullptr;      // being filled from the W channel
  DmaList written_;                           // all beats there, address perhaps not yet

  DmaList requests_;                        // to be sent
  DmaTransaction* open_request_ = nullptr;  // sent, END_REQ outstanding
  Ticks request_free_ = 0;                  // no BEGIN_REQ before
};

}  // namespace pagepress::model
