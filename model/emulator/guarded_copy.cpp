// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/guarded_copy.hpp"

#include <setjmp.h>

#include <cstring>

namespace pagepress::emulator {
namespace {

volatile sig_atomic_t g_copying = 0;
sigjmp_buf g_return;

void handle(int signal) {
  if (g_copying != 0) siglongjmp(g_return, 1);
  ::signal(signal, SIG_DFL);  // not ours: it comes again and ends the process
}

}  // namespace

SigbusGuard::SigbusGuard() {
  struct sigaction action {};
  action.sa_handler = handle;
  action.sa_flags =
      SA_NODEFER;  // as sigsetjmp() below does not keep the mask: that is a system call
  ::sigaction(SIGBUS, &action, &before_);
}

SigbusGuard::~SigbusGuard() { ::sigaction(SIGBUS, &before_, nullptr); }

bool guarded_copy(void* to, const void* from, std::size_t bytes) noexcept {
  if (sigsetjmp(g_return, 0) != 0) {
    g_copying = 0;
    return false;
  }
  g_copying = 1;
  std::memcpy(to, from, bytes);
  g_copying = 0;
  return true;
}

}  // namespace pagepress::emulator
