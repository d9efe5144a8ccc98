// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/guarded_copy.hpp"

#include <setjmp.h>

#include <atomic>
#include <cstdint>
#include <cstring>

namespace pagepress::emulator {
namespace {

volatile sig_atomic_t g_copying = 0;
sigjmp_buf g_return;

void handle(int signal) {
  if (g_copying != 0) siglongjmp(g_return, 1);
  ::signal(signal, SIG_DFL);  // not ours: it comes again and ends the process
}

template <class Copy>
bool guarded(Copy copy) noexcept {
  if (sigsetjmp(g_return, 0) != 0) {
    g_copying = 0;
    return false;
  }
  g_copying = 1;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  copy();
  std::atomic_signal_fence(std::memory_order_seq_cst);
  g_copying = 0;
  return true;
}

// In ascending order, whatever the machine would make of memcpy.
void store_in_order(std::byte* to, const std::byte* from, std::size_t bytes) noexcept {
  using Word = std::uint64_t;
  while (bytes > 0) {
    if (bytes >= sizeof(Word) && reinterpret_cast<std::uintptr_t>(to) % sizeof(Word) == 0) {
      Word word = 0;
      std::memcpy(&word, from, sizeof word);
      __atomic_store_n(reinterpret_cast<Word*>(to), word, __ATOMIC_RELEASE);
      to += sizeof word, from += sizeof word, bytes -= sizeof word;
    } else {
      __atomic_store_n(reinterpret_cast<std::uint8_t*>(to), static_cast<std::uint8_t>(*from),
                       __ATOMIC_RELEASE);
      ++to, ++from, --bytes;
    }
  }
}

}  // namespace

SigbusGuard::SigbusGuard() {
  struct sigaction action {};
  action.sa_handler = handle;
  action.sa_flags = SA_NODEFER;  // as sigsetjmp() does not keep the mask: that is a system call
  ::sigaction(SIGBUS, &action, &before_);
}

SigbusGuard::~SigbusGuard() { ::sigaction(SIGBUS, &before_, nullptr); }

bool guarded_load(std::span<std::byte> to, const std::byte* from) noexcept {
  return guarded([=] { std::memcpy(to.data(), from, to.size()); });
}

bool guarded_store(std::byte* to, std::span<const std::byte> from) noexcept {
  return guarded([=] { store_in_order(to, from.data(), from.size()); });
}

}  // namespace pagepress::emulator
