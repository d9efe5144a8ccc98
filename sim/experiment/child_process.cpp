// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "sim/experiment/compare.hpp"

namespace pagepress::sim {
namespace {

constexpr std::size_t kKeptOutput = 2000;  // bytes of the child's last words

class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  ~Fd() { reset(); }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    reset();
    fd_ = std::exchange(other.fd_, -1);
    return *this;
  }
  void reset() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_ = -1;
};

struct Pipe {
  Fd read;
  Fd write;
};

Pipe make_pipe() {
  std::array<int, 2> fds{};
  if (::pipe2(fds.data(), O_CLOEXEC) != 0) {
    throw std::system_error(errno, std::generic_category(), "pipe");
  }
  return {Fd(fds[0]), Fd(fds[1])};
}

// Kills and reaps the child unless it has been reaped.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  ~Child() {
    if (pid_ < 0) return;
    ::kill(pid_, SIGKILL);
    int status = 0;
    static_cast<void>(reap(status));  // no child of ours any more: nothing to do
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  // Its wait status. Throws if there is none, as where SIGCHLD is ignored.
  int wait() {
    int status = 0;
    const int error_number = reap(status);
    if (error_number != 0) {
      throw std::system_error(error_number, std::generic_category(), "waitpid");
    }
    return status;
  }

 private:
  // errno of waitpid(), or 0.
  int reap(int& status) noexcept {
    int error_number = 0;
    do {
      error_number = ::waitpid(pid_, &status, 0) < 0 ? errno : 0;
    } while (error_number == EINTR);
    pid_ = -1;
    return error_number;
  }

  pid_t pid_;
};

// One message a line. A parent that is gone ends the child by SIGPIPE.
void send(int fd, const nlohmann::json& message) {
  // File names need not be UTF-8; JSON must be.
  const std::string line =
      message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  for (std::size_t sent = 0; sent < line.size();) {
    const ssize_t n = ::write(fd, line.data() + sent, line.size() - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) ::_exit(1);
    sent += static_cast<std::size_t>(n);
  }
}

[[noreturn]] void child_main(const Pipe& messages, const Pipe& output, pid_t parent,
                             const ChildBody& body) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(1);  // it died before the line above
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_DFL);
  // stdout belongs to --json; no library of the child may write to it.
  ::dup2(output.write.get(), STDOUT_FILENO);
  ::dup2(output.write.get(), STDERR_FILENO);
  const int fd = messages.write.get();
  // _exit: what the parent has open, buffered or registered is not the child's to end.
  try {
    nlohmann::json result = body([fd](const nlohmann::json& message) {
      send(fd, {{"message", message}});
    });
    send(fd, {{"result", std::move(result)}});
    std::fflush(nullptr);
    ::_exit(0);
  } catch (const std::exception& error) {
    send(fd, {{"error", error.what()}});
    ::_exit(1);
  }
}

std::string last_words(const std::string& output) {
  if (output.empty()) return {};
  return fmt::format("; its last output:\n{}", output);
}

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) {
    return fmt::format("its process was ended by signal {} ({})", WTERMSIG(status),
                       ::strsignal(WTERMSIG(status)));
  }
  return fmt::format("its process ended without a result (exit code {})", WEXITSTATUS(status));
}

}  // namespace

nlohmann::json run_in_child(const std::string& name, const ChildBody& body,
                            const Emit& on_message) {
  Pipe messages = make_pipe();
  Pipe output = make_pipe();
  std::fflush(nullptr);  // or the child would have a copy of what is buffered
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) child_main(messages, output, parent, body);
  Child child(pid);
  messages.write.reset();
  output.write.reset();

  std::string pending;
  std::string said;
  nlohmann::json outcome;
  const auto take_lines = [&] {
    for (std::size_t end; (end = pending.find('\n')) != std::string::npos;) {
      nlohmann::json line = nlohmann::json::parse(std::string_view(pending).substr(0, end));
      pending.erase(0, end + 1);
      if (line.contains("message")) {
        if (on_message) on_message(line["message"]);
      } else {
        outcome = std::move(line);
      }
    }
  };
  std::array<pollfd, 2> fds{{{messages.read.get(), POLLIN, 0}, {output.read.get(), POLLIN, 0}}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (::poll(fds.data(), fds.size(), -1) < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "poll");
    }
    for (std::size_t i = 0; i < fds.size(); ++i) {
      if (fds[i].fd < 0 || fds[i].revents == 0) continue;
      std::array<char, 65536> buffer;
      const ssize_t n = ::read(fds[i].fd, buffer.data(), buffer.size());
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) {
        fds[i].fd = -1;
        continue;
      }
      const std::string_view text(buffer.data(), static_cast<std::size_t>(n));
      if (i == 0) {
        pending += text;
        take_lines();
      } else {
        said += text;
        if (said.size() > kKeptOutput) said.erase(0, said.size() - kKeptOutput);
      }
    }
  }
  const int status = child.wait();
  if (outcome.contains("error")) {
    throw CompareError(fmt::format("{}: {}", name, outcome["error"].get<std::string>()));
  }
  if (!outcome.contains("result") || status != 0) {
    throw CompareError(fmt::format("{}: {}{}", name, how_it_ended(status), last_words(said)));
  }
  return std::move(outcome["result"]);
}

}  // namespace pagepress::sim
