// SPDX-License-Identifier: Apache-2.0
// PciFunction: the device as a PCI function: its regions as VFIO numbers them, its interrupts and
// its reset. It lives on from client to client.
//
// BAR 0's registers are words: an access of another length or alignment is refused (EINVAL), one of
// several words is one access after the other. Without bus mastering the device reaches no memory
// and sends no interrupts. The memory-space bit gates nothing: a client asks by region, not by
// address.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "model/emulator/config_space.hpp"
#include "model/emulator/doorbell_page.hpp"
#include "model/emulator/msix.hpp"

namespace pagepress::emulator {

// The registers of the device behind the function.
class RegisterPort {
 public:
  virtual ~RegisterPort() = default;
  [[nodiscard]] virtual std::uint32_t read(std::uint64_t offset) = 0;
  virtual void write(std::uint64_t offset, std::uint32_t value) = 0;
  // A write that was found in a mapped doorbell.
  virtual void doorbell(std::uint64_t offset, std::uint32_t value) { write(offset, value); }
  // To the reset state; nothing of before it happens after it. False: the device does not get
  // there.
  [[nodiscard]] virtual bool reset() = 0;
};

class PciFunction {
 public:
  // `queues`, `vectors`: that the device has.
  PciFunction(RegisterPort& registers, unsigned queues, unsigned vectors);

  [[nodiscard]] static std::uint64_t region_size(unsigned region) noexcept;  // 0: there is none

  // 0 or an errno.
  [[nodiscard]] int read(unsigned region, std::uint64_t offset, std::span<std::byte> to);
  [[nodiscard]] int write(unsigned region, std::uint64_t offset, std::span<const std::byte> from);
  [[nodiscard]] int reset();

  // Takes what was written to mapped doorbells to the device; true if there was something.
  bool poll_doorbells();

  void client_has_come();
  void client_has_gone();

  [[nodiscard]] bool bus_master() const { return config_.bus_master(); }
  [[nodiscard]] Msix& msix() noexcept { return msix_; }
  [[nodiscard]] DoorbellPage& doorbells() noexcept { return doorbells_; }

 private:
  void write_register(std::uint64_t offset, std::uint32_t value);
  void update_msix();

  RegisterPort& registers_;
  unsigned queues_;
  ConfigSpace config_;
  Msix msix_;
  DoorbellPage doorbells_;
};

}  // namespace pagepress::emulator
