// SPDX-License-Identifier: Apache-2.0
// pagepress capture: the memory of a process into a page file.
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/pagepress/capture/capture.hpp"
#include "apps/pagepress/capture/child_command.hpp"
#include "apps/pagepress/capture/process.hpp"
#include "apps/pagepress/cli.hpp"
#include "apps/pagepress/progress.hpp"
#include "apps/pagepress/signals.hpp"
#include "sim/pagefile/output_file.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {
namespace {

using Seconds = std::chrono::duration<double>;
using nlohmann::ordered_json;

struct Flags {
  std::string output;
  std::string json;
  pid_t pid = 0;
  std::vector<std::string> command;
  bool no_stop = false;
  bool children = false;
  std::uint64_t max_pages = 0;  // 0: no bound
  std::optional<double> after;
  std::optional<std::string> when;
  double settle = 2;
  double timeout = 120;
  bool env_clear = false;
};

void check_flags(const Flags& flags) {
  if (flags.command.empty() == (flags.pid == 0)) {
    throw UsageError("capture needs either --pid PID or -- COMMAND...");
  }
}

// Runs the command until it is ready for its capture.
void await_readiness(ChildCommand& command, const Flags& flags) {
  if (flags.when) {
    command.wait_for_text(*flags.when, Seconds(flags.timeout));
  }
  if (flags.after) {
    command.wait_for(Seconds(*flags.after));
  }
  if (!flags.when && !flags.after) {
    command.wait_until_settled(Seconds(flags.settle), Seconds(flags.timeout), flags.children);
  }
}

std::vector<pid_t> targets_of(pid_t pid, bool children) {
  std::vector<pid_t> pids = {pid};
  if (children) {
    for (const pid_t child : descendants_of(pid)) {
      // Children that nobody has waited for have no memory any more.
      const auto status = read_process_status(child);
      if (status && !status->dead()) {
        pids.push_back(child);
      }
    }
  }
  return pids;
}

ordered_json to_json(const CaptureSummary& summary, const Flags& flags) {
  ordered_json processes = ordered_json::array();
  for (const CapturedProcess& process : summary.processes) {
    processes.push_back({{"pid", process.pid},
                         {"name", process.name},
                         {"mappings", process.mappings},
                         {"resident_anonymous_pages", process.resident_pages},
                         {"swapped_pages", process.swapped_pages},
                         {"pages", process.pages}});
  }
  return {{"schema", "pagepress.capture/1"},  {"file", flags.output},
          {"pages", summary.pages},           {"bytes", summary.pages * sim::kPageBytes},
          {"zero_pages", summary.zero_pages}, {"same_filled_pages", summary.same_filled_pages},
          {"stopped", !flags.no_stop},        {"command", flags.command},
          {"processes", std::move(processes)}};
}

std::string to_text(const CaptureSummary& summary, const Flags& flags) {
  std::string text =
      fmt::format("{}: {} pages ({:.1f} MiB), {} zero, {} same-filled\n", flags.output,
                  with_commas(summary.pages),
                  static_cast<double>(summary.pages * sim::kPageBytes) / (1024.0 * 1024.0),
                  with_commas(summary.zero_pages), with_commas(summary.same_filled_pages));
  for (const CapturedProcess& process : summary.processes) {
    text += fmt::format("  process {} ({}): {} of {} resident anonymous pages, in {} mappings",
                        process.pid, process.name, with_commas(process.pages),
                        with_commas(process.resident_pages), with_commas(process.mappings));
    if (process.swapped_pages > 0) {
      text += fmt::format("; {} more are swapped out", with_commas(process.swapped_pages));
    }
    text += "\n";
  }
  return text;
}

// Without its description, which would stand beside the name of every value.
CLI::Validator positive() { return CLI::Validator(CLI::PositiveNumber).description(""); }

int run(const Flags& flags) {
  check_flags(flags);
  const DeferredSignals deferred;  // the process must run on, the command must be ended
  JsonOutput json(flags.json);
  // Memory holds secrets: the file is for its owner only.
  sim::OutputFile output(flags.output, 0600);
  CaptureOptions options;
  options.stop = !flags.no_stop;
  if (flags.max_pages > 0) {
    options.max_pages = flags.max_pages;
  }
  CaptureSummary summary;
  {
    std::optional<ChildCommand> command;
    if (!flags.command.empty()) {
      command.emplace(
          ChildCommand::Options{flags.command, flags.env_clear, flags.when.has_value()});
      await_readiness(*command, flags);
    }
    Progress progress("capturing");
    summary = capture_processes(
        targets_of(command ? command->pid() : flags.pid, flags.children), options, output,
        [&](std::uint64_t done, std::uint64_t total) { progress.update(done, total); });
  }
  check_signals();
  output.commit();
  // What is written directly may be standard output.
  if (!json.to_stdout() && !output.direct()) {
    print(to_text(summary, flags));
  }
  json.write(json_text(to_json(summary, flags)));
  return kExitOk;
}

}  // namespace

