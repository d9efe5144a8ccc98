// SPDX-License-Identifier: Apache-2.0
// bench_codec [--benchmark_...] [FILE...]: pages that the reference codec handles a second, on
// one core. FILE: page files; without any, a mix of the tests' recipes.
//
// - compress/W: a unit's bytes, CRC32C and cycles, at each width of the engine;
// - decompress: likewise of the blocks of W = 16, as the decompressor answers;
// - decode, decoder_timeline: the two halves of that, bytes and cycles; crc32c: of a page.
//
// Same-filled pages are left out. Exit code 2: a file is none of pages.
// Limitation: wall-clock figures; compare two builds side by side on an idle machine.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "model/codec/crc32c.hpp"
#include "model/codec/decoder_cycles.hpp"
#include "model/codec/lz4_decoder.hpp"
#include "model/codec/lz4_engine.hpp"
#include "sim/pagefile/file_error.hpp"
#include "sim/pagefile/page_class.hpp"
#include "sim/pagefile/page_file.hpp"
#include "tests/corpus/corpus.hpp"

namespace pagepress::bench {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::uint64_t kSeed = 7;

std::vector<Bytes> pages_of_files(const std::vector<std::string>& files) {
  std::vector<Bytes> pages;
  for (const std::string& name : files) {
    const sim::PageFile file(name);
    for (std::size_t i = 0; i < file.page_count(); ++i) {
      const sim::PageView page = file.page(i);
      if (sim::classify(page) == sim::PageKind::kOther)
        pages.emplace_back(page.begin(), page.end());
    }
  }
  return pages;
}

// As memory holds: mostly pointers, some text, little that does not compress.
std::vector<Bytes> pages_of_recipes() {
  std::vector<Bytes> pages;
  for (const auto& recipe : {test::pointer_pages(kSeed, 96), test::text_pages(kSeed, 48),
                             test::random_pages(kSeed, 16)}) {
    for (const test::NamedPage& page : recipe) {
      pages.emplace_back(page.bytes.begin(), page.bytes.end());
    }
  }
  return pages;
}

// Calls what() with one of the elements after the other, and counts them.
template <class What>
void over(benchmark::State& state, const std::vector<Bytes>& elements, What what) {
  std::size_t next = 0;
  for ([[maybe_unused]] auto _ : state) {
    what(elements[next]);
    if (++next == elements.size()) next = 0;
  }
  state.counters["pages/s"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void add_benchmarks(const std::vector<Bytes>& pages, const std::vector<Bytes>& blocks) {
  for (const unsigned w : {8U, 16U, 32U}) {
    benchmark::RegisterBenchmark(
        fmt::format("compress/{}", w).c_str(), [&pages, w](benchmark::State& state) {
          const model::EngineConfig config = model::EngineConfig::of(w);
          over(state, pages, [&config](const Bytes& page) {
            benchmark::DoNotOptimize(model::compress_unit(page, model::kUnit, config).cycles);
          });
        });
  }
  benchmark::RegisterBenchmark("decompress", [&blocks](benchmark::State& state) {
    over(state, blocks, [](const Bytes& block) {
      benchmark::DoNotOptimize(model::decompress_block(block, model::kUnit).cycles);
    });
  });
  benchmark::RegisterBenchmark("decode", [&blocks](benchmark::State& state) {
    over(state, blocks, [](const Bytes& block) {
      benchmark::DoNotOptimize(model::decode_block(block, model::kUnit)->size());
    });
  });
  benchmark::RegisterBenchmark("decoder_timeline", [&blocks](benchmark::State& state) {
    over(state, blocks, [](const Bytes& block) {
      benchmark::DoNotOptimize(model::DecoderTimeline().push(block, model::kUnit).cycles);
    });
  });
  benchmark::RegisterBenchmark("crc32c", [&pages](benchmark::State& state) {
    over(state, pages, [](const Bytes& page) { benchmark::DoNotOptimize(model::crc32c(page)); });
  });
}

int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  const std::vector<std::string> files(argv + 1, argv + argc);
  const std::vector<Bytes> pages = files.empty() ? pages_of_recipes() : pages_of_files(files);
  std::vector<Bytes> blocks;
  for (const Bytes& page : pages) {
    model::EngineResult result = model::compress_unit(page, model::kUnit);
    if (result.status == model::EngineStatus::kOk) blocks.push_back(std::move(result.data));
  }
  if (blocks.empty()) {
    fmt::print(stderr, "bench_codec: no page that compresses\n");
    return 2;
  }
  add_benchmarks(pages, blocks);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace
}  // namespace pagepress::bench

int main(int argc, char** argv) {
  try {
    return pagepress::bench::run(argc, argv);
  } catch (const pagepress::sim::FileError& error) {
    fmt::print(stderr, "bench_codec: {}\n", error.what());
    return 2;
  }
}
