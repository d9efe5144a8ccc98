// SPDX-License-Identifier: Apache-2.0
// pagepress reclaim: memory pressure under kswapd alone, kcompressd, threads and an engine.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "apps/pagepress/cli.hpp"
#include "apps/pagepress/progress.hpp"
#include "apps/pagepress/report/report.hpp"
#include "apps/pagepress/report/result_folder.hpp"
#include "sim/experiment/reclaim.hpp"
#include "sim/pagefile/page_file.hpp"
#include "sim/reclaim/policy/policy.hpp"
#include "sim/reclaim/scenario/load.hpp"

namespace pagepress::app {
namespace {

using nlohmann::json;

struct Flags {
  sim::ReclaimConfig config;
  std::string scenario;
  std::vector<std::string> files;
  std::vector<std::string> policies;
  std::vector<std::string> overrides;
  std::string recording;
  std::string faults;
  std::string folder;
  std::string json;
  bool no_report = false;
  bool no_grid = false;
  bool no_trace = false;
  bool list = false;
  bool list_policies = false;
};

// Of a number, or "-" for null.
std::string number(const json& value, double scale, const char* format) {
  return value.is_number() ? fmt::format(fmt::runtime(format), value.get<double>() / scale) : "-";
}

constexpr double kNsPerMs = 1e6;
constexpr double kNsPerUs = 1e3;

std::string to_text(const json& results) {
  std::string text =
      fmt::format("simulated, {}\n{:<40}{:>13}{:>9}{:>9}{:>11}{:>11}{:>12}{:>12}  {}\n",
                  results.at("scenario").at("name").get<std::string>(), "policy", "pgsteal_anon",
                  "/s", "stalls", "p50 ms", "p99 ms", "fault us", "uJ/page", "busiest");
  for (const json& run : results.at("runs")) {
    const json& stalls = run.at("stalls");
    const json& binds = run.at("binds");
    text += fmt::format("{:<40}{:>13}{:>9}{:>9}{:>11}{:>11}{:>12}{:>12}  {} {}\n",
                        run.at("policy").get<std::string>(),
                        with_commas(run.at("vmstat").at("pgsteal_anon").get<std::uint64_t>()),
                        number(run.at("rates").at("pgsteal_anon_per_s"), 1, "{:.0f}"),
                        with_commas(stalls.at("stalled").get<std::uint64_t>()),
                        number(stalls.at("p50_ns"), kNsPerMs, "{:.3f}"),
                        number(stalls.at("p99_ns"), kNsPerMs, "{:.3f}"),
                        number(run.at("faults").at("mean_ns"), kNsPerUs, "{:.1f}"),
                        number(run.at("energy").at("uj_per_page_reclaimed"), 1, "{:.2f}"),
                        binds.at("resource").get<std::string>(),
                        binds.at("share").is_number()
                            ? fmt::format("{:.0f} %", 100 * binds.at("share").get<double>())
                            : "");
  }
  return text;
}

// Of a recording that is not played to its end; else nothing.
std::string describe_cut(const json& results) {
  const json& workload = results.at("runs").front().at("workload");
  if (!workload.contains("recording")) return {};
  const json& played = workload.at("recording");
  const json& all = played.at("recorded").at("intervals");
  if (played.at("intervals") == all) return {};
  return fmt::format(
      "recording: {} of {} intervals were played (workload.seconds, workload.recording_speed)\n",
      played.at("intervals").get<std::uint64_t>(), all.get<std::uint64_t>());
}

sim::ReclaimOutcome run_with_progress(const sim::ReclaimConfig& config) {
  Progress line;
  return sim::run_reclaim(config, [&](const sim::ReclaimProgress& progress) {
    const bool simulating = progress.what == "simulating";
    line.show(progress.what, progress.done, progress.total, progress.per_s,
              simulating ? "runs" : "pages");
  });
}

void take_flags(Flags& flags) {
  sim::ReclaimConfig& config = flags.config;
  config.scenario = reclaim::load_scenario(flags.scenario);
  for (const std::string& text : flags.overrides) reclaim::apply_override(config.scenario, text);
  if (!flags.policies.empty()) config.scenario.policies = flags.policies;
  if (!flags.recording.empty()) config.scenario.workload.recording = flags.recording;
  if (!flags.faults.empty()) config.scenario.faults = flags.faults;
  config.files.assign(flags.files.begin(), flags.files.end());
  config.grid = !flags.no_grid;
}

int list_scenarios() {
  std::string text;
  for (const reclaim::ScenarioName& scenario : reclaim::scenario_names()) {
    text += fmt::format("{:<18}{}\n", scenario.name, scenario.summary);
  }
  print(text);
  return kExitOk;
}

int list_policies() {
  std::string text;
  for (const std::string& line : reclaim::describe_policies()) text += line + '\n';
  print(text);
  return kExitOk;
}

int run(Flags& flags) {
  if (flags.list) return list_scenarios();
  if (flags.list_policies) return list_policies();
  if (flags.scenario.empty()) throw UsageError("reclaim needs -c SCENARIO (--list names them)");
  if (flags.files.empty()) throw UsageError("reclaim needs a page file");
  if (flags.folder.empty() && flags.json.empty()) {
    throw UsageError("reclaim needs -o DIR, --json FILE or both");
  }
  take_flags(flags);
  sim::ReclaimConfig& config = flags.config;
  sim::check(config);
  const bool report = !flags.folder.empty() && !flags.no_report;
  if (report) check_report_package();
  for (const auto& file : config.files) {  // before a folder is made for them
    const sim::PageFile opened(file);
  }
  JsonOutput json_output(flags.json);
  std::optional<ResultFolder> folder;
  if (!flags.folder.empty()) {
    folder.emplace(flags.folder);
    if (!flags.no_trace) config.trace_dir = flags.folder;
  }

  const sim::ReclaimOutcome outcome = run_with_progress(config);
  const json& results = outcome.results;
  const std::string text = json_text(results);
  if (folder) folder->write_results(text);
  for (const auto& timeline : outcome.timelines) timeline->commit();
  json_output.write(text);
  std::string summary = to_text(results) + describe_cut(results);
  if (folder) summary += fmt::format("results: {}\n", folder->results_path().string());
  if (report) {
    folder->draw_report();
    summary += fmt::format("report: {}\n", folder->report_path().string());
  }
  if (!json_output.to_stdout()) print(summary);
  return kExitOk;
}

}  // namespace

void add_reclaim_command(CLI::App& app, Action& chosen, std::vector<std::string> command_line) {
  auto flags = std::make_shared<Flags>();
  flags->config.command = std::move(command_line);
  flags->config.jobs = std::max(1u, std::thread::hardware_concurrency());
  CLI::App* const sub = add_command(
      app, "reclaim",
      "Simulate memory pressure: kswapd alone, kcompressd, threads and an engine side by side.",
      "reclaim FILE... -c SCENARIO [-o DIR] [--json FILE] [--policy POLICY]... [OPTIONS]");
  sub->add_option("FILE", flags->files, "Page files: what simulated pages contain")->type_name("");
  sub->add_option("-c,--config", flags->scenario,
                  "Scenario: one that --list names, or a TOML file (docs/reclaim/scenarios.md)")
      ->type_name("SCENARIO");
  sub->add_flag("--list", flags->list, "Only print the scenarios that there are");
  sub->add_flag("--list-policies", flags->list_policies,
                "Only print the policies with their keys, and what a key may be");
  sub->add_option("--policy", flags->policies,
                  "Who compresses, instead of the scenario's; the first is what others are\n"
                  "compared with: kswapd, kcompressd, threads, batch, engine, with options:\n"
                  "engine@wait=interrupt,batch=8 (docs/reclaim/policies.md)")
      ->type_name("POLICY");
  sub->add_option("--set", flags->overrides, "A setting of the scenario: memory.swappiness=100")
      ->type_name("KEY=VALUE");
  sub->add_option("--recording", flags->recording,
                  "Replay this recording ('pagepress record') beside the scenario's programs")
      ->type_name("FILE");
  sub->add_option("--faults", flags->faults,
                  "Plan of what goes wrong with engines (docs/faults.md)")
      ->type_name("FILE");
  sub->add_option("--costs", flags->config.costs,
                  "CPU cost table: read if it is there, else measured and saved")
      ->type_name("FILE");
  sub->add_option("-o,--output", flags->folder,
                  "Folder for results.json, report.html and a *.trace.json of each policy")
      ->type_name("DIR");
  sub->add_option("--json", flags->json, "Write the results as JSON here, too (-: to stdout)")
      ->type_name("FILE");
  sub->add_option("-j,--jobs", flags->config.jobs, "Processes at a time")
      ->capture_default_str()
      ->type_name("N");
  sub->add_option("--trace-from", flags->config.trace_from_s,
                  "Simulated second at which the timelines begin")
      ->capture_default_str()
      ->type_name("S");
  sub->add_option("--trace-seconds", flags->config.trace_s, "How long they are")
      ->capture_default_str()
      ->type_name("S");
  sub->add_flag("--no-trace", flags->no_trace, "Write no timelines");
  sub->add_flag("--no-grid", flags->no_grid, "Leave out the grid of other machines");
  sub->add_flag("--no-report", flags->no_report,
                "Draw no report.html; an older one in DIR is removed, as it shows other results");
  sub->footer(
      "Every policy runs the same workload on the same simulated machine, in a process of its "
      "own.\n"
      "Pages have the contents of the page files; what is read back is decoded and compared. CPU\n"
      "times of codecs are measured on this machine unless --costs names a saved table, and "
      "scaled\n"
      "to the scenario's cores. The engine is the real driver on the fast device model. Timelines\n"
      "open in https://ui.perfetto.dev.\n\n" +
      fmt::format("Policies, NAME[@KEY=VALUE,...], and values of their keys:\n  {}\n\n",
                  fmt::join(reclaim::describe_policies(), "\n  ")) +
      examples({"pagepress reclaim redis.pages -c handheld -o out",
                "pagepress reclaim redis.pages -c server --policy kswapd --policy engine -o out",
                "pagepress reclaim redis.pages -c handheld --set cpu.placement=slowest -o out",
                "pagepress reclaim redis.pages -c tiny --json - | jq '.runs[].rates'"}));
  sub->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace pagepress::app
