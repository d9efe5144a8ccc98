// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/capture/frozen_process.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <system_error>
#include <vector>

#include "apps/pagepress/capture/capture_error.hpp"
#include "apps/pagepress/capture/process.hpp"
#include "apps/pagepress/signals.hpp"

namespace pagepress::app {
namespace {

constexpr std::chrono::seconds kStopTimeout{5};

[[noreturn]] void throw_seize_error(pid_t pid, int error_number) {
  const auto status = read_process_status(pid);
  if (!status || status->dead()) {
    throw CaptureError(fmt::format("{} has exited", describe_process(pid)));
  }
  if (status->tracer != 0) {
    throw CaptureError(
        fmt::format("cannot stop {}: {} traces it already (--no-stop captures it while it runs)",
                    describe_process(pid), describe_process(status->tracer)));
  }
  throw CaptureError(fmt::format("cannot stop {}: {}", describe_process(pid),
                                 std::generic_category().message(error_number)));
}

}  // namespace

FrozenProcess::FrozenProcess(pid_t pid) : pid_(pid) {
  try {
    // Threads that still run may start others, until a round finds no new one.
    while (seize_new_threads()) {
    }
    if (threads_.empty()) {
      throw CaptureError(fmt::format("{} has exited", describe_process(pid_)));
    }
  } catch (...) {
    release();
    throw;
  }
}

FrozenProcess::~FrozenProcess() { release(); }

bool FrozenProcess::seize_new_threads() {
  std::vector<pid_t> seized;
  for (const pid_t thread : threads_of(pid_)) {
    if (threads_.contains(thread) || thread_has_ended(pid_, thread)) {
      continue;
    }
    if (::ptrace(PTRACE_SEIZE, thread, nullptr, nullptr) != 0) {
      const int error_number = errno;
      if (thread_has_ended(pid_, thread)) {  // just now; others may live on
        continue;
      }
      throw_seize_error(pid_, error_number);
    }
    threads_[thread] = 0;
    ::ptrace(PTRACE_INTERRUPT, thread, nullptr, nullptr);
    seized.push_back(thread);
  }
  for (const pid_t thread : seized) {
    await_stop(thread);
  }
  return !seized.empty();
}

void FrozenProcess::await_stop(pid_t thread) {
  const auto deadline = std::chrono::steady_clock::now() + kStopTimeout;
  for (;;) {
    // Looks first (WNOWAIT): the exit status of the process itself may be for
    // the one who started it to collect, which may be this program.
    siginfo_t info = {};
    if (::waitid(P_PID, static_cast<id_t>(thread), &info,
                 WEXITED | WSTOPPED | WNOHANG | WNOWAIT | __WALL) != 0 &&
        errno != EINTR) {
      threads_.erase(thread);  // gone
      return;
    }
    if (info.si_pid != 0) {
      const bool exited =
          info.si_code == CLD_EXITED || info.si_code == CLD_KILLED || info.si_code == CLD_DUMPED;
      int status = 0;
      if (!exited || thread != pid_) {
        ::waitpid(thread, &status, __WALL);
      }
      if (exited) {
        threads_.erase(thread);
        if (thread == pid_) {
          throw CaptureError(fmt::format("{} has exited", describe_process(pid_)));
        }
      } else if (status >> 16 == 0) {
        // It stopped on its way to a signal, which release() hands on.
        threads_[thread] = WSTOPSIG(status);
      }
      return;
    }
    // As long as others live, the end of the main thread is not reported.
    if (thread == pid_ && thread_has_ended(pid_, thread)) {
      threads_.erase(thread);
      return;
    }
    if (std::chrono::steady_clock::now() > deadline) {
      throw CaptureError(fmt::format(
          "cannot stop {}: thread {} does not stop within {} s (--no-stop captures it while it "
          "runs)",
          describe_process(pid_), thread, kStopTimeout.count()));
    }
    interruptible_sleep(0.0005);
  }
}

void FrozenProcess::release() noexcept {
  for (const auto& [thread, held_signal] : threads_) {
    if (::ptrace(PTRACE_DETACH, thread, nullptr, static_cast<std::intptr_t>(held_signal)) != 0 &&
        thread != pid_) {
      // Killed meanwhile. Collect it, or its process never finishes exiting.
      ::waitpid(thread, nullptr, WNOHANG | __WALL);
    }
  }
  threads_.clear();
}

}  // namespace pagepress::app
