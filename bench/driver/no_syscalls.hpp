// SPDX-License-Identifier: Apache-2.0
// Runs a piece of work in a child process that dies of its first system call.
// Limitation: Linux with seccomp filters; a clock that the vDSO serves makes no call.
#pragma once

#include <functional>

namespace pagepress {

// True if `work` returned without a system call; false if it made one. Throws std::system_error
// if the child or the filter cannot be made.
[[nodiscard]] bool runs_without_system_calls(const std::function<void()>& work);

}  // namespace pagepress
