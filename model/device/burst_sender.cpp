// SPDX-License-Identifier: Apache-2.0
#include "model/device/burst_sender.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace pagepress::model {

BurstSender::BurstSender(Ticks period, unsigned beat_bytes, Send send, Answered answered,
                         Ready ready)
    : period_(period),
      beat_bytes_(beat_bytes),
      send_(std::move(send)),
      answered_(std::move(answered)),
      ready_(std::move(ready)) {}

BurstSender::Payload& BurstSender::Pool::take() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<Payload>(this));
    free_.push_back(all_.back().get());
  }
  Payload& payload = *free_.back();
  free_.pop_back();
  payload.acquire();
  return payload;
}

void BurstSender::send(fast::Burst& burst, fast::Cycle edge) {
  Payload& payload = pool_.take();
  payload.burst = &burst;
  const unsigned first = burst.write ? burst.first : 0;
  const unsigned bytes = burst.write ? burst.end - burst.first : burst.beats * beat_bytes_;
  payload.set_command(burst.write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
  payload.set_address(burst.address + first);
  payload.set_data_ptr(burst.data.data() + first);
  payload.set_data_length(bytes);
  payload.set_streaming_width(bytes);
  payload.set_byte_enable_ptr(nullptr);
  payload.set_dmi_allowed(false);
  payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
  const Ticks time = edge * period_;
  if (waiting_.empty() && open_ == nullptr) {
    begin(payload, std::max<Ticks>(time, free_));
  } else {
    waiting_.push_back(&payload);  // two requests at one edge
  }
}

void BurstSender::begin(Payload& payload, Ticks time) {
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  const Ticks begun = time;
  const tlm::tlm_sync_enum status = send_(payload, phase, time);
  if (status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::BEGIN_RESP)) {
    if (time > begun) free_ = time;
    if (status == tlm::TLM_UPDATED) {
      phase = tlm::END_RESP;
      send_(payload, phase, time);
    }
    answer(payload, time);
  } else if (status == tlm::TLM_UPDATED && phase == tlm::END_REQ) {
    // One that begins later has not kept an earlier one from being taken.
    if (time > begun) free_ = time;
  } else {
    open_ = &payload;
  }
}

tlm::tlm_sync_enum BurstSender::receive(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                        Ticks time) {
  auto& payload = static_cast<Payload&>(trans);
  if (open_ == &payload) {  // a BEGIN_RESP implies END_REQ
    open_ = nullptr;
    free_ = time + 1;  // pins see what came at `time` only at an edge after it
    const fast::Cycle edge = edge_after(time);
    while (!waiting_.empty() && open_ == nullptr) {
      Payload& next = *waiting_.front();
      waiting_.pop_front();
      begin(next, std::max<Ticks>(edge * period_, free_));
    }
    if (open_ == nullptr) ready_(std::max<fast::Cycle>(edge, (free_ + period_ - 1) / period_));
  }
  if (phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  answer(payload, time);
  return tlm::TLM_COMPLETED;
}

void BurstSender::answer(Payload& payload, Ticks time) {
  fast::Burst& burst = *payload.burst;
  burst.arrival = edge_after(time);
  if (payload.is_response_error()) {
    for (unsigned beat = 0; beat < burst.beats; ++beat) burst.refused.set(beat);
    if (!burst.write) std::memset(burst.data.data(), 0, std::size_t{burst.beats} * beat_bytes_);
  }
  payload.release();
  answered_(burst);
}

}  // namespace pagepress::model
