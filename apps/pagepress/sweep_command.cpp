// SPDX-License-Identifier: Apache-2.0
// pagepress sweep: compare at many points of a space of settings; resumable.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "apps/pagepress/cli.hpp"
#include "apps/pagepress/progress.hpp"
#include "apps/pagepress/report/report.hpp"
#include "apps/pagepress/report/result_folder.hpp"
#include "apps/pagepress/signals.hpp"
#include "sim/experiment/sweep.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {
namespace {

using nlohmann::json;

constexpr std::size_t kListedFailures = 10;

struct Flags {
  std::string config;
  std::vector<std::string> files;
  std::string costs;
  std::string folder;
  std::string json;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  bool no_report = false;
  bool list = false;
  std::vector<std::string> command;
};

sim::SweepConfig load(const Flags& flags) {
  sim::SweepConfig sweep = sim::load_sweep(flags.config);
  if (!flags.files.empty()) {
    for (const sim::Axis& axis : sweep.axes) {
      if (axis.name == "compare.files") {
        throw UsageError("page files are an axis of the sweep: none can be given here");
      }
    }
    sweep.base.files.assign(flags.files.begin(), flags.files.end());
  }
  if (!flags.costs.empty()) {
    sweep.base.costs = flags.costs;
  }
  sweep.base.command = flags.command;
  return sweep;
}

// All page files, before a folder is made for what becomes of them.
void check_files(const sim::SweepPoints& points) {
  std::set<std::filesystem::path> seen;
  for (const sim::SweepPoint& point : points.points) {
    for (const auto& file : point.config.files) {
      if (seen.insert(file).second) {
        const sim::PageFile opened(file);
      }
    }
  }
}

std::string list_of(const sim::SweepPoints& points) {
  std::string text;
  for (std::size_t i = 0; i < points.points.size(); ++i) {
    text += fmt::format("{}: {}\n", i, sim::describe(points.points[i]));
  }
  return text;
}

std::string count_text(std::size_t points, std::string_view noun = "point") {
  return fmt::format("{} {}{}", with_commas(points), noun, points == 1 ? "" : "s");
}

// What a progress line says, and what is left where the program is interrupted.
struct Line {
  Progress progress;
  std::uint64_t done = 0;
  std::uint64_t total = 0;

