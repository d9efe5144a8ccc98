// SPDX-License-Identifier: Apache-2.0
#include "apps/pagepress/capture/process.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

namespace pagepress::app {
namespace {

constexpr unsigned long kPfKthread = 0x0020'0000;  // include/linux/sched.h

std::string read_proc_file(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The entries of a folder whose names are numbers, in order.
std::vector<pid_t> numbered_entries(const std::string& folder) {
  std::vector<pid_t> numbers;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    pid_t number = 0;
    const auto [end, problem] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (problem == std::errc{} && end == name.data() + name.size()) {
      numbers.push_back(number);
    }
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

// The number after "Key:" in /proc/PID/status; 0 if there is none.
pid_t status_number(std::string_view text, std::string_view key) {
  const std::size_t at = text.find(key);
  if (at == std::string_view::npos) {
    return 0;
  }
  std::istringstream rest(std::string(text.substr(at + key.size(), 32)));
  pid_t number = 0;
  rest >> number;
  return number;
}

}  // namespace

std::optional<ProcessStatus> parse_stat(std::string_view line) {
  const std::size_t open = line.find('(');
  const std::size_t close = line.rfind(')');
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
    return std::nullopt;
  }
  ProcessStatus status;
  status.name = line.substr(open + 1, close - open - 1);
  std::istringstream head{std::string(line.substr(0, open))};
  std::istringstream tail{std::string(line.substr(close + 1))};
  pid_t group = 0;
  pid_t session = 0;
  int terminal = 0;
  pid_t foreground = 0;
  unsigned long flags = 0;
  head >> status.pid;
  tail >> status.state >> status.parent >> group >> session >> terminal >> foreground >> flags;
  if (!head || !tail) {
    return std::nullopt;
  }
  status.kernel_thread = (flags & kPfKthread) != 0;
  status.live_thread = status.state == 'Z' || status.state == 'X' ? 0 : status.pid;
  return status;
}

std::optional<ProcessStatus> read_process_status(pid_t pid) {
  auto status = parse_stat(read_proc_file(fmt::format("/proc/{}/stat", pid)));
  if (status) {
    status->tracer =
        status_number(read_proc_file(fmt::format("/proc/{}/status", pid)), "TracerPid:");
    if (status->dead()) {
      for (const pid_t thread : threads_of(pid)) {
        if (!thread_has_ended(pid, thread)) {
          status->live_thread = thread;
          break;
        }
      }
    }
  }
  return status;
}

std::vector<pid_t> descendants_of(pid_t root) {
  std::multimap<pid_t, pid_t> children;
  for (const pid_t pid : numbered_entries("/proc")) {
    if (const auto status = parse_stat(read_proc_file(fmt::format("/proc/{}/stat", pid)))) {
      children.emplace(status->parent, pid);
    }
  }
  std::vector<pid_t> found;
  std::vector<pid_t> to_visit = {root};
  while (!to_visit.empty()) {
    const auto [first, last] = children.equal_range(to_visit.back());
    to_visit.pop_back();
    for (auto child = first; child != last; ++child) {
      found.push_back(child->second);
      to_visit.push_back(child->second);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<pid_t> threads_of(pid_t pid) {
  return numbered_entries(fmt::format("/proc/{}/task", pid));
}

bool thread_has_ended(pid_t pid, pid_t thread) {
  const auto status = parse_stat(read_proc_file(fmt::format("/proc/{}/task/{}/stat", pid, thread)));
  return !status || status->dead();
}

std::string memory_folder(pid_t pid) {
  const auto status = read_process_status(pid);
  return status && !status->dead() ? fmt::format("/proc/{}/task/{}", pid, status->live_thread)
                                   : fmt::format("/proc/{}", pid);
}

std::uint64_t resident_set_pages(pid_t pid) {
  std::ifstream in(memory_folder(pid) + "/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  in >> size >> resident;
  return in ? resident : 0;
}

std::string describe_process(pid_t pid) {
  const auto status = read_process_status(pid);
  return status ? fmt::format("process {} ({})", pid, status->name)
                : fmt::format("process {}", pid);
}

}  // namespace pagepress::app
