// SPDX-License-Identifier: Apache-2.0
#include "sim/experiment/real_run.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "sim/experiment/verify.hpp"
#include "sim/pagefile/page_class.hpp"

namespace pagepress::sim {
namespace {

class RealRun {
 public:
  RealRun(const RealConfig& config, const RealBackend& backend, const Workload& workload,
          const RealProgressFn& progress)
      : config_(config),
        backend_(backend),
        workload_(workload),
        progress_(progress),
        // CPU codecs are run as the kernel's are, without a checksum of the page.
        verifier_(backend.make_decoder, config.limit_bytes,
                  backend.dma != nullptr ? Verifier::Crc::kChecked : Verifier::Crc::kNone),
        blocks_(backend, workload.page_count()) {
    run_.name = backend.name;
    run_.device = backend.device;
    run_.real_time = true;
    if (!maps_pages()) return;
    for (const Workload::Input& input : workload.inputs()) {
      backend_.dma->add_source(std::as_bytes(input.file.bytes()));
    }
  }
  ~RealRun() {
    if (!maps_pages()) return;
    for (const Workload::Input& input : workload_.inputs()) {
      backend_.dma->remove(input.file.bytes().data());
    }
  }
  RealRun(const RealRun&) = delete;
  RealRun& operator=(const RealRun&) = delete;

  BackendRun run() {
    store_pages();
    load_pages();
    load_while_storing();
    return std::move(run_);
  }

 private:
  [[nodiscard]] bool maps_pages() const noexcept {
    return backend_.dma != nullptr && backend_.maps_pages;
  }

  void store_pages() {
    std::vector<std::size_t> candidates;
    for (std::size_t i = 0; i < workload_.page_count(); ++i) {
      pages_.push_back({.data = workload_.page(i).data(), .cookie = i});
      // Same-filled pages take a shorter way and would flatter the idle latency.
      if (classify(workload_.page(i)) == PageKind::kOther) candidates.push_back(i);
    }
    const std::vector<Completion> answers =
        run_pass(Operation::kCompress, run_.compress, pages_, candidates, blocks_);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const std::span<const std::byte> block = blocks_.page(i).first(answers[i].out_len);
      std::string reason = verifier_.stored(workload_.page(i), answers[i], block);
      if (!reason.empty()) {
        run_.compress.mismatches.push_back({i, std::move(reason)});
      } else if (answers[i].status == Status::kOk) {
        stored_.push_back({.data = block.data(),
                           .cookie = stored_.size(),
                           .operation = Operation::kDecompress,
                           .len = answers[i].out_len});
        source_.push_back(i);
        run_.block_bytes += block.size();
      }
    }
  }

  void load_pages() {
    if (stored_.empty()) return;
    std::vector<std::size_t> candidates(stored_.size());
    for (std::size_t i = 0; i < candidates.size(); ++i) candidates[i] = i;
    const PageMemory loaded(backend_, stored_.size());
    const std::vector<Completion> answers =
        run_pass(Operation::kDecompress, run_.decompress, stored_, candidates, loaded);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      note_loaded(i, answers[i], loaded.page(i).first(answers[i].out_len));
    }
  }

  // A page counts once, however often it came back wrong.
  void note_loaded(std::size_t block, const Completion& answer, std::span<const std::byte> out) {
    const std::size_t page = source_[block];
    std::string reason = verifier_.loaded(workload_.page(page), answer, out);
    std::vector<Mismatch>& wrong = run_.decompress.mismatches;
    const bool known = std::any_of(wrong.begin(), wrong.end(),
                                   [page](const Mismatch& found) { return found.page == page; });
    if (!reason.empty() && !known) wrong.push_back({page, std::move(reason)});
  }

