// SPDX-License-Identifier: Apache-2.0
// bench_roofline [FILE...] [--json FILE] [--check]: throughput of the device behind its links
// against what it can reach at best, over queue depth and engines; docs/roofline.md says what the
// figures mean. Without page files, over synthetic pages.
//
// Exit code 0; 1: a point is below 95 % of its bound (--check), or an error; 2: wrong usage.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "bench/command/bench_main.hpp"
#include "bench/pages/page_set.hpp"
#include "bench/roofline/load.hpp"
#include "bench/roofline/report.hpp"
#include "bench/roofline/run.hpp"
#include "bench/roofline/synthetic.hpp"

namespace pagepress::bench {
namespace {

struct Flags {
  std::vector<std::string> files;
  std::string json;
  std::vector<std::string> links = {"soc", "pcie4x8", "pcie5x16", "cxl"};
  std::vector<unsigned> engines = {1, 2, 4, 8};
  std::vector<unsigned> depths = {1, 2, 4, 8, 16, 32, 64, 128, 256};
  std::vector<std::string> operations = {"compress", "decompress"};
  std::size_t pages = 1024;
  double clock_ghz = 1;
  model::fast::Geometry geometry;
  bool check = false;
};

// At most so many pages, evenly spaced over all files.
std::vector<sim::PageView> sample(const std::vector<PageSet>& corpus, std::size_t most) {
  std::vector<sim::PageView> all;
  for (const PageSet& file : corpus) all.insert(all.end(), file.pages.begin(), file.pages.end());
  if (all.empty()) throw std::runtime_error("nothing but same-filled pages");
  const std::size_t count = std::min(most, all.size());
  std::vector<sim::PageView> chosen;
  for (std::size_t i = 0; i < count; ++i) chosen.push_back(all[i * all.size() / count]);
  return chosen;
}

std::vector<sim::PageView> pages_of(const std::vector<std::uint8_t>& bytes) {
  std::vector<sim::PageView> pages;
  for (std::size_t at = 0; at < bytes.size(); at += sim::kPageBytes) {
    pages.emplace_back(bytes.data() + at, sim::kPageBytes);
  }
  return pages;
}

int run(const Flags& flags) {
  std::vector<PageSet> corpus;
  for (const std::string& file : flags.files) corpus.emplace_back(file);
  std::vector<std::uint8_t> synthetic;
  if (corpus.empty()) synthetic = synthetic_pages(flags.pages);
  const std::vector<sim::PageView> pages =
      corpus.empty() ? pages_of(synthetic) : sample(corpus, flags.pages);
  const Loads loads = loads_of(pages, flags.geometry.w);

  Sweep sweep{.links = flags.links,
              .engines = flags.engines,
              .depths = flags.depths,
              .loads = {},
              .geometry = flags.geometry,
              .clock_ghz = flags.clock_ghz};
  for (const Load* load : {&loads.compress, &loads.decompress}) {
    if (std::ranges::find(flags.operations, load->name) != flags.operations.end()) {
      sweep.loads.push_back(load);
    }
  }
  const std::vector<Point> points = run_sweep(sweep);

  const Setting setting{corpus, loads, flags.geometry, flags.clock_ghz};
  if (flags.json != "-") std::fputs(to_text(setting, points).c_str(), stdout);
  put_json(flags.json, to_json(setting, points));
  const std::string missed = misses(points);
  std::fputs(missed.c_str(), stderr);
  return flags.check && !missed.empty() ? 1 : 0;
}

}  // namespace
}  // namespace pagepress::bench

int main(int argc, char** argv) {
  pagepress::bench::Flags flags;
  pagepress::model::fast::Geometry& geometry = flags.geometry;
  CLI::App app{"Throughput of the device behind its links against what it can reach at best"};
  app.add_option("FILE", flags.files, "page files; none: synthetic pages");
  pagepress::bench::add_json_option(app, flags.json);
  app.add_option("--link", flags.links, "link presets")->delimiter(',');
  app.add_option("--engines", flags.engines, "numbers of engines")
      ->delimiter(',')
      ->check(CLI::Range(1, 10));
  app.add_option("--depth", flags.depths, "units in flight, all queues together")
      ->delimiter(',')
      ->check(CLI::Range(1, 2048));
  app.add_option("--op", flags.operations, "compress, decompress")
      ->delimiter(',')
      ->check(CLI::IsMember({"compress", "decompress"}));
  app.add_option("--pages", flags.pages, "pages a point, evenly spaced over the files")
      ->capture_default_str()
      ->check(CLI::Range(2, 1000000));
  app.add_option("--clock-ghz", flags.clock_ghz, "the device's clock")
      ->capture_default_str()
      ->check(CLI::Range(0.1, 4.0));
  app.add_option("--queues", geometry.queues, "queues, which share the depth")
      ->capture_default_str()
      ->check(CLI::Range(2, 64));
  app.add_option("--channel-units", geometry.channel_units, "CHANNEL_UNITS of pagepress_top")
      ->capture_default_str()
      ->check(CLI::Range(2, 64));
  app.add_option("--read-buffer", geometry.read_buffer, "READ_BUFFER")->capture_default_str();
  app.add_option("--sq-prefetch", geometry.sq_prefetch, "SQ_PREFETCH")->capture_default_str();
  app.add_option("--beat-bytes", geometry.beat_bytes, "AXI_DATA_W / 8")
      ->capture_default_str()
      ->check(CLI::IsMember({32, 64}));
  app.add_flag("--check", flags.check,
               "fail if a point on soc or pcie5x16 at depth 64 or more is below 95 % of its bound");
  return pagepress::bench::bench_main(app, argc, argv,
                                      [&flags] { return pagepress::bench::run(flags); });
}
