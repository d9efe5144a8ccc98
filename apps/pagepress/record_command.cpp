// SPDX-License-Identifier: Apache-2.0
// pagepress record: which pages a process touches over time, for `pagepress reclaim --recording`.
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "apps/pagepress/capture/capture_error.hpp"
#include "apps/pagepress/capture/child_command.hpp"
#include "apps/pagepress/capture/process.hpp"
#include "apps/pagepress/cli.hpp"
#include "apps/pagepress/record/access_sampler.hpp"
#include "apps/pagepress/signals.hpp"
#include "sim/pagefile/output_file.hpp"

namespace pagepress::app {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

struct Flags {
  std::string output;
  pid_t pid = 0;
  std::vector<std::string> command;
  std::uint64_t interval_ms = 100;
  double seconds = 10;

  [[nodiscard]] std::string pages() const { return output + ".pages"; }
};

bool is_alive(pid_t pid) {
  const auto status = read_process_status(pid);
  return status && !status->dead();
}

// Until the time is over or the process has exited, which is no error after the first sample.
void sample_all(AccessSampler& sampler, pid_t pid, ChildCommand* command, const Flags& flags) {
  const Clock::time_point start = Clock::now();
  const auto passed = [&] { return Seconds(Clock::now() - start); };
  const auto now_us = [&] { return static_cast<std::uint64_t>(passed().count() * 1e6); };
  const Seconds interval(static_cast<double>(flags.interval_ms) / 1e3);
  sampler.sample(now_us());
  try {
    while (passed().count() < flags.seconds) {
      const Seconds wait = std::min(interval, Seconds(flags.seconds) - passed());
      if (command != nullptr) {
        command->wait_for(std::max(wait, Seconds(0)));
      } else {
        interruptible_sleep(std::max(wait.count(), 0.0));
      }
      sampler.sample(now_us());
    }
  } catch (const CaptureError&) {
    if (is_alive(pid)) throw;
  }
}

std::string kernel() {
  utsname names{};
  ::uname(&names);
  return fmt::format("{} {} {}", names.sysname, names.release, names.machine);
}

std::string to_text(const reclaim::Recording& recording, const Flags& flags) {
  const auto& header = recording.header;
  std::uint64_t written = 0;
  for (const auto& interval : recording.intervals) written += page_count(interval.written);
  std::string text = fmt::format(
      "{}: {} pages, {} intervals of {} ms, {} pages written in all\n{}: their contents\n"
      "writes: {}; reads: {}\n",
      flags.output, with_commas(recording.pages), with_commas(recording.intervals.size()),
      flags.interval_ms, with_commas(written), flags.pages(), header["writes"].get<std::string>(),
      header["reads"].get<std::string>());
  if (header["referenced"].is_number()) {
    text += fmt::format("accesses: {} recorded of {} pages that the kernel says were referenced\n",
                        with_commas(header["touched"].get<std::uint64_t>()),
                        with_commas(header["referenced"].get<std::uint64_t>()));
  }
  return text;
}

int run(const Flags& flags) {
  if (flags.command.empty() == (flags.pid == 0)) {
    throw UsageError("record needs either --pid PID or -- COMMAND...");
  }
  if (!std::isfinite(flags.seconds)) throw UsageError("--seconds: it is no number");
  const DeferredSignals deferred;  // the process must run on, the command must be ended
  // Memory holds secrets: the files are for their owner only.
  sim::OutputFile pages(flags.pages(), 0600);
  sim::OutputFile output(flags.output, 0600);
  const AccessMethods methods = AccessMethods::of_this_kernel();
  reclaim::Recording recording;
  {
    std::optional<ChildCommand> command;
    if (!flags.command.empty()) {
      command.emplace(ChildCommand::Options{.argv = flags.command});
    }
    const pid_t pid = command ? command->pid() : flags.pid;
    AccessSampler sampler(pid, methods, pages);
    sample_all(sampler, pid, command ? &*command : nullptr, flags);
    recording = sampler.recording();
  }
  check_signals();
  recording.header["kernel"] = kernel();
  recording.header["interval_ms"] = flags.interval_ms;
  recording.header["command"] = flags.command;
  output.write(encode(recording));
  // Both are durable before either gets its name.
  pages.finish();
  output.finish();
  pages.commit();
  output.commit();
  print(to_text(recording, flags));
  return kExitOk;
}

}  // namespace

void add_record_command(CLI::App& app, Action& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* const sub = add_command(
      app, "record", "Record which pages a process touches over time, to replay its reclaim.",
      "record -o FILE (--pid PID | -- COMMAND...) [OPTIONS]");
  sub->add_option("-o,--output", flags->output,
                  "Recording to write; FILE.pages gets the contents of its pages")
      ->required()
      ->type_name("FILE");
  auto* const pid =
      sub->add_option("--pid", flags->pid, "Process to record; it runs on afterwards")
          ->check(CLI::Validator(CLI::Range(1, std::numeric_limits<pid_t>::max())).description(""))
          ->type_name("PID");
  sub->add_option("COMMAND", flags->command,
                  "Command to start, record and end; its output goes to standard error")
      ->type_name("")
      ->excludes(pid);
  sub->add_option("--interval-ms", flags->interval_ms, "Time between two samples")
      ->capture_default_str()
      ->check(CLI::Validator(CLI::Range(1, 60'000)).description(""))
      ->type_name("N");
  sub->add_option("--seconds", flags->seconds, "Stop after so long, or when the process exits")
      ->capture_default_str()
      ->check(CLI::Validator(CLI::Range(0.001, 86'400.0)).description(""))
      ->type_name("N");
  sub->footer(
      "Anonymous pages only, of one process. Writes come from soft-dirty bits, or, if the kernel\n"
      "has none, from comparing contents; reads from idle page tracking, or they are not seen: "
      "the\n"
      "recording and the last lines printed say which (docs/reclaim/record.md). The process "
      "stands\n"
      "still while it is sampled.\n\n" +
      examples({"pagepress record -o app.record --seconds 5 -- python3 app.py",
                "pagepress record -o redis.record --interval-ms 50 --pid $(pidof redis-server)",
                "pagepress reclaim app.record.pages -c handheld --recording app.record -o out"}));
  sub->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace pagepress::app
