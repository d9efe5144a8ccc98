// SPDX-License-Identifier: Apache-2.0
// The filter lets only exit() through. Strict seccomp would do so too, but also forbids the time
// stamp counter, which the clock reads.
#include "bench/driver/no_syscalls.hpp"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

namespace pagepress {
namespace {

constexpr int kNoFilter = 2;

bool allow_only_exit() {
  std::array<sock_filter, 4> program = {{
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_exit_group},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
  }};
  const sock_fprog filter{.len = static_cast<unsigned short>(program.size()),
                          .filter = program.data()};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace

bool runs_without_system_calls(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child < 0) {
    throw std::system_error(errno, std::generic_category(), "fork");
  }
  if (child == 0) {
    if (!allow_only_exit()) {
      _exit(kNoFilter);
    }
    work();
    _exit(0);
  }
  int status = 0;
  if (waitpid(child, &status, 0) != child) {
    throw std::system_error(errno, std::generic_category(), "waitpid");
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoFilter) {
    throw std::system_error(EPERM, std::generic_category(), "seccomp");
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace pagepress
