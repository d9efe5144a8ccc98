// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/report/result_folder.hpp"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "apps/pagepress/report/report.hpp"
#include "sim/pagefile/file_error.hpp"
#include "sim/pagefile/pending_outputs.hpp"

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

// Removes `folder` and its parents up to `last` if they are there and empty.
void remove_empty(std::filesystem::path folder, const std::filesystem::path& last) {
  ::rmdir(folder.c_str());
  while (folder != last) {
    folder = folder.parent_path();
    ::rmdir(folder.c_str());
  }
}

}  // namespace

ResultFolder::ResultFolder(const std::filesystem::path& folder)
    // Absolute and without "..": the destructor goes up it.
    : folder_(std::filesystem::absolute(folder).lexically_normal()) {
  if (!folder_.has_filename()) {
    folder_ = folder_.parent_path();  // "DIR/" names the same folder as "DIR"
  }
  first_made_ = topmost_missing(folder_);
  if (!first_made_.empty()) {
    pending_ = sim::publish_pending_folder(folder_, first_made_);
  }
  try {
    std::error_code error;
    std::filesystem::create_directories(folder_, error);
    if (error) {
      throw sim::FileError(folder, "cannot make the output folder", error.value());
    }
    if (std::filesystem::is_directory(report_path(), error)) {
      throw sim::FileError(report_path(), "cannot replace the file: it is a directory");
    }
    results_.emplace(results_path());
  } catch (...) {
    remove_folders();
    throw;
  }
}

ResultFolder::~ResultFolder() {
  if (results_) {
    results_.reset();
    remove_folders();
  }
}

void ResultFolder::remove_folders() noexcept {
  if (!first_made_.empty()) {
    remove_empty(folder_, first_made_);
  }
  sim::retract_pending(std::exchange(pending_, -1));
}

void ResultFolder::write_results(std::string_view json) {
  results_->write(json);
  results_->finish();
  // From here on little can fail. An older report does not show these results.
  if (::unlink(report_path().c_str()) != 0 && errno != ENOENT) {
    throw sim::FileError(report_path(), "cannot remove the older report", errno);
  }
  results_->commit();
  results_.reset();
  sim::retract_pending(std::exchange(pending_, -1));
}

void ResultFolder::draw_report() const { app::draw_report(results_path(), report_path()); }

}  // namespace pagepress::app
