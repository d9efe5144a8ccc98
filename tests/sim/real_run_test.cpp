// SPDX-License-Identifier: Apache-2.0
// A back end on real threads: every page once, there and back, whatever the number of workers and
// the policy; codecs that fail or lie. Without SystemC: scripts/test.sh tsan -R real_run.
#include "sim/experiment/real_run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <set>

#include "tests/sim/meddling_codec.hpp"
#include "tests/sim/pages.hpp"

namespace pagepress::sim {
namespace {

using ::testing::HasSubstr;
using testing::MeddlingCodec;

constexpr std::size_t kPages = 640;
constexpr std::size_t kBlocks = kPages * 5 / 8;  // stored compressed

const CpuCodec& table_entry(std::string_view name) {
  for (const CpuCodec& codec : pagepress::cpu_codecs()) {
    if (codec.name == name) return codec;
  }
  throw std::invalid_argument(std::string(name));
}

class RealRunTest : public ::testing::Test {
 protected:
  RealRunTest()
      : workload_(
            {testing::write_pages(folder_.path() / "a.pages", testing::mixed_pages(kPages, 1))}) {
    config_.limit_bytes = 3625;
    config_.idle_pages = 8;
  }
  RealBackend backend(std::string_view name, MeddlingCodec::Meddle meddle = {}) {
    const CpuCodec& entry = table_entry(name);
    const auto block = [&entry] { return entry.make(entry.standard_level()); };
    RealBackend made;
    made.name = name;
    made.make_decoder = block;
    made.make_own_codec = [block, meddle] {
      auto codec = make_cpu_codec(block(), /*with_crc32c=*/false);
      return meddle ? std::make_unique<MeddlingCodec>(std::move(codec), meddle) : std::move(codec);
    };
    made.make_codec = [own = made.make_own_codec](Operation) { return own(); };
    return made;
  }
  BackendRun run(const RealBackend& of) {
    return run_real(config_, of, workload_,
                    [this](Operation, std::uint64_t done, std::uint64_t total) {
                      EXPECT_LE(done, total);
                      ++ticks_;
                    });
  }
  static void expect_complete(const PassRun& pass, std::size_t pages, std::size_t workers) {
    EXPECT_EQ(pass.pages.size(), pages);
    EXPECT_TRUE(pass.mismatches.empty());
    ASSERT_EQ(pass.threads.size(), workers + 1);
    EXPECT_EQ(pass.threads[0].name, "kswapd");
    std::uint64_t counted = 0;
    for (const ThreadRun& thread : pass.threads) counted += thread.pages;
    EXPECT_EQ(counted, pages) << "each page by one thread";
    EXPECT_EQ(pass.worker.completed + pass.queue.synchronous, pages);
    for (const PageRecord& page : pass.pages) {
      EXPECT_TRUE(page.completed);
      EXPECT_LE(page.enqueue_ns, page.submit_ns);
      EXPECT_LT(page.submit_ns, page.complete_ns);
    }
  }

  // Of the worker, or kswapd, that has the 100th completion.
  void expect_failure_ends_the_run() {
    std::atomic<unsigned> pages{0};
    try {
      (void)run(backend("cpu:lz4", [&](const Request&, Completion&) {
        if (++pages == 100) throw std::runtime_error("out of steam");
      }));
      ADD_FAILURE() << config_.policy;
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "out of steam");
    }
  }

