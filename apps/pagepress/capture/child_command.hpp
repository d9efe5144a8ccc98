// SPDX-License-Identifier: Apache-2.0
// ChildCommand: a command that pagepress starts, waits for and ends again.
//
// It runs in a process group of its own with /dev/null as its input; what it
// prints goes to standard error, so that standard output stays ours. Whatever
// it starts is ended with it, also what has left its process group.
//
// Limitations: one at a time in a process. A command that turns itself into a
// daemon counts as exited.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace pagepress::app {

class ChildCommand {
 public:
  struct Options {
    std::vector<std::string> argv;   // at least the program
    bool clear_environment = false;  // give it clean_environment() instead of ours
    bool watch_output = false;       // read its output, for wait_for_text()
  };
  // PATH with the system's folders, HOME=/, LANG=C.
  static const std::vector<std::string>& clean_environment();

  // Starts it. Throws CaptureError if it cannot be executed.
  explicit ChildCommand(const Options& options);
  // Ends it: SIGTERM, after 5 s SIGKILL.
  ~ChildCommand();
  ChildCommand(const ChildCommand&) = delete;
  ChildCommand& operator=(const ChildCommand&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  // These wait, and throw CaptureError if the command exits meanwhile or the
  // time runs out, or Interrupted.
  void wait_for_text(const std::string& text, std::chrono::duration<double> timeout);
  void wait_for(std::chrono::duration<double> time);
  // Until the resident set of the command, with its descendants if `children`,
  // has not grown by more than 1 % (or 64 pages, if that is more) in `settle`.
  void wait_until_settled(std::chrono::duration<double> settle,
                          std::chrono::duration<double> timeout, bool children);

 private:
  void start(const Options& options);
  bool collect_exits();  // whether there are children left
  void throw_if_exited();
  // Pass on what the command has printed; wait for at most `time`. The first
  // also throws Interrupted.
  void pump_output(std::chrono::duration<double> time);
  void drain_output(std::chrono::duration<double> time);
  void terminate() noexcept;

  std::string name_;
  pid_t pid_ = -1;
  std::optional<int> wait_status_;  // once it has exited
  int output_ = -1;                 // read end of its output, if watched
  std::string line_;                // the line it is printing
  std::string awaited_;
  bool seen_ = false;
};

}  // namespace pagepress::app
