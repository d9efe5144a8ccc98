// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/capture/child_command.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "apps/pagepress/capture/capture_error.hpp"
#include "apps/pagepress/capture/process.hpp"
#include "apps/pagepress/signals.hpp"

namespace pagepress::app {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr Seconds kSamplePeriod{0.1};
constexpr Seconds kReapPeriod{0.002};
constexpr Seconds kTermGrace{5.0};
constexpr Seconds kKillGrace{5.0};
constexpr std::uint64_t kSettleSlackPages = 64;
constexpr std::size_t kLongestLine = 65536;

std::string errno_text(int error_number) { return std::generic_category().message(error_number); }

std::string exit_text(int wait_status) {
  return WIFSIGNALED(wait_status)
             ? fmt::format("was ended by signal {} ({})", WTERMSIG(wait_status),
                           ::strsignal(WTERMSIG(wait_status)))
             : fmt::format("exited with status {}", WEXITSTATUS(wait_status));
}

std::vector<char*> as_c_array(const std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (const std::string& string : strings) {
    pointers.push_back(const_cast<char*>(string.c_str()));
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Between fork() and exec(); on failure the reason goes into `report`.
[[noreturn]] void become(char* const* argv, char* const* environment, int output, int report,
                         pid_t parent) {
  restore_default_signals();
  ::setpgid(0, 0);
  // Nothing is left behind even if pagepress is killed.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int null = ::open("/dev/null", O_RDONLY);
  if (::getppid() == parent && null >= 0 && ::dup2(null, STDIN_FILENO) >= 0 &&
      ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(output, STDERR_FILENO) >= 0) {
    if (null > STDERR_FILENO) {
      ::close(null);
    }
    if (environment != nullptr) {
      environ = const_cast<char**>(environment);
    }
    ::execvp(argv[0], argv);
  }
  const int error_number = errno;
  static_cast<void>(!::write(report, &error_number, sizeof(error_number)));
  ::_exit(127);
}

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    std::array<int, 2> ends = {};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw CaptureError(fmt::format("cannot create a pipe: {}", errno_text(errno)));
    }
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  static void close_end(int& end) {
    if (end >= 0) {
      ::close(std::exchange(end, -1));
    }
  }
};

}  // namespace

const std::vector<std::string>& ChildCommand::clean_environment() {
  static const std::vector<std::string> kEnvironment = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "LANG=C"};
  return kEnvironment;
}

ChildCommand::ChildCommand(const Options& options) : name_(options.argv.at(0)) {
  // What outlives its parent becomes our child, so that terminate() finds it.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  start(options);
}

void ChildCommand::start(const Options& options) {
  const std::vector<char*> argv = as_c_array(options.argv);
  const std::vector<char*> environment = as_c_array(clean_environment());
  Pipe report;
  std::optional<Pipe> output;
  if (options.watch_output) {
    output.emplace();
  }
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ < 0) {
    throw CaptureError(fmt::format("cannot start '{}': {}", name_, errno_text(errno)));
  }
  if (pid_ == 0) {
    become(argv.data(), options.clear_environment ? environment.data() : nullptr,
           output ? output->write_end : STDERR_FILENO, report.write_end, parent);
  }
  Pipe::close_end(report.write_end);
  int error_number = 0;
  ssize_t n = 0;
  do {  // ends when exec() closes the other end
    n = ::read(report.read_end, &error_number, sizeof(error_number));
  } while (n < 0 && errno == EINTR);
  if (n == static_cast<ssize_t>(sizeof(error_number))) {
    ::waitpid(pid_, nullptr, 0);
    throw CaptureError(fmt::format("cannot start '{}': {}", name_, errno_text(error_number)));
  }
  if (output) {
    output_ = std::exchange(output->read_end, -1);
  }
}

ChildCommand::~ChildCommand() {
  terminate();
  if (output_ >= 0) {
    ::close(output_);
  }
}

bool ChildCommand::collect_exits() {
  int status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
    if (pid == pid_) {
      wait_status_ = status;
    }
  }
  return pid == 0;
}

void ChildCommand::throw_if_exited() {
  const bool children_left = collect_exits();
  if (!children_left && !wait_status_) {
    throw CaptureError(fmt::format("the command '{}' ended, and nobody can tell how", name_));
  }
  if (wait_status_) {
    pump_output(Seconds(0));
    throw CaptureError(fmt::format("the command '{}' {} before its memory was captured", name_,
                                   exit_text(*wait_status_)));
  }
}

