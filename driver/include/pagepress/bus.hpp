// SPDX-License-Identifier: Apache-2.0
// How a driver reaches a device: 32-bit registers of BAR0, DMA mappings, interrupts.
//
// Implementations: sim/host (TLM sockets of a model in this process), vfio_user.hpp (a device that
// another process serves), vfio.hpp (one on PCI, by Linux's vfio-pci). Limitations: one device a
// bus. Registers may be accessed and interrupts awaited from several threads where queues of one
// device have several (QueueSet); map() and unmap() come from one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pagepress {

// An address as the device sees it.
using Iova = std::uint64_t;

class Bus {
 public:
  virtual ~Bus() = default;

  // Registers: byte offset in BAR0, a multiple of 4. A read of a device that is
  // gone returns all ones, as PCIe does.
  virtual std::uint32_t read32(std::uint64_t offset) = 0;
  virtual void write32(std::uint64_t offset, std::uint32_t value) = 0;

  // Lets the device reach [addr, addr + len) until unmap(). `writable` is what
  // the *device* may do. Returns the address for descriptors.
  // Throws std::system_error (ENOSPC, EINVAL) if it cannot be mapped.
  virtual Iova map(void* addr, std::size_t len, bool writable) = 0;
  // Once it returns the device reaches nothing of it, whatever state the device is in: this is
  // what takes memory back from one that cannot be stopped (DmaMap::revoke). Must not fail.
  virtual void unmap(Iova iova, std::size_t len) = 0;

  // Interrupts: how many vectors this bus delivers. 0: none, and the driver polls.
  [[nodiscard]] virtual unsigned vectors() const noexcept { return 0; }
  // Waits until `vector` has been raised since the last call that returned true, at most for
  // `timeout_ns` of the Clock's time; false: it was not. Signals before the call count, several
  // are one. One waiter a vector.
  virtual bool wait_interrupt(unsigned vector, std::uint64_t timeout_ns) {
    (void)vector;
    (void)timeout_ns;
    return false;
  }
};

}  // namespace pagepress
