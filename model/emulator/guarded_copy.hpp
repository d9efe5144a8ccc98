// SPDX-License-Identifier: Apache-2.0
// Copies to and from memory that another process can take away: a file that is truncated while it
// is mapped answers an access with SIGBUS, which must not end this process.
//
// Limitations: one SigbusGuard at a time, as handlers are the process's; one thread copies.
#pragma once

#include <signal.h>

#include <cstddef>
#include <span>

namespace pagepress::emulator {

// While it lives, the functions below survive SIGBUS. One outside of it does what it did before.
class SigbusGuard {
 public:
  SigbusGuard();
  ~SigbusGuard();
  SigbusGuard(const SigbusGuard&) = delete;
  SigbusGuard& operator=(const SigbusGuard&) = delete;

 private:
  struct sigaction before_ {};
};

// Both return false if the memory is not there; some bytes may have been copied then.
[[nodiscard]] bool guarded_load(std::span<std::byte> to, const std::byte* from) noexcept;
// In ascending order of addresses: who sees the last byte of a completion sees all of it, and all
// that was stored before.
[[nodiscard]] bool guarded_store(std::byte* to, std::span<const std::byte> from) noexcept;

}  // namespace pagepress::emulator
