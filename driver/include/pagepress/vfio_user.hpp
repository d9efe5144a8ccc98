// SPDX-License-Identifier: Apache-2.0
// VfioUserBus: a device that another process serves by vfio-user (the emulator, or any server
// that knows the protocol), behind Bus.
//
// Registers are messages. Doorbells are plain stores to a page that the server shares, where it
// offers one. Memory from memory() is shared with the server, which reaches it by itself; any
// other memory can be mapped as well, and the server then asks for every access over the
// socket. Interrupts are eventfds.
//
// A server that closes the connection, does not answer in time or breaks the protocol fails the
// bus for good: registers read all ones, writes are lost, waits for interrupts return at once,
// map() throws; failure() says why. Nothing hangs, and another bus can be opened. A failed bus
// makes no access to mapped memory any more. A server that still runs may go on writing to
// memory of memory(), which is why no page of it is ever handed out a second time: each
// allocation is a file of its own, gone from this process when it is released.
//
// Thread-safe but for reset() and the destructor: register accesses of several threads follow
// one another; doorbell stores and interrupts take no lock.
// Limitations: Unix sockets; one device a socket; no migration. Time-outs are of real time,
// whatever Clock the driver has.
#pragma once

#include <pagepress/bus.hpp>
#include <pagepress/memory.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace pagepress {

struct VfioUserConfig {
  std::uint64_t reply_timeout_ns = 5'000'000'000;  // for each answer of the server
  unsigned max_vectors = 64;                       // an eventfd each; 0: no interrupts
  bool map_doorbells = true;                       // false: doorbells are messages, too
};

struct VfioUserCounters {
  std::uint64_t messages = 0;          // commands sent
  std::uint64_t refused_accesses = 0;  // of registers, by the server: read as all ones
  std::uint64_t dma_reads = 0;         // commands of the server that were served
  std::uint64_t dma_writes = 0;
  std::uint64_t refused_dma = 0;  // outside of mappings, or not permitted
};

class VfioUserBus final : public Bus {
 public:
  // Connects, checks that it is a page-compression engine (PCI identity, BAR0), enables memory
  // accesses, bus mastering and MSI-X. Registers of the device are as the last client left them.
  // Throws DeviceError that names the socket: kNotPresent (nobody listens, closed, another
  // device), kTimeout, kProtocol (what the server says cannot be), kRefused (an error reply);
  // std::system_error if this process lacks resources.
  explicit VfioUserBus(const std::string& socket, const VfioUserConfig& config = {});
  // Closes the connection. What memory() handed out must have been released before; whatever was
  // not (DmaBuffer::abandon()) goes with the bus.
  ~VfioUserBus() override;

  std::uint32_t read32(std::uint64_t offset) override;
  void write32(std::uint64_t offset, std::uint32_t value) override;
  // As Bus says; DeviceError (kNotPresent) on a failed bus. Of memory() the server gets whole
  // pages, but never anything of another allocation.
  Iova map(void* addr, std::size_t len, bool writable) override;
  // Returns when the server no longer uses it, or the bus has failed.
  void unmap(Iova iova, std::size_t len) override;
  [[nodiscard]] unsigned vectors() const noexcept override;
  // `timeout_ns` of real time. False at once on a failed bus.
  bool wait_interrupt(unsigned vector, std::uint64_t timeout_ns) override;

  // Memory that the server reaches without messages. Whole pages and a file each: for rings and
  // pools, not for single pages. Valid while the bus lives, failed or not.
  [[nodiscard]] DmaAllocator& memory() noexcept;

  // Resets the function (DEVICE_RESET) and enables it anew; mappings and eventfds stay.
  // Throws DeviceError.
  void reset();

  [[nodiscard]] bool failed() const noexcept;
  // Why, with the socket; empty if it has not.
  [[nodiscard]] std::string failure() const;
  // Doorbell pages that are plain stores.
  [[nodiscard]] unsigned mapped_doorbells() const noexcept;
  [[nodiscard]] VfioUserCounters counters() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pagepress
