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
#include "apps/pagepress/progress.hpp"
#include "apps/pagepress/report/report.hpp"
#include "apps/pagepress/report/result_folder.hpp"
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

// A row of one operation's figures, of a back end or (null) the heading.
std::string row(const std::string& name, const std::string& pages, const std::string& ratio,
                const json* pass, bool real_time = false) {
  if (pass == nullptr) {
    return fmt::format("{:<22}{:>9}{:>8}{:>11}{:>12}{:>12}{:>13}{:>13}{:>10}\n", name, pages, ratio,
                       real_time ? "GB/s" : "GB/s (sim)", "p50 ns", "p99 ns", "CPU ns/page",
                       "cycles/page", "B/cycle");
  }
  const json& latency = pass->at("latency_ns");
  const json& cycles = pass->at("engine_cycles_per_page");
  return fmt::format("{:<22}{:>9}{:>8}{:>11}{:>12}{:>12}{:>13}{:>13}{:>10}\n", name, pages, ratio,
                     number(pass->at("sim_gb_per_s"), "{:.3f}"),
                     number(latency.at("p50"), "{:.0f}"), number(latency.at("p99"), "{:.0f}"),
                     number(pass->at("cpu_ns_per_page"), "{:.0f}"),
                     cycles.is_null() ? "-" : number(cycles.at("mean"), "{:.1f}"),
                     number(pass->at("bytes_per_cycle"), "{:.2f}"));
}

std::string to_text(const json& results) {
  const auto name = [](const json& backend) { return backend.at("name").get<std::string>(); };
  const auto count = [](const json& value) { return with_commas(value.get<std::uint64_t>()); };
  const bool real_time = results.at("time") == "real";
  std::string text = row("compress", "pages", "ratio", nullptr, real_time);
  for (const json& backend : results.at("backends")) {
    text += row(name(backend), count(backend.at("pages")), number(backend.at("ratio"), "{:.3f}"),
                &backend.at("compress"));
  }
  text += row("decompress", "pages", "", nullptr, real_time);
  for (const json& backend : results.at("backends")) {
    const json& pass = backend.at("decompress");
    text += row(name(backend), count(pass.at("pages")), "", &pass);
  }
  for (const json& backend : results.at("backends")) {
    const json& back = backend.at("decompress");
    const json& host = backend.at("host");
    text += fmt::format(
        "{}: {} of {} pages verified, {} mismatches, and {} of {} decompressed, {} mismatches; "
        "{:.1f} s, {:.0f} pages/s\n",
        name(backend), count(backend.at("verified")), count(backend.at("pages")),
        count(backend.at("mismatches")), count(back.at("verified")), count(back.at("pages")),
        count(back.at("mismatches")),
        host.at("wall_s").get<double>() + host.at("decompress_wall_s").get<double>(),
        host.at("pages_per_s").get<double>());
  }
  if (real_time) text += "measured in real time on this machine: another run gives other figures\n";
  return text;
}

std::string describe(sim::Progress::Phase phase) {
  switch (phase) {
    case sim::Progress::Phase::kMeasure:
      return ", measuring costs";
    case sim::Progress::Phase::kDecompress:
      return ", decompressing";
    default:
      return "";
  }
}

json run_with_progress(const sim::CompareConfig& config) {
  Progress line;
  return sim::run_compare(config, [&](const sim::Progress& progress) {
    line.show(progress.backend + describe(progress.phase), progress.done, progress.total,
              progress.pages_per_s);
  });
}

// What can be wrong with the settings, before anything is opened.
void check_settings(const sim::CompareConfig& config) {
  if (config.files.empty()) {
    throw UsageError("compare needs a page file");
  }
  sim::check(config);
  try {
    sim::check_backends(config);
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
      app, "compare",
      "Compress and decompress pages with several back ends, verify and compare them.",
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
      "simulated timelines; what comes back is decoded by its library and compared. What was "
      "stored\n"
      "compressed then goes back the same way and is compared with its page. CPU times are\n"
      "measured on this machine unless --costs names a saved table. With --time real all of it\n"
      "runs on threads of this machine and is measured; that is for back ends of the CPU, and "
      "with\n"
      "--bus for an engine outside of it (of 'pagepress emulate', or on PCI).\n\n" +
      fmt::format("Back ends:\n  {}\n\n", fmt::join(sim::describe_backends(), "\n  ")) +
      examples({"pagepress compare redis.pages -o out",
                "pagepress compare redis.pages --backend cpu:lz4 --backend engine:rtl -o out",
                "pagepress compare redis.pages --backend cpu:zstd@level=3 --backend cpu:lzo -o out",
                "pagepress compare redis.pages --time real --workers 2 --backend cpu:lzo -o out",
                "pagepress compare redis.pages --queue rfc --policy drain-oldest -o out",
                "pagepress compare redis.pages --bus vfio-user:/tmp/pagepress.sock -o out",
                "pagepress compare redis.pages --bus vfio:0000:00:01.0 -o out",
                "pagepress compare redis.pages --backend engine:fast --faults plan.toml -o out",
                "pagepress compare redis.pages --clock-mhz 800 --link-upstream-latency-ns 300 "
                "--json - | jq .backends[].ratio"}));
  sub->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace pagepress::app
