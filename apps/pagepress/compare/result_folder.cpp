// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/compare/result_folder.hpp"

#include <system_error>
#include <utility>

#include "apps/pagepress/compare/report.hpp"
#include "sim/pagefile/file_error.hpp"

namespace pagepress::app {
namespace {

// The topmost folder on the way to `folder` that is not there; empty if all are.
std::filesystem::path topmost_missing(std::filesystem::path folder) {
  std::filesystem::path missing;
  std::error_code ignored;
  while (!folder.empty() && !std::filesystem::exists(folder, ignored)) {
    missing = std::exchange(folder, folder.parent_path());
  }
  return missing;
}

// Removes `folder` and its parents up to `last`, as long as they are empty.
void remove_empty(std::filesystem::path folder, const std::filesystem::path& last) {
  std::error_code error;
  while (std::filesystem::remove(folder, error) && folder != last) {
    folder = folder.parent_path();
  }
}

}  // namespace

ResultFolder::ResultFolder(std::filesystem::path folder)
    // Absolute and without "..": the destructor goes up it.
    : folder_(std::filesystem::absolute(folder).lexically_normal()) {
  if (!folder_.has_filename()) {
    folder_ = folder_.parent_path();  // "DIR/" names the same folder as "DIR"
  }
  first_made_ = topmost_missing(folder_);
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) {
    throw sim::FileError(folder, "cannot make the output folder", error.value());
  }
  try {
    results_.emplace(results_path());
  } catch (...) {
    remove_empty(folder_, first_made_);
    throw;
  }
}

ResultFolder::~ResultFolder() {
  if (results_) {
    results_.reset();
    if (!first_made_.empty()) {
      remove_empty(folder_, first_made_);
    }
  }
}

void ResultFolder::write_results(std::string_view json) {
  results_->write(json);
  results_->commit();
  results_.reset();
}

void ResultFolder::draw_report() const {
  try {
    app::draw_report(results_path(), report_path());
  } catch (const ReportError&) {
    std::error_code ignored;
    std::filesystem::remove(report_path(), ignored);
    throw;
  }
}

}  // namespace pagepress::app
