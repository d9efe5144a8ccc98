// SPDX-License-Identifier: Apache-2.0
#include "model/device/axi_dma_port.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace pagepress::model {
namespace {

constexpr std::uint8_t kRespOkay = 0;
constexpr std::uint8_t kRespSlverr = 2;
constexpr std::uint8_t kRespDecerr = 3;
constexpr unsigned kBurstIncr = 1;

std::uint8_t axi_response(const tlm::tlm_generic_payload& transaction) {
  switch (transaction.get_response_status()) {
    case tlm::TLM_OK_RESPONSE:
      return kRespOkay;
    case tlm::TLM_ADDRESS_ERROR_RESPONSE:
      return kRespDecerr;
    default:
      return kRespSlverr;
  }
}

}  // namespace

AxiDmaPort::AxiDmaPort(RtlPins& pins, Send send, Fail fail)
    : pins_(pins),
      send_(std::move(send)),
      fail_(std::move(fail)),
      beat_bytes_(pins.data_bytes),
      all_lanes_(beat_bytes_ == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << beat_bytes_) - 1),
      beat_log2_(static_cast<unsigned>(std::countr_zero(beat_bytes_))) {}

bool AxiDmaPort::quiet() const noexcept {
  return reads_.outstanding() == 0 && writes_.outstanding() == 0 && read_ == nullptr &&
         acknowledged_ == nullptr && write_addresses_.empty() && write_data_ == nullptr &&
         written_.empty() && requests_.empty() && *pins_.m_axi_arvalid == 0 &&
         *pins_.m_axi_awvalid == 0 && *pins_.m_axi_wvalid == 0;
}

// ---- Before the edge -------------------------------------------------------------------------

void AxiDmaPort::drive(Ticks edge) {
  if (!requests_.empty()) send_requests(edge);
  const bool ready = requests_.empty() && open_request_ == nullptr && request_free_ <= edge;
  *pins_.m_axi_arready = ready;
  *pins_.m_axi_awready = ready;
  *pins_.m_axi_wready = ready;

  if (read_taken_) {
    read_taken_ = false;
    if (++read_beat_ < read_->beats) {
      present_read_beat();
    } else {
      read_->release();
      read_ = nullptr;
    }
  }
  if (read_ == nullptr) {
    read_ = reads_.take(edge);
    if (read_ != nullptr) {
      read_beat_ = 0;
      present_read_beat();
    } else {
      *pins_.m_axi_rvalid = 0;
    }
  }
  if (acknowledgement_taken_) {
    acknowledgement_taken_ = false;
    acknowledged_->release();
    acknowledged_ = nullptr;
  }
  if (acknowledged_ == nullptr) {
    acknowledged_ = writes_.take(edge);
    if (acknowledged_ != nullptr) {
      *pins_.m_axi_bid = acknowledged_->id;
      *pins_.m_axi_bresp = axi_response(*acknowledged_);
      *pins_.m_axi_bvalid = 1;
    } else {
      *pins_.m_axi_bvalid = 0;
    }
  }
}

void AxiDmaPort::present_read_beat() {
  std::memcpy(pins_.m_axi_rdata, read_->data.data() + std::size_t{read_beat_} * beat_bytes_,
              beat_bytes_);
  *pins_.m_axi_rid = read_->id;
  *pins_.m_axi_rresp = axi_response(*read_);
  *pins_.m_axi_rlast = read_beat_ + 1 == read_->beats;
  *pins_.m_axi_rvalid = 1;
}

// ---- At the edge -----------------------------------------------------------------------------

void AxiDmaPort::sample(Ticks edge) {
  // Pins change in drive(), after the edge.
  read_taken_ = read_ != nullptr && *pins_.m_axi_rready != 0;
  acknowledgement_taken_ = acknowledged_ != nullptr && *pins_.m_axi_bready != 0;
  if (*pins_.m_axi_arready == 0) return;  // the three share one condition
  if (*pins_.m_axi_arvalid != 0) accept_read_address(edge);
  if (*pins_.m_axi_awvalid != 0) accept_write_address();
  if (*pins_.m_axi_wvalid != 0) accept_write_data();
  if (!written_.empty() && !write_addresses_.empty()) issue_writes(edge);
}

void AxiDmaPort::check_burst(const char* channel, std::uint64_t address, unsigned beats,
                             unsigned size, unsigned burst) {
  if (size != beat_log2_ || burst != kBurstIncr) {
    fail_(fmt::format("{} 0x{:x}: size {} burst {}, but only full-width INCR bursts are modelled",
                      channel, address, size, burst));
  }
  const std::uint64_t base = address & ~std::uint64_t{beat_bytes_ - 1};
  if ((base % kMaxBurstBytes) + std::uint64_t{beats} * beat_bytes_ > kMaxBurstBytes) {
    fail_(fmt::format("{} 0x{:x}: a burst of {} beats crosses a 4 KiB boundary", channel, address,
                      beats));
  }
}

void AxiDmaPort::accept_read_address(Ticks edge) {
  const std::uint64_t address = *pins_.m_axi_araddr;
  const unsigned beats = *pins_.m_axi_arlen + 1U;
  check_burst("AR", address, beats, *pins_.m_axi_arsize, *pins_.m_axi_arburst);
  DmaTransaction& t = pool_.allocate();
  t.id = *pins_.m_axi_arid;
  t.beats = static_cast<std::uint16_t>(beats);
  // An unaligned burst begins in the middle of its first beat.
  const unsigned skipped = static_cast<unsigned>(address % beat_bytes_);
  const unsigned bytes = beats * beat_bytes_ - skipped;
  t.set_command(tlm::TLM_READ_COMMAND);
  t.set_address(address);
  t.set_data_ptr(t.data.data() + skipped);
  t.set_data_length(bytes);
  t.set_streaming_width(bytes);
  t.set_byte_enable_ptr(nullptr);
  if (skipped != 0) std::memset(t.data.data(), 0, skipped);
  reads_.issued(t);
  queue_request(t, edge);
}

