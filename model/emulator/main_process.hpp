// SPDX-License-Identifier: Apache-2.0
// MainProcess: a simulation that is one SC_THREAD's: it begins with it and ends with it, or with
// the first error.
// Limitation: once a process, as SystemC elaborates once.
#pragma once

#include <exception>
#include <functional>

namespace pagepress::emulator {

class MainProcess {
 public:
  // Until `body`, in its SC_THREAD, has come to its end, or somebody calls sc_pause(). Throws what
  // `body` throws, or what fail() was told.
  void run(const std::function<void()>& body);

  // From any other process, as an exception must not unwind into SystemC.
  void fail(std::exception_ptr error);
  [[nodiscard]] bool failed() const noexcept { return error_ != nullptr; }

 private:
  std::exception_ptr error_;
};

}  // namespace pagepress::emulator
