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

constexpr std::uint64_t kRegisterBytes = 4;  // data of an access, and of an interrupt message

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
      config_(std::move(config)),
      iotlb_(config_.iotlb_entries, config_.iotlb_page_bytes) {
  validate(config_);
  const double on_the_way = config_.switch_latency_ns + config_.root_latency_ns;
  upstream_latency_ = ns_to_ticks(config_.upstream_latency_ns + on_the_way);
  downstream_latency_ = ns_to_ticks(config_.downstream_latency_ns + on_the_way);
  iotlb_miss_ = ns_to_ticks(config_.iotlb_miss_ns);
  memory_latency_ = ns_to_ticks(config_.memory_latency_ns);
  const double ticks_per_ns = static_cast<double>(ns_to_ticks(1.0));
  upstream_ticks_per_byte_ = ticks_per_ns / config_.upstream_bytes_per_ns;
  downstream_ticks_per_byte_ = ticks_per_ns / config_.downstream_bytes_per_ns;
  if (config_.memory_bytes_per_ns > 0) {
    memory_ticks_per_byte_ =
        ticks_per_ns / (config_.memory_bytes_per_ns - config_.cpu_bytes_per_ns);
  }
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
      case Event::kAtIommu:
        at_iommu(*event.payload);
        break;
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
  if (trans.is_read()) {
    if (config_.tags != 0 && reads_on_way_ == config_.tags) {
      reads_waiting_.push_back(&trans);
    } else {
      request_read(trans, time);
    }
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  const Ticks sent = send_upstream(time, packet_bytes(trans, config_.max_payload_bytes));
  schedule(sent + upstream_latency_, Event::kAtIommu, &trans);

  const Ticks buffered = occupancy(upstream_ticks_per_byte_, config_.write_buffer_bytes);
  if (sent > time + buffered) {
    schedule(sent - buffered, Event::kEndRequest, &trans);
    return tlm::TLM_ACCEPTED;
  }
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

// ---- Wires -----------------------------------------------------------------------------------

Ticks Link::send_upstream(Ticks from, std::uint64_t bytes) {
  totals_.upstream_bytes += bytes;
  upstream_free_ = std::max(from, upstream_free_) + occupancy(upstream_ticks_per_byte_, bytes);
  return upstream_free_;
}

Ticks Link::send_downstream(Ticks from, std::uint64_t bytes) {
  totals_.downstream_bytes += bytes;
  downstream_free_ =
      std::max(from, downstream_free_) + occupancy(downstream_ticks_per_byte_, bytes);
  return downstream_free_;
}

// Of a transaction's data in packets that end at multiples of `most`; 0: in one.
std::uint64_t Link::packet_bytes(const tlm::tlm_generic_payload& trans, std::uint32_t most) const {
  const std::uint64_t bytes = trans.get_data_length();
  std::uint64_t packets = 1;
  if (most != 0 && bytes != 0) {
    packets = (trans.get_address() % most + bytes + most - 1) / most;
  }
  return bytes + packets * config_.header_bytes;
}

void Link::request_read(tlm::tlm_generic_payload& trans, Ticks time) {
  ++reads_on_way_;
  // Only what takes the wire in turn waits for it to be free.
  const bool queued = config_.reads_queue_behind_writes || config_.header_bytes != 0;
  const Ticks sent = queued ? send_upstream(time, config_.header_bytes) : time;
  schedule(sent + upstream_latency_, Event::kAtIommu, &trans);
}

// ---- Memory ----------------------------------------------------------------------------------

void Link::at_iommu(tlm::tlm_generic_payload& trans) {
  const Ticks now = now_ticks();
  const unsigned misses = iotlb_.misses(trans.get_address(), trans.get_data_length());
  totals_.iotlb_misses += misses;
  const Ticks at = std::max(now + misses * iotlb_miss_, last_write_);
  const bool behind = last_write_ >= now;  // a write that waits may be due at this very time
  if (trans.is_write()) last_write_ = at;
  if (behind || at != now) {
    schedule(at, Event::kAtMemory, &trans);
  } else {
    at_memory(trans);
  }
}

Ticks Link::serve(Ticks from, std::uint64_t bytes) {
  if (memory_ticks_per_byte_ == 0) return from;
  memory_free_ = std::max(from, memory_free_) + occupancy(memory_ticks_per_byte_, bytes);
  return memory_free_;
}

void Link::at_memory(tlm::tlm_generic_payload& trans) {
  const Ticks now = now_ticks();
  sc_time no_time = sc_core::SC_ZERO_TIME;
  memory->b_transport(trans, no_time);
  if (trans.is_response_error()) ++totals_.errors;
  if (trans.is_write()) {
    ++totals_.writes;
    totals_.write_bytes += trans.get_data_length();
    schedule(serve(now, trans.get_data_length()) + downstream_latency_, Event::kRespond, &trans);
    return;
  }
  ++totals_.reads;
  totals_.read_bytes += trans.get_data_length();
  // A refused read answers with a header alone.
  const bool refused = trans.is_response_error();
  const std::uint64_t bytes =
      refused ? config_.header_bytes : packet_bytes(trans, config_.read_completion_bytes);
  const Ticks served = refused ? now : serve(now, trans.get_data_length());
  const Ticks sent = send_downstream(served + memory_latency_, bytes);
  schedule(sent + downstream_latency_, Event::kRespond, &trans);
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
  if (trans.is_read()) {
    --reads_on_way_;
    if (!reads_waiting_.empty()) {
      tlm::tlm_generic_payload& next = *reads_waiting_.front();
      reads_waiting_.pop_front();
      request_read(next, now_ticks());
    }
  }
  if (trans.has_mm()) trans.release();
}

void Link::raise(unsigned vector) {
  ++totals_.interrupts;
  const Ticks sent = config_.registers_share_wires
                         ? send_upstream(now_ticks(), config_.header_bytes + kRegisterBytes)
                         : std::max(now_ticks(), upstream_free_);
  schedule(sent + upstream_latency_, Event::kInterrupt, nullptr, vector);
}

// ---- Registers -------------------------------------------------------------------------------

void Link::host_b_transport(tlm::tlm_generic_payload& trans, sc_time& delay) {
  if (trans.get_data_length() != sizeof(std::uint32_t) || trans.get_byte_enable_ptr() != nullptr) {
    trans.set_response_status(tlm::TLM_BURST_ERROR_RESPONSE);
    return;
  }
  // A read request is a header, a write has its data.
  Ticks sent = now_ticks() + delay.value();
  if (config_.registers_share_wires) {
    sent = send_downstream(sent, config_.header_bytes + (trans.is_write() ? kRegisterBytes : 0));
  }
  last_arrival_ = std::max(last_arrival_, sent + downstream_latency_);
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
  Ticks answered = now_ticks();
  if (config_.registers_share_wires) {
    answered = send_upstream(answered, config_.header_bytes + kRegisterBytes);
  }
  sc_core::wait(sc_time::from_value(answered + upstream_latency_ - now_ticks()));
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
