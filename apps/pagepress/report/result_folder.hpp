// SPDX-License-Identifier: Apache-2.0
// ResultFolder: where an experiment's results.json and report.html go.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

#include "sim/pagefile/output_file.hpp"

namespace pagepress::app {

class ResultFolder {
 public:
  // Makes the folder, and those above it, if they are missing. Throws FileError
  // if that or a file in it is not possible: before any work.
  explicit ResultFolder(const std::filesystem::path& folder);
  // Without results it removes the folders that it made; so does a signal that
  // ends the program.
  ~ResultFolder();
  ResultFolder(const ResultFolder&) = delete;
  ResultFolder& operator=(const ResultFolder&) = delete;

  // At most once. Removes a report.html that is there, as it shows older
  // results. Throws FileError; then results.json is as it was.
  void write_results(std::string_view json);
  // Draws report.html from results.json by the Python package. Throws
  // ReportError; then there is no report.
  void draw_report() const;

  [[nodiscard]] std::filesystem::path results_path() const { return folder_ / "results.json"; }
  [[nodiscard]] std::filesystem::path report_path() const { return folder_ / "report.html"; }

 private:
  void remove_folders() noexcept;

  std::filesystem::path folder_;
  std::filesystem::path first_made_;  // the topmost folder that was missing
  int pending_ = -1;                  // what a signal has to remove
  std::optional<sim::OutputFile> results_;
};

}  // namespace pagepress::app
