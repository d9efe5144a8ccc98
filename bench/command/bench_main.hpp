// SPDX-License-Identifier: Apache-2.0
// What the benches' commands have in common: exit codes, errors, and where the figures go.
//
// Exit codes: 0; 1: an error, or what run() answers for figures that are missed; 2: wrong usage.
// Limitation: what goes to standard output besides the figures is the bench's own business.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace pagepress::bench {

// The option --json FILE; "-": standard output instead of text.
void add_json_option(CLI::App& app, std::string& path);

// To that file, to standard output for "-", nowhere without one. Throws std::system_error.
void put_text(const std::string& path, const std::string& text);
// The figures as JSON, likewise.
template <class Json>
void put_json(const std::string& path, const Json& figures) {
  put_text(path, figures.dump(2) + "\n");
}

// Parses the command line, then run()s; answers the exit code. Errors go to standard error behind
// the program's name.
[[nodiscard]] int bench_main(CLI::App& app, int argc, char** argv, const std::function<int()>& run);

}  // namespace pagepress::bench