  testing::TemporaryFolder folder_;
  Workload workload_;
  RealConfig config_;
  std::atomic<unsigned> ticks_{0};
};

TEST_F(RealRunTest, EveryPageOnceThereAndBackWithAnyNumberOfWorkers) {
  for (const unsigned workers : {1u, 2u, 5u}) {
    config_.shape.workers = workers;
    const BackendRun outcome = run(backend("cpu:lz4"));
    EXPECT_TRUE(outcome.real_time);
    expect_complete(outcome.compress, kPages, workers);
    expect_complete(outcome.decompress, kBlocks, workers);
    EXPECT_EQ(outcome.compress.idle_ns.size(), 8u);
    EXPECT_EQ(outcome.decompress.busy_ns.size(), 8u);
    EXPECT_GT(outcome.compress.cpu_ns_per_page, 0);
    EXPECT_GT(outcome.compress.wall_s, 0);
    EXPECT_GT(outcome.block_bytes, 0u);
  }
  EXPECT_GT(ticks_, 5u);
}

TEST_F(RealRunTest, EveryLibrary) {
  config_.shape.workers = 2;
  std::set<std::uint64_t> sizes;
  for (const CpuCodec& codec : pagepress::cpu_codecs()) {
    const BackendRun outcome = run(backend(codec.name));
    expect_complete(outcome.compress, kPages, 2);
    expect_complete(outcome.decompress, kBlocks, 2);
    sizes.insert(outcome.block_bytes);
  }
  EXPECT_EQ(sizes.size(), pagepress::cpu_codecs().size());
}

TEST_F(RealRunTest, SyncNewestSharesThePagesWithKswapd) {
  config_.shape.workers = 2;
  config_.shape.fifo_entries = 2;
  config_.policy = "sync-newest";
  const BackendRun outcome = run(backend("cpu:zstd"));
  expect_complete(outcome.compress, kPages, 2);
  expect_complete(outcome.decompress, kBlocks, 2);
  EXPECT_GT(outcome.compress.queue.synchronous, 0u);
  EXPECT_EQ(outcome.compress.threads[0].pages, outcome.compress.queue.synchronous);
}

TEST_F(RealRunTest, AFullFifoMakesKswapdWait) {
  config_.shape.fifo_entries = 2;
  const BackendRun outcome = run(backend("cpu:zstd"));
  expect_complete(outcome.compress, kPages, 1);
  EXPECT_GT(outcome.compress.worker.rejected, 0u);
  EXPECT_EQ(outcome.compress.queue.synchronous, 0u);
}

TEST_F(RealRunTest, WithoutProbesThereAreNoProbes) {
  config_.idle_pages = 0;
  const BackendRun outcome = run(backend("cpu:lz4"));
  EXPECT_TRUE(outcome.compress.idle_ns.empty());
  EXPECT_TRUE(outcome.decompress.busy_ns.empty());
}

TEST_F(RealRunTest, PagesOfWhichNothingIsStoredDoNotComeBack) {
  const Workload zeros({testing::write_pages(folder_.path() / "z.pages",
                                             std::vector<std::uint8_t>(32 * kPageBytes))});
  const RealBackend of = backend("cpu:lz4");
  const BackendRun outcome =
      run_real(config_, of, zeros, [](Operation, std::uint64_t, std::uint64_t) {});
  expect_complete(outcome.compress, 32, 1);
  EXPECT_TRUE(outcome.decompress.pages.empty());
  EXPECT_EQ(outcome.block_bytes, 0u);
}

TEST_F(RealRunTest, AWrongBlockAndAWrongPageAreMismatches) {
  config_.shape.workers = 3;
  config_.idle_pages = 0;
  std::atomic<unsigned> answers{0};
  const BackendRun outcome = run(backend("cpu:lz4", [&](const Request& request, Completion& done) {
    if (done.status != Status::kOk || ++answers % 40 != 0) return;
    static_cast<std::byte*>(request.dst)[done.out_len - 1] ^= std::byte{0x10};
  }));
  EXPECT_EQ(outcome.compress.mismatches.size(), kBlocks / 40);
  EXPECT_THAT(outcome.compress.mismatches.at(0).reason, HasSubstr("block"));
  EXPECT_FALSE(outcome.decompress.mismatches.empty());
  EXPECT_THAT(outcome.decompress.mismatches.at(0).reason, HasSubstr("from byte 4095 on"));
  EXPECT_EQ(outcome.decompress.pages.size(), kBlocks - kBlocks / 40) << "wrong ones are not sent";
}

// One worker fails: the others and kswapd end, too, wherever they were.
TEST_F(RealRunTest, AnExceptionOfOneWorkerEndsTheRun) {
  config_.shape.fifo_entries = 2;
  config_.idle_pages = 0;
  for (const char* policy : {"wait", "sync-newest"}) {
    for (const unsigned workers : {1u, 3u}) {
      config_.policy = policy;
      config_.shape.workers = workers;
      expect_failure_ends_the_run();
    }
  }
}

// The others must not wait for the part of a joined batch that the failed one had taken.
TEST_F(RealRunTest, AnExceptionOfOneWorkerEndsThoseThatShareItsBatch) {
  config_.idle_pages = 0;
  config_.shape.workers = 3;
  config_.shape.batch = 8;
  config_.shape.split = WorkSplit::kChunks;
  expect_failure_ends_the_run();
}

TEST_F(RealRunTest, AnUnknownPolicyIsRefused) {
  config_.policy = "hope";
  EXPECT_THROW((void)run(backend("cpu:lz4")), std::invalid_argument);
}

}  // namespace
}  // namespace pagepress::sim
