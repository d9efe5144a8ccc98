// SPDX-License-Identifier: Apache-2.0
#include "bench/command/bench_main.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>

#include <fmt/format.h>

#include "sim/pagefile/output_file.hpp"

namespace pagepress::bench {

void add_json_option(CLI::App& app, std::string& path) {
  app.add_option("--json", path, "write the figures there, too; -: to standard output, instead");
}

void put_text(const std::string& path, const std::string& text) {
  if (path.empty()) return;
  if (path == "-") {
    std::fputs(text.c_str(), stdout);
  } else {
    sim::write_file(path, text);
  }
}

int bench_main(CLI::App& app, int argc, char** argv, const std::function<int()>& run) {
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return run();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: error: {}\n", std::filesystem::path(argv[0]).filename().string(),
               error.what());
    return 1;
  }
}

}  // namespace pagepress::bench
