// SPDX-License-Identifier: Apache-2.0
#include "bench/engine/measure.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "model/codec/decoder_cycles.hpp"
#include "model/codec/engine_cycles.hpp"

namespace pagepress::bench {
namespace {

using model::EngineTimeline;

// Alone in the engine every page is timed anew: every so many are enough.
constexpr std::size_t kLatencyEvery = 4;

double bytes_per_cycle(std::uint64_t pages, std::uint64_t cycles) {
  return static_cast<double>(pages * sim::kPageBytes) / static_cast<double>(cycles);
}

// Adds up one set of pages.
struct CompressionSum {
  std::vector<std::uint64_t> held, interval;
  std::uint64_t stored = 0, fast = 0, hc = 0;

  void add(const CompressionSum& other) {
    held.insert(held.end(), other.held.begin(), other.held.end());
    interval.insert(interval.end(), other.interval.begin(), other.interval.end());
    stored += other.stored;
    fast += other.fast;
    hc += other.hc;
  }

  [[nodiscard]] Compression figures() const {
    Compression out;
    out.pages = held.size();
    out.stored_bytes = stored;
    out.ratio = ratio_of(out.pages, stored);
    out.over_fast = out.ratio / ratio_of(out.pages, fast) - 1;
    out.over_hc = out.ratio / ratio_of(out.pages, hc) - 1;
    std::uint64_t cycles = 0;
    for (const std::uint64_t one : interval) cycles += one;
    out.bytes_per_cycle = bytes_per_cycle(out.pages, cycles);
    out.held = Cycles(sim::Sample(held));
    out.interval = Cycles(sim::Sample(interval));
    return out;
  }
};

struct DecompressionSum {
  std::vector<std::uint64_t> cycles, first_byte, latency;

  void add(const DecompressionSum& other) {
    cycles.insert(cycles.end(), other.cycles.begin(), other.cycles.end());
    first_byte.insert(first_byte.end(), other.first_byte.begin(), other.first_byte.end());
    latency.insert(latency.end(), other.latency.begin(), other.latency.end());
  }

  [[nodiscard]] Decompression figures() const {
    Decompression out;
    out.pages = cycles.size();
    if (cycles.empty()) return out;
    std::uint64_t all = 0;
    for (const std::uint64_t one : cycles) all += one;
    out.bytes_per_cycle = bytes_per_cycle(out.pages, all);
    out.cycles = Cycles(sim::Sample(cycles));
    out.worst_page = bytes_per_cycle(1, out.cycles.max);
    out.first_byte = Cycles(sim::Sample(first_byte));
    out.latency = Cycles(sim::Sample(latency));
    return out;
  }
};

// Figures of every file and of every group.
template <class Result, class Sum>
Sets<Result> figures_of(const std::vector<Pages>& corpus, const std::vector<Sum>& sums) {
  Sets<Result> sets;
  std::map<std::string, Sum> groups;
  for (std::size_t n = 0; n < corpus.size(); ++n) {
    if (corpus[n].pages.empty()) continue;  // nothing but same-filled pages
    sets.files[corpus[n].group + "/" + corpus[n].name] = sums[n].figures();
    groups[corpus[n].group].add(sums[n]);
  }
  for (const auto& [name, sum] : groups) sets.groups[name] = sum.figures();
  return sets;
}

// A block, or nothing if it is not shorter than its page.
using Block = std::vector<std::uint8_t>;

Block block_of(Streams streams, const DesignPoint& point, sim::PageView page) {
  Block block;
  switch (streams) {
    case Streams::kLz4Fast:
      block = compress(Software::kLz4Fast, page);
      break;
    case Streams::kLz4Hc:
      block = compress(Software::kLz4Hc, page);
      break;
    case Streams::kEngine:
      block = model::encode_sequences(page, model::find_sequences(page, point.config));
      break;
  }
  if (block.size() >= page.size()) block.clear();
  return block;
}

}  // namespace

Cycles::Cycles(const sim::Sample& sample)
    : mean(sample.mean()),
      p50(sample.percentile(500)),
      p99(sample.percentile(990)),
      max(sample.sorted().back()) {}

PointFigures measure_point(const DesignPoint& point, const std::vector<Pages>& corpus) {
  EngineTimeline timeline(point.config);
  std::vector<CompressionSum> sums(corpus.size());
  std::vector<std::uint64_t> latencies;
  std::uint64_t last_offered = 0;
  for (std::size_t n = 0; n < corpus.size(); ++n) {
    CompressionSum& sum = sums[n];
    sum.fast = corpus[n].lz4_fast_bytes;
    sum.hc = corpus[n].lz4_hc_bytes;
    for (const sim::PageView page : corpus[n].pages) {
      const std::vector<model::SequenceRow> rows = model::find_rows(page, point.config);
      const std::size_t size = model::encode_sequences(page, model::sequences_of(rows)).size();
      model::UnitFacts facts;
      facts.block_leaves = size <= page.size();
      facts.out_len = facts.block_leaves ? static_cast<std::uint32_t>(size) : 0;
      const model::UnitTimes times = timeline.push(rows, facts);
      sum.stored += stored(size);
      sum.held.push_back(times.cycles);
      // The first page's arrival is no part of the pace.
      if (last_offered != 0) sum.interval.push_back(times.offered - last_offered);
      last_offered = times.offered;
      if (sum.held.size() % kLatencyEvery == 1) {
        const model::UnitTimes alone = EngineTimeline(point.config).push(rows, facts);
        latencies.push_back(alone.offered - alone.first_beat);
      }
    }
    if (!sum.held.empty() && sum.interval.size() < sum.held.size()) {
      sum.interval.insert(sum.interval.begin(), sum.held.front());
    }
  }
  PointFigures figures{point, figures_of<Compression>(corpus, sums), {}, {}};
  if (!latencies.empty()) figures.latency = Cycles(sim::Sample(std::move(latencies)));
  return figures;
}

DecoderFigures measure_decoder(Streams streams, const DesignPoint& point,
                               const std::vector<Pages>& corpus) {
  model::DecoderTimeline timeline;
  std::vector<DecompressionSum> sums(corpus.size());
  for (std::size_t n = 0; n < corpus.size(); ++n) {
    for (const sim::PageView page : corpus[n].pages) {
      const Block block = block_of(streams, point, page);
      if (block.empty()) continue;
      sums[n].cycles.push_back(timeline.push(block, page.size()).cycles);
      const model::DecodeTimes alone = model::DecoderTimeline().push(block, page.size());
      sums[n].first_byte.push_back(alone.first_byte - alone.first_beat);
      sums[n].latency.push_back(alone.offered - alone.first_beat);
    }
  }
  static constexpr std::array<const char*, 2> kSoftware = {"lz4_fast", "lz4_hc"};
  return {streams == Streams::kEngine ? point.name : kSoftware[static_cast<std::size_t>(streams)],
          figures_of<Decompression>(corpus, sums)};
}

}  // namespace pagepress::bench
