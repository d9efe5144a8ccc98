// SPDX-License-Identifier: Apache-2.0
// HostMemory: the memory that a device reaches by DMA. Windows of this
// process's own memory stand at I/O virtual addresses; an access is a memcpy.
//
// It takes no simulated time: where latency belongs, Link puts it.
// - An access that is not wholly inside windows, or writes to a read-only one:
//   TLM_ADDRESS_ERROR_RESPONSE, and not a byte has moved.
// - Windows that touch act as one for an access that spans them.
// Limitations: no DMI; windows have byte granularity and one permission bit;
// changed from the simulation's own thread only.
#pragma once

#include <tlm_utils/simple_target_socket.h>
#include <cstddef>
#include <cstdint>
#include <systemc>
#include <tlm>
#include <vector>

namespace pagepress::model {

class HostMemory : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<HostMemory> socket;

  explicit HostMemory(const sc_core::sc_module_name& name);

  // Lets the device reach [ptr, ptr + len) at [iova, iova + len). `writable` is
  // what the device may do. The memory stays the caller's and must live until
  // remove_range(). Throws std::invalid_argument for an empty range, one that
  // wraps around the address space, or one that overlaps another.
  void add_range(std::uint64_t iova, void* ptr, std::size_t len, bool writable);

  // Removes the window that starts at `iova`; false if there is none.
  bool remove_range(std::uint64_t iova);

  [[nodiscard]] std::size_t ranges() const noexcept { return windows_.size(); }

 private:
  struct Window {
    std::uint64_t first;  // IOVA of the first byte
    std::uint64_t last;   // IOVA of the last byte: may be the top of the address space
    std::uint8_t* host;
    bool writable;
  };

  void b_transport(tlm::tlm_generic_payload& trans, sc_core::sc_time& delay);
  unsigned transport_dbg(tlm::tlm_generic_payload& trans);
  bool access(tlm::tlm_generic_payload& trans);
  [[nodiscard]] std::size_t find(std::uint64_t iova) const noexcept;  // index, or ranges()

  std::vector<Window> windows_;         // sorted by address
  mutable std::size_t last_found_ = 0;  // accesses come in runs: try the same window first
};

}  // namespace pagepress::model
