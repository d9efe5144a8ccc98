// SPDX-License-Identifier: Apache-2.0
// A device with link, host memory and rings, and the host's side of its queues by registers and
// memory alone: what a driver does, without its time.
//
// Limitations: polled, no interrupts; rings of one size; the caller keeps them from overflowing.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <cstdint>
#include <memory>
#include <span>
#include <systemc>
#include <vector>

#include "bench/session/completion_watch.hpp"
#include "model/device/device.hpp"
#include "model/link/host_memory.hpp"
#include "model/link/link.hpp"
#include "rtl/abi/pagepress_abi.h"

namespace pagepress::bench {

class HostQueues final : public sc_core::sc_module {
 public:
  // A ring has 1 << ring_log2 entries, of submissions and of completions alike; or more, as each
  // begins with a page.
  HostQueues(const sc_core::sc_module_name& name, std::unique_ptr<model::Device> device,
             const model::LinkConfig& link, unsigned queues, unsigned ring_log2);

  [[nodiscard]] model::HostMemory& memory() noexcept { return memory_; }
  [[nodiscard]] const model::Link& link() const noexcept { return link_; }
  // A completion is written at this time.
  [[nodiscard]] const sc_core::sc_event& written() const noexcept { return watch_.written; }

  // From an SC_THREAD: resets the device and starts a queue for each priority. The rings get
  // addresses in [base, base + kRingRoom) until stop().
  static constexpr std::uint64_t kRingRoom = 1U << 28;
  void start(std::uint64_t base, std::span<const unsigned> priorities);
  void stop();

  void push(unsigned q, const pp_sqe& sqe);
  // The doorbell, if something was pushed since the last time.
  void ring(unsigned q);

  struct Completion {
    pp_cqe cqe;
    sc_core::sc_time at;  // it was written
  };
  // The next one, if it has been written. Throws std::runtime_error if its phase is wrong.
  bool poll(unsigned q, Completion& completion);
  // Completions that were polled and that the device does not know of yet; tells it.
  [[nodiscard]] unsigned untold(unsigned q) const;
  void tell(unsigned q);

  // Registers; read() from an SC_THREAD. Throw std::runtime_error if the device refuses.
  void write(std::uint64_t offset, std::uint32_t value);
  [[nodiscard]] std::uint32_t read(std::uint64_t offset);

 private:
  struct Queue {
    std::uint16_t tail = 0;  // submissions so far
    std::uint16_t rung = 0;
    std::uint16_t head = 0;  // completions so far
    std::uint16_t told = 0;
  };

  [[nodiscard]] std::size_t entries() const { return std::size_t{1} << ring_log2_; }
  void write_wide(std::uint64_t offset, std::uint64_t value);
  void access(tlm::tlm_command command, std::uint64_t offset, std::uint32_t& value);

  const unsigned ring_log2_;
  std::unique_ptr<model::Device> device_;
  model::Link link_;
  CompletionWatch watch_{"watch"};
  model::HostMemory memory_{"memory"};
  tlm_utils::simple_initiator_socket<HostQueues> registers_{"registers"};
  std::vector<pp_sqe> submissions_;  // rings, one behind the other
  std::vector<pp_cqe> completions_;
  std::vector<Queue> queues_;
  std::uint64_t base_ = 0;
};

}  // namespace pagepress::bench