void add_capture_command(CLI::App& app, Action& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* const sub =
      add_command(app, "capture", "Write the resident anonymous pages of a process to a page file.",
                  "capture -o FILE (--pid PID | -- COMMAND...) [OPTIONS]");
  sub->add_option("-o,--output", flags->output, "Page file to write: raw 4 KiB pages")
      ->required()
      ->type_name("FILE");
  auto* const pid =
      sub->add_option("--pid", flags->pid, "Process to capture; it runs on afterwards")
          ->check(positive())
          ->type_name("PID");
  auto* const command =
      sub->add_option("COMMAND", flags->command,
                      "Command to start, capture and end (SIGTERM, after 5 s SIGKILL), with all\n"
                      "that it started; its output goes to standard error")
          ->type_name("")
          ->excludes(pid);
  sub->add_option("--json", flags->json, "Write the summary as JSON, too (-: to standard output)")
      ->type_name("FILE");
  sub->add_flag("--children", flags->children, "Capture the descendants of the process, too");
  sub->add_flag("--no-stop", flags->no_stop,
                "Do not hold the process still meanwhile: pages are of slightly different moments");
  sub->add_option("--max-pages", flags->max_pages,
                  "If there are more pages, write this many, evenly spaced")
      ->check(positive())
      ->type_name("N");
  sub->add_option("--when", flags->when,
                  "COMMAND: capture when it has printed TEXT. Many programs buffer what they\n"
                  "print into a pipe: see stdbuf(1), PYTHONUNBUFFERED")
      ->needs(command)
      ->type_name("TEXT");
  sub->add_option("--after", flags->after,
                  "COMMAND: capture after so many seconds, counted from TEXT if --when is given")
      ->needs(command)
      ->check(CLI::Validator(CLI::NonNegativeNumber).description(""))
      ->type_name("SECONDS");
  sub->add_option("--settle", flags->settle,
                  "COMMAND: without --when and --after, capture when its resident set has not\n"
                  "grown by more than 1 % (or 64 pages) for so long")
      ->capture_default_str()
      ->needs(command)
      ->check(positive())
      ->type_name("SECONDS");
  sub->add_option("--timeout", flags->timeout,
                  "COMMAND: give up if it has not printed TEXT or not settled by then")
      ->capture_default_str()
      ->needs(command)
      ->check(positive())
      ->type_name("SECONDS");
  sub->add_flag("--env-clear", flags->env_clear,
                "COMMAND: give it a clean environment: the system's PATH, HOME=/, LANG=C")
      ->needs(command);
  sub->footer(
      "Resident anonymous pages: private memory that is present now, and private copies of file\n"
      "pages, but not shared memory, what is swapped out, or what was only ever read.\n\n" +
      examples({"pagepress capture -o shell.pages --pid $$",
                "pagepress capture -o redis.pages --when 'Ready to accept' -- "
                "redis-server --port 7379",
                "pagepress capture -o python.pages --env-clear --json - -- python3 -c "
                "'import time; x = list(range(10**6)); time.sleep(60)'"}));
  sub->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace pagepress::app
