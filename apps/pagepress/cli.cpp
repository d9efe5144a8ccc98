// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/cli.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "apps/pagepress/signals.hpp"
#include "sim/pagefile/file_error.hpp"
#include "sim/pagefile/output_file.hpp"

namespace pagepress::app {
namespace {

constexpr std::size_t kHelpColumn = 32;

// The parser can only guess how positional arguments are meant.
class UsageFormatter : public CLI::Formatter {
 public:
  explicit UsageFormatter(std::string usage) : usage_(std::move(usage)) {
    column_width(kHelpColumn);
  }
  std::string make_usage(const CLI::App*, std::string) const override {
    return "Usage: pagepress " + usage_ + "\n";
  }

 private:
  std::string usage_;
};

}  // namespace

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& usage) {
  CLI::App* const sub = app.add_subcommand(name, description);
  sub->formatter(std::make_shared<UsageFormatter>(usage));
  return sub;
}

std::string examples(std::initializer_list<std::string_view> lines) {
  std::string text = "Examples:\n";
  for (const std::string_view line : lines) {
    text.append("  $ ").append(line).append("\n");
  }
  return text;
}

void say(std::string_view text) noexcept { std::fwrite(text.data(), 1, text.size(), stderr); }

void complain(std::string_view message) { say(fmt::format("pagepress: error: {}\n", message)); }

void print(std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, text.data(), text.size());
    if (n >= 0) {
      text.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EPIPE) {
      throw Interrupted{SIGPIPE};
    } else if (errno != EINTR) {
      throw sim::FileError("standard output", "cannot write to it", errno);
    }
  }
}

JsonOutput::JsonOutput(const std::string& target) : to_stdout_(target == "-") {
  if (!target.empty() && !to_stdout_) {
    file_ = std::make_unique<sim::OutputFile>(target);
  }
}

JsonOutput::~JsonOutput() = default;

void JsonOutput::write(std::string_view json) {
  if (to_stdout_) {
    print(json);
  } else if (file_) {
    file_->write(json);
    file_->commit();
  }
}

std::string with_commas(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) {
    digits.insert(at - 3, ",");
  }
  return digits;
}

}  // namespace pagepress::app