void ChildCommand::pump_output(Seconds time) {
  if (output_ < 0) {
    interruptible_sleep(time.count());
  } else {
    drain_output(time);
    check_signals();
  }
}

void ChildCommand::drain_output(Seconds time) {
  pollfd poll = {output_, POLLIN, 0};
  int milliseconds = static_cast<int>(time.count() * 1e3);
  while (::poll(&poll, 1, milliseconds) > 0) {
    milliseconds = 0;
    std::array<char, 65536> buffer = {};
    const ssize_t n = ::read(output_, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) {
      return;
    }
    if (n <= 0) {  // everyone has closed it
      ::close(std::exchange(output_, -1));
      return;
    }
    const std::string_view text(buffer.data(), static_cast<std::size_t>(n));
    static_cast<void>(!::write(STDERR_FILENO, text.data(), text.size()));
    for (const char c : text) {
      if (c == '\n' || line_.size() >= kLongestLine) {
        line_.clear();
      }
      if (c != '\n') {
        line_ += c;
        seen_ = seen_ || (!awaited_.empty() && line_.ends_with(awaited_));
      }
    }
  }
}

void ChildCommand::wait_for_text(const std::string& text, Seconds timeout) {
  awaited_ = text;
  const auto deadline = Clock::now() + timeout;
  while (!seen_) {
    pump_output(kSamplePeriod);
    if (seen_) {
      return;
    }
    throw_if_exited();
    if (Clock::now() > deadline) {
      throw CaptureError(fmt::format("the command '{}' has not printed '{}' within {} s", name_,
                                     text, timeout.count()));
    }
  }
}

void ChildCommand::wait_for(Seconds time) {
  const auto end = Clock::now() + time;
  for (;;) {
    throw_if_exited();
    const Seconds left = end - Clock::now();
    if (left.count() <= 0) {
      return;
    }
    pump_output(std::min(left, kSamplePeriod));
  }
}

void ChildCommand::wait_until_settled(Seconds settle, Seconds timeout, bool children) {
  const auto resident = [&] {
    std::uint64_t pages = resident_set_pages(pid_);
    if (children) {
      for (const pid_t pid : descendants_of(pid_)) {
        pages += resident_set_pages(pid);
      }
    }
    return pages;
  };
  const auto deadline = Clock::now() + timeout;
  auto since = Clock::now();
  std::uint64_t level = resident();
  for (;;) {
    pump_output(kSamplePeriod);
    throw_if_exited();
    const std::uint64_t now = resident();
    if (now > level + std::max(level / 100, kSettleSlackPages)) {
      level = now;
      since = Clock::now();
    } else if (Clock::now() - since >= settle) {
      return;
    }
    if (Clock::now() > deadline) {
      throw CaptureError(
          fmt::format("the resident set of '{}' still grows after {} s, at {} pages (see --timeout "
                      "and --after)",
                      name_, timeout.count(), now));
    }
  }
}

void ChildCommand::terminate() noexcept {
  const auto signal_all = [](int signal) {
    const std::vector<pid_t> all = descendants_of(::getpid());
    for (const pid_t pid : all) {
      ::kill(pid, signal);
    }
    return !all.empty();
  };
  const auto wait_all = [&](Seconds time, int signal) {
    const auto deadline = Clock::now() + time;
    while (Clock::now() < deadline) {
      collect_exits();
      if (descendants_of(::getpid()).empty()) {
        return;
      }
      if (signal != 0) {
        signal_all(signal);
      }
      // No interruption here: this is what an interruption leads to. What the
      // command still prints must not hold it up in a full pipe.
      if (output_ >= 0) {
        drain_output(kReapPeriod);
      } else {
        std::this_thread::sleep_for(kReapPeriod);
      }
    }
  };
  try {
    if (signal_all(SIGTERM)) {
      wait_all(kTermGrace, 0);
      wait_all(kKillGrace, SIGKILL);
    }
  } catch (...) {
    // Out of memory: the least that can be done. (Never for a PID of ours that
    // is not one: -1 would address every process.)
    if (pid_ > 1) {
      ::kill(-pid_, SIGKILL);
    }
  }
}

}  // namespace pagepress::app
