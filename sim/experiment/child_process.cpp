// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/child_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

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

struct ChildProcess::Impl {
  Impl(std::string child_name, pid_t pid, Pipe& message_pipe, Pipe& output_pipe)
      : name(std::move(child_name)),
        child(pid),
        fds{std::move(message_pipe.read), std::move(output_pipe.read)} {}

  void take_lines(const Emit& on_message) {
    for (std::size_t end; (end = pending.find('\n')) != std::string::npos;) {
      nlohmann::json line = nlohmann::json::parse(std::string_view(pending).substr(0, end));
      pending.erase(0, end + 1);
      if (line.contains("message")) {
        if (on_message) on_message(line["message"]);
      } else {
        outcome = std::move(line);
      }
    }
  }

  std::string name;
  Child child;
  std::array<Fd, kFds> fds;  // messages, output
  std::string pending;       // of a line of messages
  std::string said;
  nlohmann::json outcome;
};

ChildProcess::ChildProcess(std::string name, const ChildBody& body) {
  Pipe messages = make_pipe();
  Pipe output = make_pipe();
  std::fflush(nullptr);  // or the child would have a copy of what is buffered
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid == 0) child_main(messages, output, parent, body);
  impl_ = std::make_unique<Impl>(std::move(name), pid, messages, output);
}

ChildProcess::~ChildProcess() = default;
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;
ChildProcess& ChildProcess::operator=(ChildProcess&&) noexcept = default;

int ChildProcess::fd(std::size_t index) const { return impl_->fds.at(index).get(); }

bool ChildProcess::speaks() const {
  return std::any_of(impl_->fds.begin(), impl_->fds.end(),
                     [](const Fd& fd) { return fd.get() >= 0; });
}

void ChildProcess::read(std::size_t index, const Emit& on_message) {
  std::array<char, 65536> buffer;
  const ssize_t n = ::read(fd(index), buffer.data(), buffer.size());
  if (n < 0 && errno == EINTR) return;
  if (n <= 0) {
    impl_->fds[index].reset();
    return;
  }
  const std::string_view text(buffer.data(), static_cast<std::size_t>(n));
  if (index == 0) {
    impl_->pending += text;
    impl_->take_lines(on_message);
  } else {
    std::string& said = impl_->said;
    said += text;
    if (said.size() > kKeptOutput) said.erase(0, said.size() - kKeptOutput);
  }
}

nlohmann::json ChildProcess::result() {
  const int status = impl_->child.wait();
  nlohmann::json& outcome = impl_->outcome;
  if (outcome.contains("error")) {
    throw CompareError(fmt::format("{}: {}", impl_->name, outcome["error"].get<std::string>()));
  }
  if (!outcome.contains("result") || status != 0) {
    throw CompareError(
        fmt::format("{}: {}{}", impl_->name, how_it_ended(status), last_words(impl_->said)));
  }
  return std::move(outcome["result"]);
}

void await_children(std::span<ChildProcess*> children, int timeout_ms, const Emit& on_message) {
  struct Source {
    ChildProcess* child;
    std::size_t index;
  };
  std::vector<pollfd> fds;
  std::vector<Source> sources;
  for (ChildProcess* child : children) {
    for (std::size_t index = 0; index < ChildProcess::kFds; ++index) {
      if (child->fd(index) < 0) continue;
      fds.push_back({child->fd(index), POLLIN, 0});
      sources.push_back({child, index});
    }
  }
  if (::poll(fds.data(), fds.size(), timeout_ms) < 0) {
    if (errno == EINTR) return;
    throw std::system_error(errno, std::generic_category(), "poll");
  }
  for (std::size_t i = 0; i < fds.size(); ++i) {
    if (fds[i].revents != 0) sources[i].child->read(sources[i].index, on_message);
  }
}

nlohmann::json run_in_child(const std::string& name, const ChildBody& body,
                            const Emit& on_message) {
  ChildProcess child(name, body);
  ChildProcess* only = &child;
  while (child.speaks()) await_children({&only, 1}, -1, on_message);
  return child.result();
}

}  // namespace pagepress::sim
