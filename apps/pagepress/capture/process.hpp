// SPDX-License-Identifier: Apache-2.0
// What /proc says of processes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pagepress::app {

struct ProcessStatus {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t tracer = 0;  // 0: none; known only from read_process_status()
  char state = '?';  // of the main thread, as in proc(5): R, S, D, T, t, Z, X
  // A thread that has not ended: the main thread if that lives on, which it need
  // not (pthread_exit() in main). 0: none. parse_stat() knows the main thread only.
  pid_t live_thread = 0;
  bool kernel_thread = false;
  std::string name;  // at most 15 characters

  // Exited, whether or not its parent has noticed yet.
  [[nodiscard]] bool dead() const noexcept { return live_thread == 0; }
};

// Reads a line of /proc/PID/stat. The name in it may hold spaces and brackets.
[[nodiscard]] std::optional<ProcessStatus> parse_stat(std::string_view line);

// Nothing if there is no such process (or it is hidden from this user).
[[nodiscard]] std::optional<ProcessStatus> read_process_status(pid_t pid);

// Children, their children and so on, in PID order, without `root`.
[[nodiscard]] std::vector<pid_t> descendants_of(pid_t root);

// The threads of a process; none if it is gone.
[[nodiscard]] std::vector<pid_t> threads_of(pid_t pid);

// Whether a thread of a process has ended or never was.
[[nodiscard]] bool thread_has_ended(pid_t pid, pid_t thread);

// "/proc/PID/task/TID" of a thread that lives, for what all of them share: where
// the main thread has ended, /proc/PID shows no memory. "/proc/PID" if none lives.
[[nodiscard]] std::string memory_folder(pid_t pid);

// Resident set in pages, file pages included; 0 if the process is gone.
[[nodiscard]] std::uint64_t resident_set_pages(pid_t pid);

// "process 123 (redis-server)", or "process 123" if the name is not known.
[[nodiscard]] std::string describe_process(pid_t pid);

}  // namespace pagepress::app
