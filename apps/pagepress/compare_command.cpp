// SPDX-License-Identifier: Apache-2.0
// pagepress compare: back ends side by side on the same pages, every page verified.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/pagepress/cli.hpp"
#include "apps/pagepress/compare/compare_flags.hpp"
#include "apps/pagepress/compare/report.hpp"
#include "apps/pagepress/compare/result_folder.hpp"
#include "apps/pagepress/progress.hpp"
#include "sim/experiment/compare.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {
namespace {

using nlohmann::json;

struct Flags {
  std::shared_ptr<sim::CompareConfig> config = std::make_shared<sim::CompareConfig>();
  std::string folder;
  std::string json;
  bool no_report = false;
};

// A number, or "-" for null.
std::string number(const json& value, const char* format) {
  return value.is_number() ? fmt::format(fmt::runtime(format), value.get<double>()) : "-";
}

std::string to_text(const json& results) {
  std::string text =
      fmt::format("{:<14}{:>9}{:>8}{:>11}{:>12}{:>12}{:>13}{:>13}{:>10}\n", "", "pages", "ratio",
                  "GB/s (sim)", "p50 ns", "p99 ns", "CPU ns/page", "cycles/page", "B/cycle");
  for (const json& backend : results.at("backends")) {
    const json& compress = backend.at("compress");
    const json& latency = compress.at("latency_ns");
    const json& cycles = compress.at("engine_cycles_per_page");
    text += fmt::format("{:<14}{:>9}{:>8}{:>11}{:>12}{:>12}{:>13}{:>13}{:>10}\n",
                        backend.at("name").get<std::string>(),
                        with_commas(backend.at("pages").get<std::uint64_t>()),
                        number(backend.at("ratio"), "{:.3f}"),
                        number(compress.at("sim_gb_per_s"), "{:.3f}"),
                        number(latency.at("p50"), "{:.0f}"), number(latency.at("p99"), "{:.0f}"),
                        number(compress.at("cpu_ns_per_page"), "{:.0f}"),
                        cycles.is_null() ? "-" : number(cycles.at("mean"), "{:.1f}"),
                        number(compress.at("bytes_per_cycle"), "{:.2f}"));
  }
  for (const json& backend : results.at("backends")) {
    text += fmt::format("{}: {} of {} pages verified, {} mismatches; {:.1f} s, {:.0f} pages/s\n",
                        backend.at("name").get<std::string>(),
                        with_commas(backend.at("verified").get<std::uint64_t>()),
                        with_commas(backend.at("pages").get<std::uint64_t>()),
                        with_commas(backend.at("mismatches").get<std::uint64_t>()),
                        backend.at("host").at("wall_s").get<double>(),
                        backend.at("host").at("pages_per_s").get<double>());
  }
  return text;
}

json run_with_progress(const sim::CompareConfig& config) {
  Progress line;
  return sim::run_compare(config, [&](const sim::Progress& progress) {
    const bool measuring = progress.phase == sim::Progress::Phase::kMeasure;
    line.show(progress.backend + (measuring ? ", measuring costs" : ""), progress.done,
              progress.total, progress.pages_per_s);
  });
}

// What can be wrong with the settings, before anything is opened.
void check_settings(const sim::CompareConfig& config) {
  if (config.files.empty()) {
    throw UsageError("compare needs a page file");
  }
  sim::check(config);
  try {
    for (const std::string& name : config.backends) {
      sim::check_backend(name);
    }
  } catch (const sim::CompareError& error) {
    throw UsageError(error.what());
  }
}

int run(const Flags& flags) {
  if (flags.folder.empty() && flags.json.empty()) {
    throw UsageError("compare needs -o DIR, --json FILE or both");
  }
  check_settings(*flags.config);
  const bool report = !flags.folder.empty() && !flags.no_report;
  if (report) {
    check_report_package();
  }
  for (const auto& file : flags.config->files) {  // before a folder is made for them
    const sim::PageFile opened(file);
  }
  JsonOutput json_output(flags.json);
  std::optional<ResultFolder> folder;
  if (!flags.folder.empty()) {
    folder.emplace(flags.folder);
  }

  const json results = run_with_progress(*flags.config);
  const std::string text = json_text(results);
  if (folder) {
    folder->write_results(text);
  }
  json_output.write(text);
  std::string summary = to_text(results);
  if (folder) {
    summary += fmt::format("results: {}\n", folder->results_path().string());
  }
  if (report) {
    folder->draw_report();
    summary += fmt::format("report: {}\n", folder->report_path().string());
  }
  if (!json_output.to_stdout()) {
    print(summary);
  }
  if (const std::uint64_t mismatches = sim::count_mismatches(results); mismatches > 0) {
    complain(fmt::format("{} pages did not decode to what they were", with_commas(mismatches)));
    return kExitMismatch;
  }
  return kExitOk;
}

}  // namespace

void add_compare_command(CLI::App& app, Action& chosen, std::vector<std::string> command_line) {
  auto flags = std::make_shared<Flags>();
  flags->config->command = std::move(command_line);
  CLI::App* const sub = add_command(
      app, "compare", "Compress pages with several back ends, verify and compare them.",
      "compare FILE... [-o DIR] [--json FILE] [--backend NAME]... [-c CONFIG] [OPTIONS]");
  add_compare_flags(*sub, flags->config);
  sub->add_option("-o,--output", flags->folder,
                  "Folder for results.json and report.html; made if it is missing")
      ->type_name("DIR");
  sub->add_option("--json", flags->json, "Write the results as JSON here, too (-: to stdout)")
      ->type_name("FILE");
  sub->add_flag("--no-report", flags->no_report,
                "Draw no report.html; an older one in DIR is removed, as it shows other results");
  sub->footer(
      "Every page goes through a queue like kcompressd's to one back end after the other, on\n"
      "simulated timelines; what comes back is decoded by liblz4 and compared. CPU times are\n"
      "measured on this machine unless --costs names a saved table.\n\n" +
      examples({"pagepress compare redis.pages -o out",
                "pagepress compare redis.pages --backend cpu:lz4 --backend engine:rtl -o out",
                "pagepress compare redis.pages --clock-mhz 800 --link-upstream-latency-ns 300 "
                "--json - | jq .backends[].ratio"}));
  sub->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace pagepress::app
