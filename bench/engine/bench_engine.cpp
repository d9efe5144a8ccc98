// SPDX-License-Identifier: Apache-2.0
// bench_engine FILE... [--json FILE] [--check]: what the engine reaches over page files at each
// point of its design space, and the decoder; docs/engine-bench.md says what the figures mean.
//
// Exit code 0; 1: a figure is missed (--check), or an error; 2: wrong usage.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bench/command/bench_main.hpp"
#include "bench/engine/design_space.hpp"
#include "bench/engine/measure.hpp"
#include "bench/engine/report.hpp"
#include "bench/engine/rules.hpp"
#include "bench/engine/synthesis.hpp"

namespace pagepress::bench {
namespace {

struct Flags {
  std::vector<std::string> files;
  std::string json;
  std::string points = PP_DESIGN_SPACE;
  std::string synthesis = PP_ENGINE_JSON;
  std::vector<std::string> only;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  bool check = false;
};

// Runs tasks in threads; rethrows the first failure.
void run_all(std::vector<std::function<void()>> tasks, unsigned jobs) {
  std::atomic<std::size_t> next = 0;
  std::vector<std::exception_ptr> failed(tasks.size());
  std::vector<std::jthread> threads;
  for (unsigned n = 0; n < std::min<std::size_t>(jobs, tasks.size()); ++n) {
    threads.emplace_back([&] {
      for (std::size_t i = next++; i < tasks.size(); i = next++) {
        try {
          tasks[i]();
        } catch (...) {
          failed[i] = std::current_exception();
        }
      }
    });
  }
  threads.clear();
  for (const std::exception_ptr& error : failed) {
    if (error) std::rethrow_exception(error);
  }
}

std::vector<DesignPoint> chosen_points(const Flags& flags) {
  std::vector<DesignPoint> points = read_design_space(flags.points);
  for (const std::string& name : flags.only) {
    if (std::none_of(points.begin(), points.end(),
                     [&](const DesignPoint& point) { return point.name == name; })) {
      throw std::runtime_error(fmt::format("{} has no point {}", flags.points, name));
    }
  }
  // The default stays: the decoder's streams are its.
  const auto unwanted = [&](const DesignPoint& point) {
    return std::find(flags.only.begin(), flags.only.end(), point.name) == flags.only.end();
  };
  if (!flags.only.empty()) {
    points.erase(std::remove_if(points.begin() + 1, points.end(), unwanted), points.end());
  }
  return points;
}

int run(const Flags& flags) {
  const std::vector<DesignPoint> points = chosen_points(flags);
  std::vector<Pages> corpus;
  for (const std::string& file : flags.files) corpus.emplace_back(file);
  if (std::all_of(corpus.begin(), corpus.end(), [](const Pages& p) { return p.pages.empty(); })) {
    throw std::runtime_error("nothing but same-filled pages");
  }

  Figures figures;
  figures.points.resize(points.size());
  figures.decoder.resize(3);
  std::vector<std::function<void()>> tasks;
  for (std::size_t n = 0; n < points.size(); ++n) {
    tasks.emplace_back([&, n] { figures.points[n] = measure_point(points[n], corpus); });
  }
  for (const Streams streams : {Streams::kLz4Fast, Streams::kLz4Hc, Streams::kEngine}) {
    tasks.emplace_back([&, streams] {
      figures.decoder[static_cast<std::size_t>(streams)] =
          measure_decoder(streams, points.front(), corpus);
    });
  }
  run_all(std::move(tasks), flags.jobs);
  add_synthesis(flags.synthesis, figures);
  if (!figures.points.front().synthesis) {
    fmt::print(stderr, "{} has no figures of {}: cells and levels are missing\n", flags.synthesis,
               points.front().name);
  }

  const std::vector<Verdict> verdicts = flags.check ? judge(figures) : std::vector<Verdict>{};
  if (flags.json != "-") std::fputs(to_text(figures, corpus).c_str(), stdout);
  put_json(flags.json, to_json(figures, corpus, verdicts));
  std::fputs(to_text(verdicts).c_str(), stderr);
  return std::all_of(verdicts.begin(), verdicts.end(), [](const Verdict& v) { return v.good(); })
             ? 0
             : 1;
}

}  // namespace
}  // namespace pagepress::bench

int main(int argc, char** argv) {
  pagepress::bench::Flags flags;
  CLI::App app{"What the engine reaches over page files, at each point of its design space"};
  app.add_option("FILE", flags.files, "page files; those of one folder are a group")->required();
  pagepress::bench::add_json_option(app, flags.json);
  app.add_option("--points", flags.points, "the design space")->capture_default_str();
  app.add_option("--synthesis", flags.synthesis, "scripts/yosys_engine.py's figures")
      ->capture_default_str();
  app.add_option("--only", flags.only, "only this point and the default; may be given again");
  app.add_option("--jobs", flags.jobs, "threads")->capture_default_str()->check(CLI::Range(1, 64));
  app.add_flag("--check", flags.check, "fail if a figure is not what the engine must reach");
  return pagepress::bench::bench_main(app, argc, argv,
                                      [&flags] { return pagepress::bench::run(flags); });
}
