// SPDX-License-Identifier: Apache-2.0
// FrozenProcess: a process that stands still as long as the object lives.
//
// All its threads are stopped by PTRACE_SEIZE and PTRACE_INTERRUPT. Unlike
// SIGSTOP this shows neither to its parent nor to its shell, a process that
// was stopped before stays so afterwards, and the kernel lets it run on if
// pagepress itself is killed, whatever the signal.
//
// Limitations: not for a process that a debugger holds, nor for one that waits
// in the kernel without end (D state; a parent in vfork()). A system call that
// the stop interrupts is restarted by the kernel; the few that cannot be
// (epoll_wait(2), see signal(7)) return EINTR.
#pragma once

#include <sys/types.h>

#include <map>

namespace pagepress::app {

class FrozenProcess {
 public:
  // Throws CaptureError (gone, not permitted, already traced, does not stop)
  // or Interrupted; every thread that was stopped runs on then.
  explicit FrozenProcess(pid_t pid);
  ~FrozenProcess();
  FrozenProcess(const FrozenProcess&) = delete;
  FrozenProcess& operator=(const FrozenProcess&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

 private:
  bool seize_new_threads();
  void await_stop(pid_t thread);
  void release() noexcept;

  pid_t pid_;
  // Of each stopped thread the signal that the stop held back, usually 0.
  std::map<pid_t, int> threads_;
};

}  // namespace pagepress::app
