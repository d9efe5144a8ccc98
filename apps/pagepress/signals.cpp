// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/signals.hpp"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>

#include "sim/pagefile/pending_outputs.hpp"

namespace pagepress::app {
namespace {

volatile sig_atomic_t g_deferring = 0;
volatile sig_atomic_t g_pending = 0;

// Async-signal-safe.
void end_by_signal(int signal) noexcept {
  sim::discard_pending_outputs();
  ::signal(signal, SIG_DFL);
  sigset_t one;
  ::sigemptyset(&one);
  ::sigaddset(&one, signal);
  ::raise(signal);
  ::sigprocmask(SIG_UNBLOCK, &one, nullptr);
}

void handle(int signal) {
  if (g_deferring != 0 && g_pending == 0) {
    g_pending = signal;
    return;
  }
  end_by_signal(signal);
}

void handle_unless_ignored(int signal) {
  struct sigaction action = {};
  ::sigaction(signal, nullptr, &action);
  if (action.sa_handler == SIG_IGN) {
    return;
  }
  action = {};
  action.sa_handler = handle;
  // No SA_RESTART: whatever blocks must return so that it can look.
  ::sigaction(signal, &action, nullptr);
}

}  // namespace

void install_signal_handlers() {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    handle_unless_ignored(signal);
  }
  ::signal(SIGPIPE, SIG_IGN);
  ::signal(SIGXFSZ, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
}

DeferredSignals::DeferredSignals() { g_deferring = 1; }
DeferredSignals::~DeferredSignals() { g_deferring = 0; }

int pending_signal() noexcept { return g_pending; }

void check_signals() {
  if (g_pending != 0) {
    throw Interrupted{g_pending};
  }
}

void interruptible_sleep(double seconds) {
  // In short naps, as a signal may come between the look and the sleep.
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  for (;;) {
    check_signals();
    const double left = std::chrono::duration<double>(end - Clock::now()).count();
    if (left <= 0) {
      return;
    }
    const timespec nap = {0, static_cast<long>(std::min(left, 0.05) * 1e9)};
    ::nanosleep(&nap, nullptr);
  }
}

void die_by_signal(int signal) {
  end_by_signal(signal);
  ::_exit(128 + signal);  // only if the signal is blocked for good
}

void restore_default_signals() noexcept {
  ::signal(SIGPIPE, SIG_DFL);
  ::signal(SIGXFSZ, SIG_DFL);
}

}  // namespace pagepress::app
