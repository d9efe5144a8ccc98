// SPDX-License-Identifier: Apache-2.0
// What SIGINT, SIGTERM and SIGHUP do.
//
// Usually they remove the temporary files of results and end the program at
// once, by the signal itself, as shells expect it. A command that has more to
// put back (a stopped process, a started command) holds a DeferredSignals and
// calls check_signals() wherever it waits; a second signal still ends at once.
//
// Limitations: handlers are the process's, so one DeferredSignals at a time.
#pragma once

namespace pagepress::app {

// Installs the handlers. Signals that the caller had ignored stay ignored
// (nohup). SIGPIPE and SIGXFSZ are ignored from here on: writes fail instead.
// SIGCHLD is not, whatever the caller had: nobody could wait for a child.
void install_signal_handlers();

// Thrown by check_signals(). No std::exception, so that nothing takes it for
// an error that could be reported and got over.
struct Interrupted {
  int signal;
};

class DeferredSignals {
 public:
  DeferredSignals();
  ~DeferredSignals();
  DeferredSignals(const DeferredSignals&) = delete;
  DeferredSignals& operator=(const DeferredSignals&) = delete;
};

// The deferred signal that has come, or 0.
[[nodiscard]] int pending_signal() noexcept;

// Throws Interrupted if a deferred signal has come.
void check_signals();

// Waits; a deferred signal ends it early, by Interrupted.
void interruptible_sleep(double seconds);

// Ends the program by `signal` with its default action.
[[noreturn]] void die_by_signal(int signal);

// For a child between fork() and exec(): what install_signal_handlers()
// ignores would stay ignored in the new program.
void restore_default_signals() noexcept;

}  // namespace pagepress::app