void AxiDmaPort::accept_write_address() {
  const std::uint64_t address = *pins_.m_axi_awaddr;
  const unsigned beats = *pins_.m_axi_awlen + 1U;
  check_burst("AW", address, beats, *pins_.m_axi_awsize, *pins_.m_axi_awburst);
  write_addresses_.push_back({address, static_cast<std::uint16_t>(beats), *pins_.m_axi_awid});
}

void AxiDmaPort::accept_write_data() {
  if (write_data_ == nullptr) {
    write_data_ = &pool_.allocate();
    write_data_->beats = 0;
  }
  DmaTransaction& t = *write_data_;
  if ((t.beats + 1U) * beat_bytes_ > kMaxBurstBytes) {
    fail_(fmt::format("W: {} beats without wlast", t.beats + 1U));
  }
  std::memcpy(t.data.data() + std::size_t{t.beats} * beat_bytes_, pins_.m_axi_wdata, beat_bytes_);
  t.strobes[t.beats] = pins_.m_axi_wstrb;
  ++t.beats;
  if (*pins_.m_axi_wlast != 0) {
    written_.push(t);
    write_data_ = nullptr;
  }
}

void AxiDmaPort::issue_writes(Ticks edge) {
  while (!written_.empty() && !write_addresses_.empty()) {
    DmaTransaction& t = written_.pop();
    const WriteAddress aw = write_addresses_.front();
    write_addresses_.pop_front();
    if (t.beats != aw.beats) {
      fail_(fmt::format("AW 0x{:x}: {} beats announced, wlast with beat {}", aw.address, aw.beats,
                        t.beats));
    }
    t.id = aw.id;
    t.set_command(tlm::TLM_WRITE_COMMAND);
    set_write_range(t, aw.address & ~std::uint64_t{beat_bytes_ - 1});
    writes_.issued(t);
    queue_request(t, edge);
  }
}

// What the strobes select: as one range if they are one run, else by byte enables.
void AxiDmaPort::set_write_range(DmaTransaction& t, std::uint64_t base) {
  unsigned first = kMaxBurstBytes;
  unsigned last = 0;
  unsigned count = 0;
  for (unsigned beat = 0; beat < t.beats; ++beat) {
    const std::uint64_t lanes = t.strobes[beat] & all_lanes_;
    if (lanes == 0) continue;
    first = std::min(first, beat * beat_bytes_ + static_cast<unsigned>(std::countr_zero(lanes)));
    last = beat * beat_bytes_ + static_cast<unsigned>(std::bit_width(lanes)) - 1;
    count += static_cast<unsigned>(std::popcount(lanes));
  }
  if (count == 0) {  // nothing is written: a transaction that moves no byte
    first = 0;
    last = t.beats * beat_bytes_ - 1;
  }
  const unsigned bytes = last - first + 1;
  t.set_address(base + first);
  t.set_data_ptr(t.data.data() + first);
  t.set_data_length(bytes);
  t.set_streaming_width(bytes);
  t.set_byte_enable_ptr(nullptr);
  if (count == bytes) return;
  for (unsigned i = first; i <= last; ++i) {
    const bool on = ((t.strobes[i / beat_bytes_] >> (i % beat_bytes_)) & 1U) != 0;
    t.enables[i - first] = on ? TLM_BYTE_ENABLED : TLM_BYTE_DISABLED;
  }
  t.set_byte_enable_ptr(t.enables.data());
  t.set_byte_enable_length(bytes);
}

// ---- Requests and responses ------------------------------------------------------------------

void AxiDmaPort::queue_request(DmaTransaction& transaction, Ticks edge) {
  transaction.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  transaction.set_dmi_allowed(false);
  requests_.push(transaction);
  send_requests(edge);
}

void AxiDmaPort::send_requests(Ticks edge) {
  while (!requests_.empty() && open_request_ == nullptr && request_free_ <= edge) {
    DmaTransaction& t = requests_.pop();
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    Ticks time = edge;
    const tlm::tlm_sync_enum status = send_(t, phase, time);
    if (status == tlm::TLM_COMPLETED) {
      request_free_ = time;
      answered(t, time);
    } else if (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP) {
      request_free_ = time;
      answered(t, time);
      phase = tlm::END_RESP;
      send_(t, phase, time);
    } else if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
      request_free_ = time;
    } else {
      open_request_ = &t;
    }
  }
}

tlm::tlm_sync_enum AxiDmaPort::receive(DmaTransaction& transaction, tlm::tlm_phase& phase,
                                       Ticks time) {
  // The pins see what arrived at `time` only at an edge after it.
  if (open_request_ == &transaction) {  // a BEGIN_RESP implies END_REQ
    open_request_ = nullptr;
    request_free_ = time + 1;
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  answered(transaction, time);
  return tlm::TLM_COMPLETED;
}

void AxiDmaPort::answered(DmaTransaction& transaction, Ticks time) {
  if (transaction.is_write()) {
    writes_.arrived(transaction, time);
    return;
  }
  if (transaction.is_response_error()) transaction.data.fill(0);  // no data of an earlier burst
  reads_.arrived(transaction, time);
}

}  // namespace pagepress::model
