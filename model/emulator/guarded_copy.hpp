// SPDX-License-Identifier: Apache-2.0
// Copies to and from memory that another process can take away: a file that is truncated while it
// is mapped answers an access with SIGBUS, which must not end this process.
//
// Limitations: one SigbusGuard at a time, as handlers are the process's; one thread copies.
#pragma once

#include <signal.h>

#include <cstddef>

namespace pagepress::emulator {

// While it lives, guarded_copy() survives SIGBUS. One outside of it does what it did before.
class SigbusGuard {
 public:
  SigbusGuard();
  ~SigbusGuard();
  SigbusGuard(const SigbusGuard&) = delete;
  SigbusGuard& operator=(const SigbusGuard&) = delete;

 private:
  struct sigaction before_ {};
};

// memcpy; false if the memory is not there, and then some bytes may have been copied.
[[nodiscard]] bool guarded_copy(void* to, const void* from, std::size_t bytes) noexcept;

}  // namespace pagepress::emulator
