// SPDX-License-Identifier: Apache-2.0
// What the subcommands share: how they hook into the command line, how they
// fail, and how they print. Only main() turns exceptions into messages.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace pagepress::sim {
class OutputFile;
}

namespace pagepress::app {

// Exit codes, as --help lists them. A signal that ends pagepress is not among
// them: it ends by the signal itself, which shells show as 128 + its number.
enum ExitCode : int {
  kExitOk = 0,
  kExitError = 1,     // something failed at run time
  kExitUsage = 2,     // the command line or a configuration is wrong
  kExitMismatch = 3,  // compare, sweep: a page did not decode to what it was
};

// A wrong command line that the parser cannot see. Exit code kExitUsage.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// What a subcommand does, chosen while the command line is parsed and called
// afterwards. Returns the exit code.
using Action = std::function<int()>;

void add_capture_command(CLI::App& app, Action& chosen);
void add_pages_command(CLI::App& app, Action& chosen);
// `command_line`: for the record in results.json.
void add_compare_command(CLI::App& app, Action& chosen, std::vector<std::string> command_line);
void add_sweep_command(CLI::App& app, Action& chosen, std::vector<std::string> command_line);
void add_reclaim_command(CLI::App& app, Action& chosen, std::vector<std::string> command_line);
void add_emulate_command(CLI::App& app, Action& chosen);
void add_record_command(CLI::App& app, Action& chosen);
void add_completion_command(CLI::App& app, Action& chosen);

// Adds a subcommand whose --help opens with "Usage: pagepress USAGE".
[[nodiscard]] CLI::App* add_command(CLI::App& app, const std::string& name,
                                    const std::string& description, const std::string& usage);

// "  $ line" under "Examples:", for the foot of a --help.
[[nodiscard]] std::string examples(std::initializer_list<std::string_view> lines);

// TEXT on standard error. Nobody may read it any more: that is no error.
void say(std::string_view text) noexcept;

// "pagepress: error: MESSAGE" on standard error.
void complain(std::string_view message);

// Writes to standard output, all of it. Throws FileError if it cannot, or
// Interrupted{SIGPIPE} if nobody reads it any more.
void print(std::string_view text);

// As it is written into files. Bytes that are not UTF-8 (in names of files and
// processes) are replaced.
template <typename Json>
[[nodiscard]] std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// A result as JSON into a file, whole or not at all, or to stdout for "-".
// The file is opened at once, so that a bad path is known before the work.
class JsonOutput {
 public:
  // `target` empty: there is none, and write() does nothing.
  explicit JsonOutput(const std::string& target);
  ~JsonOutput();
  JsonOutput(const JsonOutput&) = delete;
  JsonOutput& operator=(const JsonOutput&) = delete;
  [[nodiscard]] bool to_stdout() const noexcept { return to_stdout_; }
  void write(std::string_view json);

 private:
  std::unique_ptr<sim::OutputFile> file_;
  bool to_stdout_ = false;
};

// 1234567 -> "1,234,567".
[[nodiscard]] std::string with_commas(std::uint64_t number);

}  // namespace pagepress::app
