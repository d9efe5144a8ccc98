// SPDX-License-Identifier: Apache-2.0
// Submit and complete against the null device in this process, for callgrind to count, and the
// proof that nothing on that way allocates or enters the kernel.
//
//   bench_driver --pages N [--codec engine|reliable]   N pages in batches of 32, nothing else
//   bench_driver --check [--codec engine|reliable]     fails on an allocation or a system call
//
// The null device's own work is inside: callgrind is told to leave it out by function name
// (scripts/driver_overhead.sh). Limitation: memory is registered; bouncing copies pages as well.
#include <CLI/CLI.hpp>

#include <fmt/format.h>
#include <pagepress/codecs.hpp>
#include <pagepress/monotonic_clock.hpp>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "bench/driver/no_syscalls.hpp"
#include "driver/measure/null_device.hpp"

extern "C" void* __libc_malloc(std::size_t size);

namespace {

std::atomic<std::uint64_t> allocations{0};

}  // namespace

// What operator new, calloc's callers in C++ and liblz4 end in.
extern "C" void* malloc(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  return __libc_malloc(size);
}

namespace pagepress {
namespace {

constexpr unsigned kBatch = 32;
constexpr unsigned kDepth = 256;

class HeapMemory final : public DmaAllocator {
 public:
  void* allocate(std::size_t len, std::size_t align) override {
    const std::size_t rounded = (len + align - 1) / align * align;
    void* addr = std::aligned_alloc(align, rounded);
    if (addr == nullptr) {
      throw std::bad_alloc();
    }
    return std::memset(addr, 0, rounded);
  }
  void release(void* addr) noexcept override { std::free(addr); }
};

class Bench {
 public:
  explicit Bench(bool reliable)
      : bus_(PP_DEPTH_LOG2_MAX),
        map_(bus_),
        device_(bus_, clock_),
        queue_(device_, map_, memory_, {.sq_depth = kDepth, .cq_depth = kDepth}),
        pages_(map_, memory_, 2 * kPageSize),
        requests_(kBatch,
                  {.src = pages_.data(), .dst = pages_.data() + kPageSize, .capacity = kPageSize}),
        done_(kBatch) {
    auto engine = make_engine_codec("engine:null", queue_, map_);
    if (reliable) {
      codec_ = make_reliable_codec(std::move(engine), make_cpu_lz4());
    } else {
      codec_ = std::move(engine);
    }
  }

  // Pages submitted and completed; a multiple of the batch.
  std::uint64_t run(std::uint64_t pages) {
    std::uint64_t completed = 0;
    for (std::uint64_t i = 0; i < pages; i += kBatch) {
      (void)codec_->submit(requests_);
      bus_.complete();
      completed += codec_->poll(done_);
    }
    return completed;
  }

 private:
  NullDevice bus_;
  MonotonicClock clock_;
  HeapMemory memory_;
  DmaMap map_;
  Device device_;
  QueuePair queue_;
  DmaBuffer pages_;
  std::vector<Request> requests_;
  std::vector<Completion> done_;
  std::unique_ptr<Codec> codec_;
};

int check(Bench& bench, const std::string& codec) {
  constexpr std::uint64_t kPages = 100 * kDepth;
  (void)bench.run(kPages);
  const std::uint64_t before = allocations;
  (void)bench.run(kPages);
  const std::uint64_t made = allocations - before;
  const bool quiet = runs_without_system_calls([&] { (void)bench.run(kPages); });
  fmt::print("{}: {} pages: {} allocations, {}\n", codec, kPages, made,
             quiet ? "no system call" : "at least one system call");
  return made == 0 && quiet ? 0 : 1;
}

}  // namespace
}  // namespace pagepress

int main(int argc, char** argv) try {
  CLI::App app("Cost of the driver's submit and complete against a null device");
  std::uint64_t pages = 0;
  bool check = false;
  std::string codec = "reliable";
  app.add_option("--pages", pages, "pages to submit and complete")
      ->check(CLI::Range(1u, 1'000'000'000u));
  app.add_flag("--check", check, "fail on an allocation or a system call");
  app.add_option("--codec", codec, "what to submit to")
      ->check(CLI::IsMember({"engine", "reliable"}));
  CLI11_PARSE(app, argc, argv);
  pagepress::Bench bench(codec == "reliable");
  if (check) {
    return pagepress::check(bench, codec);
  }
  const std::uint64_t rounded =
      (pages + pagepress::kBatch - 1) / pagepress::kBatch * pagepress::kBatch;
  if (bench.run(pages) != rounded) {
    fmt::print(stderr, "bench_driver: the null device lost a completion\n");
    return 1;
  }
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "bench_driver: {}\n", error.what());
  return 1;
}
