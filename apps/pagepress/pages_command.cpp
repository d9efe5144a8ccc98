// SPDX-License-Identifier: Apache-2.0
// pagepress pages: what is in page files.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "apps/pagepress/cli.hpp"
#include "apps/pagepress/pages/page_statistics.hpp"
#include "apps/pagepress/progress.hpp"
#include "sim/pagefile/page_file.hpp"

namespace pagepress::app {
namespace {

using nlohmann::ordered_json;
using sim::kPageBytes;

struct Flags {
  std::vector<std::string> files;
  std::string json;
};

ordered_json to_json(const PageStatistics& statistics) {
  ordered_json codecs = ordered_json::array();
  for (const Compressor compressor : kCompressors) {
    const SizeStatistics& sizes = statistics.of(compressor);
    const auto ratio = statistics.ratio(compressor);
    codecs.push_back(
        {{"name", to_string(compressor)},
         {"bytes_out", sizes.bytes_out},
         {"ratio", ratio ? ordered_json(*ratio) : ordered_json()},
         {"incompressible_pages", sizes.incompressible_pages},
         {"size_bytes",
          {{"p10", sizes.quantile(0.1)},
           {"p50", sizes.quantile(0.5)},
           {"p90", sizes.quantile(0.9)}}},
         {"size_histogram", {{"bin_bytes", kSizeBinBytes}, {"counts", sizes.histogram}}}});
  }
  return {{"pages", statistics.pages},
          {"bytes_in", statistics.pages * kPageBytes},
          {"zero_pages", statistics.zero_pages},
          {"same_filled_pages", statistics.same_filled_pages},
          {"codecs", std::move(codecs)}};
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

double mib(std::uint64_t bytes) { return static_cast<double>(bytes) / (1024.0 * 1024.0); }

// A line with one cell a compressor.
template <typename Cell>
std::string row(const std::string& label, Cell cell) {
  std::string line = fmt::format("  {:<22}", label);
  for (const Compressor compressor : kCompressors) {
    line += fmt::format("{:>24}", cell(compressor));
  }
  return line + "\n";
}

// The pages that take [first, last] bytes, as a share of those that are compressed.
std::string share(const SizeStatistics& sizes, std::uint64_t compressed, std::size_t first,
                  std::size_t last) {
  std::uint64_t pages = 0;
  for (std::size_t size = first; size <= last; ++size) {
    pages += sizes.pages_of_size[size];
  }
  const double part = percent(pages, compressed);
  const auto marks = static_cast<std::size_t>(std::lround(part / 10.0));
  return fmt::format("{:<10} {:>5.1f} %", std::string(marks, '#'), part);
}

std::string to_text(const std::string& name, const PageStatistics& statistics) {
  const std::uint64_t compressed = statistics.pages - statistics.same_filled_pages;
  std::string text = fmt::format("{}: {} pages, {:.1f} MiB\n", name, with_commas(statistics.pages),
                                 mib(statistics.pages * kPageBytes));
  const auto kind = [&](const char* label, std::uint64_t pages) {
    text += fmt::format("  {:<22}{:>12}{:>10.1f} %\n", label, with_commas(pages),
                        percent(pages, statistics.pages));
  };
  kind("zero", statistics.zero_pages);
  kind("same-filled, not zero", statistics.same_filled_pages - statistics.zero_pages);
  kind("to be compressed", compressed);
  text += row("", [](Compressor compressor) { return std::string(to_string(compressor)); });
  text += row("stored", [&](Compressor compressor) {
    return fmt::format("{:.2f} MiB", mib(statistics.of(compressor).bytes_out));
  });
  text += row("ratio", [&](Compressor compressor) {
    const auto ratio = statistics.ratio(compressor);
    return ratio ? fmt::format("{:.3f}", *ratio) : std::string("-");
  });
  text += row("median size", [&](Compressor compressor) {
    return fmt::format("{} B", statistics.of(compressor).quantile(0.5));
  });
  text += row("10 % / 90 % below", [&](Compressor compressor) {
    const SizeStatistics& sizes = statistics.of(compressor);
    return fmt::format("{} / {} B", sizes.quantile(0.1), sizes.quantile(0.9));
  });
  constexpr std::size_t kStep = 512;
  for (std::size_t first = 1; first <= PP_LIMIT_DEFAULT; first += kStep) {
    const std::size_t last = std::min<std::size_t>(first + kStep - 1, PP_LIMIT_DEFAULT);
    text += row(fmt::format("{:>4} to {:>4} B", first, last), [&](Compressor compressor) {
      return share(statistics.of(compressor), compressed, first, last);
    });
  }
  return text + row("incompressible, whole", [&](Compressor compressor) {
           return share(statistics.of(compressor), compressed, kPageBytes, kPageBytes);
         });
}

int run(const Flags& flags) {
  JsonOutput json(flags.json);
  std::vector<sim::PageFile> files;  // all of them, before the first is examined
  for (const std::string& name : flags.files) {
    files.emplace_back(name);
  }
  PageStatistics total;
  ordered_json per_file = ordered_json::array();
  std::string text;
  for (const sim::PageFile& file : files) {
    Progress progress(file.path().string());
    const PageStatistics statistics =
        examine(file, [&](std::uint64_t done) { progress.update(done, file.page_count()); });
    total.add(statistics);
    ordered_json entry = {{"path", file.path().string()}};
    entry.update(to_json(statistics));
    per_file.push_back(std::move(entry));
    text += to_text(file.path().string(), statistics) + "\n";
  }
  if (files.size() > 1) {
    text += to_text(fmt::format("all {} files", files.size()), total) + "\n";
  }
  text.pop_back();  // the empty line after the last table
  if (!json.to_stdout()) {
    print(text);
  }
  json.write(json_text(ordered_json{{"schema", "pagepress.pages/1"},
                                    {"limit_bytes", PP_LIMIT_DEFAULT},
                                    {"total", to_json(total)},
                                    {"files", std::move(per_file)}}));
  return kExitOk;
}

}  // namespace

void add_pages_command(CLI::App& app, Action& chosen) {
  auto flags = std::make_shared<Flags>();
  CLI::App* const sub =
      add_command(app, "pages", "Show what is in page files: kinds of pages, sizes, ratios.",
                  "pages FILE... [OPTIONS]");
  sub->add_option("FILE", flags->files, "Page files: raw 4 KiB pages, or a block device")
      ->required()
      ->type_name("");
  sub->add_option("--json", flags->json, "Write the results as JSON, too (-: to standard output)")
      ->type_name("FILE");
  sub->footer(
      "A same-filled page repeats one 8-byte word and stores nothing. A page that takes more\n"
      "than 3,625 bytes is incompressible and stored whole, as zsmalloc does it.\n\n" +
      examples({"pagepress pages redis.pages",
                "pagepress pages --json - *.pages | jq .total.codecs",
                "dd if=/dev/zram0 of=zram.pages bs=4096 && pagepress pages zram.pages"}));
  sub->callback([flags, &chosen] { chosen = [flags] { return run(*flags); }; });
}

}  // namespace pagepress::app
