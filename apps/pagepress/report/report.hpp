// SPDX-License-Identifier: Apache-2.0
// Draws a report by the Python package of report/, in a process of its own.
//
// The package is looked for in $PAGEPRESS_REPORT_DIR, in the source tree that
// this program was built from, and in ../share/pagepress/report beside it; the
// interpreter is $PAGEPRESS_PYTHON or Debian's, which has the libraries. It runs
// isolated (-I): PYTHONPATH, user packages and the current folder do not count.
#pragma once

#include <filesystem>
#include <stdexcept>

namespace pagepress::app {

class ReportError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws ReportError if the package is not found: to be asked before any work.
void check_report_package();

// `report` appears whole or not at all; an older one is removed. Throws ReportError; what the
// package has to say is on standard error.
void draw_report(const std::filesystem::path& results, const std::filesystem::path& report);

}  // namespace pagepress::app
