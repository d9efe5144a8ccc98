// SPDX-License-Identifier: Apache-2.0
#include "model/link/link.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <utility>

namespace pagepress::model {
namespace {

using sc_core::sc_time;

Ticks ns_to_ticks(double ns) { return sc_time(ns, sc_core::SC_NS).value(); }

// How long `bytes` occupy a wire: rounded up, so that a wire never carries
// more than its bandwidth.
Ticks occupancy(double ticks_per_byte, std::uint64_t bytes) {
  return static_cast<Ticks>(std::ceil(ticks_per_byte * static_cast<double>(bytes) - 1e-6));
}

}  // namespace

Link::Link(const sc_core::sc_module_name& name, LinkConfig config)
    : sc_module(name),
      dma("dma"),
      memory("memory"),
      host("host"),
      registers("registers"),
      irq_in("irq_in"),
      irq("irq"),
      config_(std::move(config)) {
  validate(config_);
  upstream_latency_ = ns_to_ticks(config_.upstream_latency_ns);
  downstream_latency_ = ns_to_ticks(config_.downstream_latency_ns);
  memory_latency_ = ns_to_ticks(config_.memory_latency_ns);
  const double ticks_per_ns = static_cast<double>(ns_to_ticks(1.0));
  upstream_ticks_per_byte_ = ticks_per_ns / config_.upstream_bytes_per_ns;
  downstream_ticks_per_byte_ = ticks_per_ns / config_.downstream_bytes_per_ns;
  events_.reserve(1024);

  dma.register_nb_transport_fw(this, &Link::nb_transport_fw);
  host.register_b_transport(this, &Link::host_b_transport);
  irq_in.bind(*this);

  SC_HAS_PROCESS(Link);
  SC_METHOD(process_events);
  sensitive << event_due_;
  dont_initialize();
  SC_THREAD(forward_accesses);
}

// ---- DMA -------------------------------------------------------------------------------------

void Link::schedule(Ticks time, Event::Kind kind, tlm::tlm_generic_payload* payload,
                    unsigned vector) {
  events_.push_back({time, next_seq_++, kind, vector, payload});
  std::push_heap(events_.begin(), events_.end(), std::greater<>{});
  if (events_.front().time == time) event_due_.notify(sc_time::from_value(time - now_ticks()));
}

void Link::process_events() {
  const Ticks now = now_ticks();
  while (!events_.empty() && events_.front().time <= now) {
    std::pop_heap(events_.begin(), events_.end(), std::greater<>{});
    const Event event = events_.back();
    events_.pop_back();
    switch (event.kind) {
      case Event::kEndRequest: {
        tlm::tlm_phase phase = tlm::END_REQ;
        sc_time delay = sc_core::SC_ZERO_TIME;
        dma->nb_transport_bw(*event.payload, phase, delay);
        break;
      }
      case Event::kAtMemory:
        at_memory(*event.payload);
        break;
      case Event::kRespond:
        responses_.push_back(event.payload);
        send_responses();
        break;
      case Event::kNextResponse:
        send_responses();
        break;
      case Event::kInterrupt:
        for (int i = 0; i < irq.size(); ++i) irq[i]->raise(event.vector);
        break;
    }
  }
  if (!events_.empty()) event_due_.notify(sc_time::from_value(events_.front().time - now));
}

tlm::tlm_sync_enum Link::nb_transport_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                         sc_time& delay) {
  const Ticks time = now_ticks() + delay.value();
  if (phase == tlm::END_RESP) {
    response_open_ = false;
    finish(trans);
    if (!responses_.empty()) schedule(time, Event::kNextResponse, nullptr);
    return tlm::TLM_COMPLETED;
  }
  if (phase != tlm::BEGIN_REQ) {
    SC_REPORT_ERROR("pagepress.link", "a phase that an initiator may not begin");
    return tlm::TLM_ACCEPTED;
  }

  if (trans.has_mm()) trans.acquire();
  const bool write = trans.is_write();
  // Only what takes the wire in turn waits for it to be free.
  const bool queued = write || config_.reads_queue_behind_writes || config_.header_bytes != 0;
  const Ticks start = queued ? std::max(time, upstream_free_) : time;
  const std::uint64_t bytes = config_.header_bytes + (write ? trans.get_data_length() : 0);
  const Ticks sent = start + occupancy(upstream_ticks_per_byte_, bytes);
  if (queued) upstream_free_ = sent;

  schedule(sent + upstream_latency_, Event::kAtMemory, &trans);

  const Ticks buffered = occupancy(upstream_ticks_per_byte_, config_.write_buffer_bytes);
  if (sent > time + buffered) {
    schedule(sent - buffered, Event::kEndRequest, &trans);
    return tlm::TLM_ACCEPTED;
  }
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void Link::at_memory(tlm::tlm_generic_payload& trans) {
  const Ticks now = now_ticks();
  sc_time no_time = sc_core::SC_ZERO_TIME;
  memory->b_transport(trans, no_time);
  if (trans.is_response_error()) ++totals_.errors;
  if (trans.is_write()) {
    ++totals_.writes;
    totals_.write_bytes += trans.get_data_length();
    schedule(now + downstream_latency_, Event::kRespond, &trans);
    return;
  }
  ++totals_.reads;
  totals_.read_bytes += trans.get_data_length();
  // A refused read answers with a header alone.
  const std::uint64_t bytes =
      config_.header_bytes + (trans.is_response_error() ? 0 : trans.get_data_length());
  const Ticks start = std::max(now + memory_latency_, downstream_free_);
  downstream_free_ = start + occupancy(downstream_ticks_per_byte_, bytes);
  schedule(downstream_free_ + downstream_latency_, Event::kRespond, &trans);
}

void Link::send_responses() {
  while (!response_open_ && !responses_.empty()) {
    tlm::tlm_generic_payload& trans = *responses_.front();
    responses_.pop_front();
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_time delay = sc_core::SC_ZERO_TIME;
    const tlm::tlm_sync_enum status = dma->nb_transport_bw(trans, phase, delay);
    if (status == tlm::TLM_COMPLETED || (status == tlm::TLM_UPDATED && phase == tlm::END_RESP)) {
      finish(trans);
    } else {
      response_open_ = true;  // until END_RESP
    }
  }
}

void Link::finish(tlm::tlm_generic_payload& trans) {
  if (trans.has_mm()) trans.release();
}

void Link::raise(unsigned vector) {
  ++totals_.interrupts;
  schedule(std::max(now_ticks(), upstream_free_) + upstream_latency_, Event::kInterrupt, nullptr,
           vector);
}

// ---- Registers -------------------------------------------------------------------------------

void Link::host_b_transport(tlm::tlm_generic_payload& trans, sc_time& delay) {
  if (trans.get_data_length() != sizeof(std::uint32_t) || trans.get_byte_enable_ptr() != nullptr) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  last_arrival_ = std::max(last_arrival_, now_ticks() + delay.value() + downstream_latency_);
  if (trans.is_write()) {
    ++totals_.register_writes;
    std::uint32_t value = 0;
    std::memcpy(&value, trans.get_data_ptr(), sizeof value);
    accesses_.push_back({last_arrival_, trans.get_address(), value, nullptr, nullptr});
    access_queued_.notify(sc_core::SC_ZERO_TIME);
    trans.set_response_status(tlm::TLM_OK_RESPONSE);
    return;
  }
  ++totals_.register_reads;
  bool done = false;
  accesses_.push_back({last_arrival_, trans.get_address(), 0, &trans, &done});
  access_queued_.notify(sc_core::SC_ZERO_TIME);
  while (!done) sc_core::wait(read_done_);
  delay = sc_core::SC_ZERO_TIME;
  sc_core::wait(sc_time::from_value(upstream_latency_));
}

void Link::forward_accesses() {
  for (;;) {
    while (accesses_.empty()) wait(access_queued_);
    Access access = accesses_.front();
    accesses_.pop_front();
    if (access.arrival > now_ticks()) wait(sc_time::from_value(access.arrival - now_ticks()));
    sc_time delay = sc_core::SC_ZERO_TIME;
    if (access.payload != nullptr) {
      registers->b_transport(*access.payload, delay);
    } else {
      posted_write_.set_command(tlm::TLM_WRITE_COMMAND);
      posted_write_.set_address(access.address);
      posted_write_.set_data_ptr(reinterpret_cast<unsigned char*>(&access.value));
      posted_write_.set_data_length(sizeof access.value);
      posted_write_.set_streaming_width(sizeof access.value);
      posted_write_.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
      registers->b_transport(posted_write_, delay);
    }
    if (delay != sc_core::SC_ZERO_TIME) wait(delay);
    if (access.done != nullptr) {
      *access.done = true;
      read_done_.notify();
    }
  }
}

}  // namespace pagepress::model