  // All `items` through the queue; what comes out of the one with cookie i is at outputs.page(i).
  std::vector<Completion> run_pass(Operation operation, PassRun& run,
                                   const std::vector<Page>& items,
                                   const std::vector<std::size_t>& idle_candidates,
                                   const PageMemory& outputs) {
    run.pages.resize(items.size());
    std::vector<Completion> answers(items.size());
    RealThreads threads(config_, backend_, operation, [&](const PageDone& done) {
      const std::size_t index = done.page.cookie;
      if (run.pages[index].completed) {
        throw std::runtime_error(
            fmt::format("{}: page {} was completed twice", to_string(operation), index));
      }
      run.pages[index] = to_record(done);
      answers[index] = done.completion;
      std::copy(done.out.begin(), done.out.end(), outputs.page(index).begin());
    });
    const std::size_t probes = std::min(idle_candidates.size(), config_.idle_pages);
    for (std::size_t i = 0; i < probes; ++i) {
      Completion ignored;  // verified when it comes again
      run.idle_ns.push_back(
          threads.run_alone(items[idle_candidates[i * idle_candidates.size() / probes]], ignored));
    }
    std::size_t next = 0;
    progress_(operation, 0, items.size());
    const auto started = std::chrono::steady_clock::now();
    threads.run([&] { return next < items.size() ? &items[next++] : nullptr; },
                [&](std::uint64_t done) { progress_(operation, done, items.size()); });
    run.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    collect(threads, run);
    // Only now: a worker's time is that of its work.
    for (std::size_t i = 0; i < answers.size(); ++i) {
      run.pages[i].answer = answer_hash(answers[i], outputs.page(i).first(answers[i].out_len));
    }
    return answers;
  }

  static void collect(const RealThreads& threads, PassRun& run) {
    const auto missing = std::count_if(run.pages.begin(), run.pages.end(),
                                       [](const PageRecord& page) { return !page.completed; });
    if (missing != 0) {
      throw std::runtime_error(
          fmt::format("{} of {} pages were never completed", missing, run.pages.size()));
    }
    run.queue = threads.queue_run();
    for (const KcompressdCounters& worker : run.queue.workers) run.worker += worker;
    run.threads = threads.threads();
    std::uint64_t cpu_ns = 0;
    for (const ThreadRun& thread : std::span(run.threads).subspan(1)) cpu_ns += thread.cpu_ns;
    if (run.worker.completed != 0) {
      run.cpu_ns_per_page = static_cast<double>(cpu_ns) / static_cast<double>(run.worker.completed);
    }
  }

  // Page faults while kswapd compresses as fast as it can: it goes round all pages again until
  // the faults have had their own.
  void load_while_storing() {
    if (stored_.empty() || config_.idle_pages == 0) return;
    RealThreads faults(config_, backend_, Operation::kDecompress, [](const PageDone&) {});
    // Their answers have been verified in the pass of compression.
    RealThreads storing(config_, backend_, Operation::kCompress, [](const PageDone&) {});
    std::atomic<bool> faults_done{false};
    std::exception_ptr error;
    std::thread faulting([&] {
      try {
        page_faults(faults);
      } catch (...) {
        error = std::current_exception();
      }
      faults_done = true;
    });
    std::size_t next = 0;
    try {
      storing.run(
          [&]() -> const Page* { return faults_done ? nullptr : &pages_[next++ % pages_.size()]; },
          [](std::uint64_t) {});
    } catch (...) {
      faulting.join();
      throw;
    }
    faulting.join();
    if (error) std::rethrow_exception(error);
  }

  void page_faults(RealThreads& faults) {
    const std::size_t count = std::min(stored_.size(), config_.idle_pages);
    for (std::size_t i = 0; i < count; ++i) {
      const Page& block = stored_[i * stored_.size() / count];
      Completion done;
      run_.decompress.busy_ns.push_back(faults.run_alone(block, done));
      note_loaded(block.cookie, done, faults.alone_out().first(done.out_len));
    }
  }

  const RealConfig& config_;
  const RealBackend& backend_;
  const Workload& workload_;
  const RealProgressFn& progress_;
  const Verifier verifier_;
  const PageMemory blocks_;  // of page i of the workload at page i
  BackendRun run_;
  std::vector<Page> pages_;
  std::vector<Page> stored_;         // blocks that verified
  std::vector<std::size_t> source_;  // their pages in the workload
};

}  // namespace

BackendRun run_real(const RealConfig& config, const RealBackend& backend, const Workload& workload,
                    const RealProgressFn& progress) {
  return RealRun(config, backend, workload, progress).run();
}

}  // namespace pagepress::sim