  void show(const sim::SweepProgress& now) {
    check_signals();
    if (!now.measuring.empty()) {
      progress.show(now.measuring + ", measuring costs", now.done, now.total, now.per_s);
      return;
    }
    done = now.done;
    total = now.total;
    progress.show("sweep", done, total, now.per_s, "points");
  }
};

sim::SweepOutcome run_with_progress(const sim::SweepConfig& sweep, const sim::SweepPoints& points,
                                    const sim::SweepOptions& options) {
  std::optional<Line> line(std::in_place);
  try {
    return sim::run_sweep(sweep, points, options,
                          [&](const sim::SweepProgress& progress) { line->show(progress); });
  } catch (const Interrupted&) {
    const std::string how_far =
        fmt::format("{} of {} points are finished", line->done, line->total);
    line.reset();  // the line is gone before something else is printed
    complain(fmt::format("interrupted: {}; the same command goes on from there", how_far));
    throw;
  }
}

std::string summary_of(const sim::SweepOutcome& outcome, std::size_t skipped) {
  std::string text = fmt::format("{}: {} run now, {} finished before\n", count_text(outcome.points),
                                 outcome.points - outcome.found, outcome.found);
  if (skipped > 0) {
    text += fmt::format("{} left out, as they are impossible\n", count_text(skipped));
  }
  return text;
}

std::string listed(const std::vector<std::string>& lines) {
  std::string text;
  for (std::size_t i = 0; i < std::min(lines.size(), kListedFailures); ++i) {
    text += "\n  " + lines[i];
  }
  if (lines.size() > kListedFailures) {
    text += fmt::format("\n  and {} more, in the results", lines.size() - kListedFailures);
  }
  return text;
}

int verdict(const sim::SweepOutcome& outcome) {
  if (!outcome.failures.empty()) {
    complain(fmt::format("{} failed; the same command runs them again:{}",
                         count_text(outcome.failures.size()), listed(outcome.failures)));
  }
  if (!outcome.wrong.empty()) {
    complain(fmt::format("{} with pages that did not decode to what they were:{}",
                         count_text(outcome.wrong.size()), listed(outcome.wrong)));
    return kExitMismatch;
  }
  return outcome.failures.empty() ? kExitOk : kExitError;
}

int run(const Flags& flags) {
  if (flags.folder.empty() && !flags.list) {
    throw UsageError("sweep needs -o DIR, where finished points are kept");
  }
  if (flags.jobs == 0) {
    throw UsageError("--jobs must be at least 1");
  }
  const sim::SweepConfig sweep = load(flags);
  const sim::SweepPoints points = sim::make_points(sweep);
  if (flags.list) {
    print(list_of(points));
    return kExitOk;
  }
  const bool report = !flags.no_report;
  if (report) {
    check_report_package();
  }
  check_files(points);
  const DeferredSignals deferred;  // who interrupts a sweep wants to know how to go on
  JsonOutput json_output(flags.json);
  const sim::SweepOutcome outcome =
      run_with_progress(sweep, points, {.folder = flags.folder, .jobs = flags.jobs});
  check_signals();

  ResultFolder folder(flags.folder);
  const std::string text = json_text(outcome.results);
  folder.write_results(text);
  json_output.write(text);
  std::string summary = summary_of(outcome, points.skipped);
  summary += fmt::format("results: {}\n", folder.results_path().string());
  if (report) {
    folder.draw_report();
    summary += fmt::format("report: {}\n", folder.report_path().string());
  }
  if (!json_output.to_stdout()) {
    print(summary);
  }
  return verdict(outcome);
}

}  // namespace

void add_sweep_command(CLI::App& app, Action& chosen, std::vector<std::string> command_line) {
  auto flags = std::make_shared<Flags>();
  flags->command = std::move(command_line);
  CLI::App* const sub = add_command(
      app, "sweep", "Compare at every point of a space of settings; resumable, in parallel.",
      "sweep -c SWEEP -o DIR [FILE...] [--jobs N] [--json FILE] [OPTIONS]");
  sub->add_option("-c,--config", flags->config,
                  "TOML file: settings as for compare, and [axes] with lists of values")
      ->required()
      ->type_name("FILE");
  sub->add_option("FILE", flags->files, "Page files, instead of compare.files of SWEEP")
      ->type_name("");
  sub->add_option("-o,--output", flags->folder,
                  "Folder for finished points, results.json and report.html; a sweep that was\n"
                  "interrupted goes on in it")
      ->type_name("DIR");
  sub->add_option("-j,--jobs", flags->jobs, "Processes at a time")
      ->capture_default_str()
      ->type_name("N");
  sub->add_option("--costs", flags->costs,
                  "CPU cost table: read if it is there, else measured and saved; without it DIR\n"
                  "keeps its own")
      ->type_name("FILE");
  sub->add_option("--json", flags->json, "Write the results as JSON here, too (-: to stdout)")
      ->type_name("FILE");
  sub->add_flag("--no-report", flags->no_report,
                "Draw no report.html; an older one in DIR is removed, as it shows other results");
  sub->add_flag("--list", flags->list, "Only print the points");
  sub->footer(
      "Every point is a compare in a process of its own. A point that is finished is kept in DIR\n"
      "and never run again unless its settings, pages or CPU costs change, or the program does.\n"
      "A sweep that is killed loses only the points that were running.\n\n" +
      examples({"pagepress sweep -c docs/examples/sweep.toml redis.pages -o out",
                "pagepress sweep -c sweep.toml --list | wc -l",
                "pagepress sweep -c sweep.toml -o out --json - | jq '.points[].axes'"}));
  sub->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace pagepress::app
