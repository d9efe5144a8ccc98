// SPDX-License-Identifier: Apache-2.0
#include "tests/driver_suite/emulator_process.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace pagepress::suite {
namespace {

std::filesystem::path temporary_folder() {
  std::string name = std::filesystem::temp_directory_path() / "pagepress-suite-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), name);
  }
  return name;
}

// In the child: nothing but system calls.
[[noreturn]] void become_emulator(char* const* arguments, int output, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() == parent && ::dup2(output, STDOUT_FILENO) >= 0) {
    ::execv(arguments[0], arguments);
  }
  ::_exit(127);
}

}  // namespace

EmulatorProcess::EmulatorProcess(const std::string& device) : folder_(temporary_folder()) {
  // A loaded machine may keep this process from answering for a while: no bus error for that.
  std::array<std::string, 6> words = {
      PP_PAGEPRESS, "emulate", "--vfio-user", socket(), "--device=" + device, "--answer-ms=30000"};
  std::array<char*, words.size() + 1> arguments{};
  std::transform(words.begin(), words.end(), arguments.begin(),
                 [](std::string& word) { return word.data(); });
  std::array<int, 2> output{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe");
  }
  const pid_t parent = ::getpid();
  child_ = ::fork();
  if (child_ == 0) {
    become_emulator(arguments.data(), output[1], parent);
  }
  ::close(output[1]);
  try {
    wait_until_it_listens(output[0]);
  } catch (...) {
    ::close(output[0]);
    end();
    throw;
  }
  ::close(output[0]);
}

EmulatorProcess::~EmulatorProcess() { end(); }

void EmulatorProcess::wait_until_it_listens(int output) const {
  std::string said;
  while (said.find('\n') == std::string::npos) {
    std::array<char, 256> some{};
    const ssize_t count = ::read(output, some.data(), some.size());
    if (count <= 0) {
      throw std::runtime_error(std::string(PP_PAGEPRESS) + " does not listen");
    }
    said.append(some.data(), static_cast<std::size_t>(count));
  }
}

void EmulatorProcess::end() noexcept {
  if (child_ > 0) {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace pagepress::suite
