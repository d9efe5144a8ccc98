// SPDX-License-Identifier: Apache-2.0
// EmulatorProcess: `pagepress emulate` as a child, listening in a temporary folder. Ended when
// this goes, and by the kernel when this process dies in any other way.
//
// Limitation: made by the thread that lives longest, as the kernel means that one.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace pagepress::suite {

class EmulatorProcess {
 public:
  // `device`: "fast" or "rtl". Returns when it listens. Throws std::runtime_error,
  // std::system_error.
  explicit EmulatorProcess(const std::string& device);
  ~EmulatorProcess();
  EmulatorProcess(const EmulatorProcess&) = delete;
  EmulatorProcess& operator=(const EmulatorProcess&) = delete;

  [[nodiscard]] std::string socket() const { return folder_ / "socket"; }

 private:
  void wait_until_it_listens(int output) const;
  void end() noexcept;

  std::filesystem::path folder_;
  pid_t child_ = -1;
};

}  // namespace pagepress::suite
