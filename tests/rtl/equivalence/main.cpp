// SPDX-License-Identifier: Apache-2.0
// check_engine_W [--pages N] [--seed S] [--corpus PATH]...: the program of scripts/check_engine.sh.
//
// Exit code 0: all pages agree. 1: a page does not; it is saved, and how to check it again is
// printed. 2: wrong usage.
#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/rtl/equivalence/engine_check.hpp"

namespace pagepress::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Flags {
  std::uint64_t pages = 1'000'000;
  std::uint64_t seed = 1;
  std::uint64_t first = 0;
  unsigned jobs = 2;
  std::vector<std::string> corpus;
  fs::path save = ".";
};

// What a process tells the one that started it.
struct Report {
  Counts counts;
  bool done = false;
};

struct Job {
  pid_t pid = -1;
  int pipe = -1;
  Report last;
};

int run_job(const Flags& flags, const PageSource& source, std::uint64_t first, std::uint64_t count,
            int pipe) {
  const auto tell = [pipe](const Counts& counts, bool done) {
    const Report report{counts, done};
    if (write(pipe, &report, sizeof report) != sizeof report) _exit(1);  // nobody listens
  };
  try {
    const Counts counts =
        check_pages(source, flags.seed, first, count, [&](const Counts& now) { tell(now, false); });
    tell(counts, true);
    return 0;
  } catch (const Difference& error) {
    const fs::path path = flags.save / fmt::format("engine-w{}-seed{}-page{}.page", engine_width(),
                                                   flags.seed, error.number);
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(error.page.bytes.data()), kPageBytes);
    file.close();
    // Units before it may matter, though they must not.
    const std::uint64_t before = error.number - std::min<std::uint64_t>(error.number, 16);
    fmt::print(stderr,
               "\nFAIL: page {} ({}): {}\n  {} {}\n  again: --width {} --seed {} --first {} "
               "--pages 17 --jobs 1, with the same corpus\n",
               error.number, error.page.kind, error.what(),
               file ? "saved as" : "could not be saved as", path.string(), engine_width(),
               flags.seed, before);
  } catch (const std::exception& error) {
    fmt::print(stderr, "\nFAIL: {}\n", error.what());
  }
  return 1;
}

Counts sum(const std::vector<Job>& jobs) {
  Counts total;
  for (const Job& job : jobs) {
    const Counts& one = job.last.counts;
    total.pages += one.pages;
    total.same_filled += one.same_filled;
    total.incompressible += one.incompressible;
    total.decompressed += one.decompressed;
    total.compressor_cycles += one.compressor_cycles;
    total.decompressor_cycles += one.decompressor_cycles;
  }
  return total;
}

// Reads reports until every job has ended; false if one failed.
bool watch(std::vector<Job>& jobs, std::uint64_t pages) {
  const auto begin = Clock::now();
  auto printed = begin;
  bool good = true;
  std::size_t open = jobs.size();
  while (open > 0) {
    std::vector<pollfd> fds;
    for (const Job& job : jobs) fds.push_back({job.pipe, POLLIN, 0});
    poll(fds.data(), fds.size(), -1);
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      Job& job = jobs[i];
      if (job.pipe < 0 || fds[i].revents == 0) continue;
      if (read(job.pipe, &job.last, sizeof job.last) == sizeof job.last) continue;
      close(job.pipe);
      job.pipe = -1;
      --open;
      int status = 0;
      waitpid(job.pid, &status, 0);
      if (good && !(WIFEXITED(status) && WEXITSTATUS(status) == 0 && job.last.done)) {
        good = false;
        if (WIFSIGNALED(status)) fmt::print(stderr, "\nFAIL: signal {}\n", WTERMSIG(status));
        for (const Job& other : jobs) {
          if (other.pipe >= 0) kill(other.pid, SIGTERM);
        }
      }
    }
    const auto now = Clock::now();
    if (good && now - printed > std::chrono::seconds(isatty(STDERR_FILENO) != 0 ? 1 : 60)) {
      printed = now;
      const double seconds = std::chrono::duration<double>(now - begin).count();
      const auto done = static_cast<double>(sum(jobs).pages);
      fmt::print(stderr, "{}{:.0f} of {} pages agree, {:.0f} a second, {:.0f} s to go   {}",
                 isatty(STDERR_FILENO) != 0 ? "\r" : "", done, pages, done / seconds,
                 (static_cast<double>(pages) - done) * seconds / std::max(done, 1.0),
                 isatty(STDERR_FILENO) != 0 ? "" : "\n");
    }
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const Counts total = sum(jobs);
  if (good) {
    fmt::print(
        "{}W={}: {} pages agree ({} same-filled, {} incompressible, {} blocks decompressed): "
        "RTL = codec = liblz4\n{:.0f} s, {:.0f} pages a second, {} + {} cycles\n",
        isatty(STDERR_FILENO) != 0 ? "\n" : "", engine_width(), total.pages, total.same_filled,
        total.incompressible, total.decompressed, seconds,
        static_cast<double>(total.pages) / seconds, total.compressor_cycles,
        total.decompressor_cycles);
  }
  return good && total.pages == pages;
}

int run(const Flags& flags) {
  const PageSource source({flags.corpus.begin(), flags.corpus.end()}, flags.seed, engine_banks());
  fmt::print(stderr, "{} real pages\n", source.real_pages());
  std::vector<Job> jobs;
  for (unsigned n = 0; n < flags.jobs; ++n) {
    const std::uint64_t first = flags.first + flags.pages * n / flags.jobs;
    const std::uint64_t end = flags.first + flags.pages * (n + 1) / flags.jobs;
    if (first == end) continue;
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    const pid_t pid = fork();
    if (pid < 0) throw std::runtime_error("no process");
    if (pid == 0) {
      close(ends[0]);
      _exit(run_job(flags, source, first, end - first, ends[1]));
    }
    close(ends[1]);
    jobs.push_back({pid, ends[0], {}});
  }
  return watch(jobs, flags.pages) ? 0 : 1;
}

}  // namespace
}  // namespace pagepress::test

int main(int argc, char** argv) {
  pagepress::test::Flags flags;
  CLI::App app{"RTL compressor = codec = liblz4's decode = RTL decompressor, over many pages"};
  app.add_option("--pages", flags.pages, "how many")
      ->capture_default_str()
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1} << 40));
  app.add_option("--seed", flags.seed, "of what is made")->capture_default_str();
  app.add_option("--first", flags.first, "number of the first page")->capture_default_str();
  app.add_option("--jobs", flags.jobs, "processes")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--corpus", flags.corpus, "page files, or folders of such (none: pages are made)");
  app.add_option("--save", flags.save, "folder that a failing page goes to")
      ->capture_default_str()
      ->check(CLI::ExistingDirectory);
  try {
    app.parse(argc, argv);
    return pagepress::test::run(flags);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    fmt::print(stderr, "check_engine: {}\n", error.what());
    return 2;
  }
}
