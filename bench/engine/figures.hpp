// SPDX-License-Identifier: Apache-2.0
// What bench_engine finds out: figures of a set of pages at a design point or of the decoder.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/engine/design_space.hpp"
#include "sim/stats/stats.hpp"

namespace pagepress::bench {

// Cycles of many pages, one value each. Nearest-rank percentiles.
struct Cycles {
  double mean = 0;
  std::uint64_t p50 = 0;
  std::uint64_t p99 = 0;
  std::uint64_t max = 0;

  Cycles() = default;
  explicit Cycles(const sim::Sample& sample);  // not empty
};

// The compressor over a set of pages, one behind the other.
struct Compression {
  std::uint64_t pages = 0;
  std::uint64_t stored_bytes = 0;  // sum of min(size, 4096)
  double ratio = 0;
  double over_fast = 0;  // ratio / LZ4_compress_fast(1)'s - 1
  double over_hc = 0;    // ratio / LZ4_compress_HC(12)'s - 1
  double bytes_per_cycle = 0;
  Cycles held;      // cycles that a page held the match finder: res_cycles_o
  Cycles interval;  // from one result to the next
};

// The decompressor over the blocks of a set of pages, one behind the other. Pages whose block is
// not shorter than they are have none.
struct Decompression {
  std::uint64_t pages = 0;
  double bytes_per_cycle = 0;
  double worst_page = 0;  // bytes a cycle of the slowest page
  Cycles cycles;          // that a page held the decoder: res_cycles_o
  Cycles first_byte;      // from a block's first beat to the first byte of output, alone
  Cycles latency;         // from there to the result
};

// Figures by name of a group ("process", "file") and by "group/file".
template <class Figures>
struct Sets {
  std::map<std::string, Figures> groups;
  std::map<std::string, Figures> files;
};

// scripts/yosys_engine.py's figures of a configuration.
struct Synthesis {
  std::uint64_t cells = 0;
  std::uint64_t flops = 0;
  std::uint64_t memory_bits = 0;
  std::uint64_t levels = 0;
  std::string hash;  // of the sources that they are of
};

struct PointFigures {
  DesignPoint point;
  Sets<Compression> compression;
  std::optional<Cycles> latency;  // over all pages: first beat to result, alone in the engine
  std::optional<Synthesis> synthesis;
};

struct DecoderFigures {
  std::string streams;  // who made the blocks: "lz4_fast", "lz4_hc", or a point's name
  Sets<Decompression> decompression;
};

struct Figures {
  std::vector<PointFigures> points;  // the first is the default
  std::vector<DecoderFigures> decoder;
  std::optional<Synthesis> decoder_synthesis;
};

}  // namespace pagepress::bench
