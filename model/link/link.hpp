// SPDX-License-Identifier: Apache-2.0
// Link: the way between a device and its host, in simulated time.
//
//   Device.dma ------> dma   [Link]  memory -----> HostMemory.socket
//   Device.registers <- registers   host <-------- the driver's bus (SC_THREADs)
//   Device.irq ------> irq_in        irq  -------> the driver's bus
//
// - A read request travels upstream; memory is sampled when it arrives; its data
//   occupy the downstream wire, one response after the other; the response
//   reaches the device with its last byte.
// - Write data occupy the upstream wire; memory is written when the last byte
//   arrives, not before; the acknowledgement is back a latency later. A write's
//   END_REQ waits while more than write_buffer_bytes are queued for the wire.
// - Register writes are posted: b_transport returns at once and the write
//   reaches the device a latency later. A register read waits for its answer and
//   never passes an earlier write.
// - An interrupt follows the write data sent before it.
// - With max_payload_bytes and read_completion_bytes data travel in packets that end at
//   multiples of those, each with its header. With `tags` so many reads are outstanding, the
//   others wait at the device. With registers_share_wires register accesses and
//   interrupts are packets, too.
// - An IOTLB miss delays a transaction before memory; a write that follows another, and a read that
//   follows a write, do not overtake it for that. Memory of memory_bytes_per_ns, less
//   what the CPUs take, serves one transaction after the other.
// Events of one time happen in the order in which they were caused.
//
// Limitations: posted writes report no errors (as on PCIe); the CPUs' traffic is a
// constant share of memory's bandwidth.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <cstdint>
#include <deque>
#include <systemc>
#include <tlm>
#include <vector>

#include "model/device/device.hpp"
#include "model/device/ticks.hpp"
#include "model/link/iommu.hpp"
#include "model/link/link_config.hpp"

namespace pagepress::model {

class Link : public sc_core::sc_module, private IrqSink {
 public:
  tlm_utils::simple_target_socket<Link> dma;           // from the device
  tlm_utils::simple_initiator_socket<Link> memory;     // to HostMemory: b_transport, takes no time
  tlm_utils::simple_target_socket<Link> host;          // from the host: b_transport, in SC_THREADs
  tlm_utils::simple_initiator_socket<Link> registers;  // to the device
  sc_core::sc_export<IrqSink> irq_in;                  // from the device
  sc_core::sc_port<IrqSink, 0, sc_core::SC_ZERO_OR_MORE_BOUND> irq;  // to the host

  // What has gone over the wires.
  struct Totals {
    std::uint64_t reads = 0, read_bytes = 0;
    std::uint64_t writes = 0, write_bytes = 0;
    std::uint64_t register_reads = 0, register_writes = 0;
    std::uint64_t interrupts = 0;
    std::uint64_t errors = 0;  // DMA transactions that memory refused
    std::uint64_t iotlb_misses = 0;
    std::uint64_t upstream_bytes = 0, downstream_bytes = 0;  // on the wires, headers too
  };

  // Throws std::invalid_argument (see validate()).
  Link(const sc_core::sc_module_name& name, LinkConfig config);

  [[nodiscard]] const LinkConfig& config() const noexcept { return config_; }
  [[nodiscard]] const Totals& totals() const noexcept { return totals_; }

 private:
  // Something that happens at a known time. Order: time, then order of creation.
  struct Event {
    enum Kind : std::uint8_t {
      kEndRequest,
      kAtIommu,
      kAtMemory,
      kRespond,
      kNextResponse,
      kInterrupt
    };
    Ticks time;
    std::uint64_t seq;
    Kind kind;
    unsigned vector;                    // kInterrupt
    tlm::tlm_generic_payload* payload;  // kEndRequest, kAtMemory, kRespond
    bool operator>(const Event& other) const noexcept {
      return time != other.time ? time > other.time : seq > other.seq;
    }
  };

  // A register access on its way to the device.
  struct Access {
    Ticks arrival;
    std::uint64_t address;
    std::uint32_t value;                // of a write
    tlm::tlm_generic_payload* payload;  // of a read, whose caller waits; else null
    bool* done;                         // likewise
  };

  tlm::tlm_sync_enum nb_transport_fw(tlm::tlm_generic_payload& trans, tlm::tlm_phase& phase,
                                     sc_core::sc_time& delay);
  void host_b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  void raise(unsigned vector) override;

  void schedule(Ticks time, Event::Kind kind, tlm::tlm_generic_payload* payload,
                unsigned vector = 0);
  void process_events();  // SC_METHOD
  // The wires: when the last byte is on its way, if it can start at `from`.
  Ticks send_upstream(Ticks from, std::uint64_t bytes);
  Ticks send_downstream(Ticks from, std::uint64_t bytes);
  [[nodiscard]] std::uint64_t packet_bytes(const tlm::tlm_generic_payload& trans,
                                           std::uint32_t most) const;
  void request_read(tlm::tlm_generic_payload& trans, Ticks time);
  void at_iommu(tlm::tlm_generic_payload& trans);
  Ticks serve(Ticks from, std::uint64_t bytes);  // by memory
  void at_memory(tlm::tlm_generic_payload& trans);
  void send_responses();
  void finish(tlm::tlm_generic_payload& trans);
  void forward_accesses();  // SC_THREAD

  LinkConfig config_;
  Totals totals_;
  Ticks upstream_latency_, downstream_latency_, memory_latency_, iotlb_miss_;
  double upstream_ticks_per_byte_, downstream_ticks_per_byte_, memory_ticks_per_byte_ = 0;
  Ticks upstream_free_ = 0;  // when the wire has carried all that was given to it
  Ticks downstream_free_ = 0;
  Ticks memory_free_ = 0;
  Iotlb iotlb_;
  Ticks last_write_ = 0;                                 // at memory
  unsigned reads_on_way_ = 0;                            // that hold a tag
  std::deque<tlm::tlm_generic_payload*> reads_waiting_;  // for one

  std::vector<Event> events_;  // a heap, earliest first
  std::uint64_t next_seq_ = 0;
  sc_core::sc_event event_due_;

  // The base protocol's response exclusion: one BEGIN_RESP at a time.
  bool response_open_ = false;
  std::deque<tlm::tlm_generic_payload*> responses_;  // due, in order

  std::deque<Access> accesses_;
  tlm::tlm_generic_payload posted_write_;  // a local of the thread would never be destroyed
  Ticks last_arrival_ = 0;                 // accesses do not overtake one another
  sc_core::sc_event access_queued_;
  sc_core::sc_event read_done_;
};

}  // namespace pagepress::model
