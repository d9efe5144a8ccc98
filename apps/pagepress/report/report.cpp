// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/report/report.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <system_error>
#include <vector>

namespace pagepress::app {
namespace {

std::string from_environment(const char* name, const std::string& otherwise) {
  const char* const value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : otherwise;
}

// The folder that holds the package pagepress_report.
std::filesystem::path find_package() {
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
  const std::vector<std::filesystem::path> places = {
      from_environment("PAGEPRESS_REPORT_DIR", PAGEPRESS_REPORT_DIR),
      program.parent_path().parent_path() / "share" / "pagepress" / "report"};
  for (const auto& place : places) {
    if (std::filesystem::exists(place / "pagepress_report" / "__main__.py", ignored)) {
      return place;
    }
  }
  throw ReportError(fmt::format(
      "the Python package pagepress_report is neither in {} nor in {} (PAGEPRESS_REPORT_DIR names "
      "its folder; --no-report goes without)",
      places[0].string(), places[1].string()));
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  pointers.reserve(strings.size() + 1);
  for (std::string& string : strings) {
    pointers.push_back(string.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

// Runs the package in the folder argv[1]. Python's own ways of naming a module
// would look for all of its imports in the caller's folder first.
constexpr const char* kRunPackage =
    "import runpy, sys\n"
    "sys.path.insert(0, sys.argv.pop(1))\n"
    "runpy.run_module('pagepress_report', run_name='__main__', alter_sys=True)\n";

// Runs a program whose standard output goes to standard error; its wait status.
int run_program(std::vector<std::string> arguments) {
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  sigset_t defaults;  // what this program ignores
  ::sigemptyset(&defaults);
  ::sigaddset(&defaults, SIGPIPE);
  ::sigaddset(&defaults, SIGXFSZ);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
  pid_t pid = -1;
  const int error_number = ::posix_spawn(&pid, arguments[0].c_str(), &files, &attributes,
                                         pointers_to(arguments).data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  if (error_number != 0) {
    throw ReportError(fmt::format("cannot start {}: {}", arguments[0],
                                  std::generic_category().message(error_number)));
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) {
      throw ReportError(fmt::format("cannot tell how {} ended: {}", arguments[0],
                                    std::generic_category().message(errno)));
    }
  }
  return status;
}

}  // namespace

void check_report_package() { find_package(); }

void draw_report(const std::filesystem::path& results, const std::filesystem::path& report) {
  std::error_code error;
  std::filesystem::remove(report, error);  // what is there afterwards is new
  if (error) {
    throw ReportError(fmt::format("{}: cannot be replaced: {}", report.string(), error.message()));
  }
  // -I: neither the caller's folder nor its Python settings are looked at. -B:
  // nothing is written beside the package, which may be read-only. Absolute
  // paths are no options.
  const int status =
      run_program({from_environment("PAGEPRESS_PYTHON", "/usr/bin/python3"), "-I", "-B", "-c",
                   kRunPackage, std::filesystem::absolute(find_package()).string(),
                   std::filesystem::absolute(results).string(), "-o",
                   std::filesystem::absolute(report).string()});
  if (WIFSIGNALED(status)) {
    throw ReportError(fmt::format("{}: the report program was ended by signal {} ({})",
                                  report.string(), WTERMSIG(status),
                                  ::strsignal(WTERMSIG(status))));
  }
  if (WEXITSTATUS(status) != 0) {
    throw ReportError(fmt::format("{}: the report could not be drawn (exit code {})",
                                  report.string(), WEXITSTATUS(status)));
  }
  if (!std::filesystem::is_regular_file(report, error)) {
    throw ReportError(
        fmt::format("{}: the report program ended well, but left no report", report.string()));
  }
}

}  // namespace pagepress::app
