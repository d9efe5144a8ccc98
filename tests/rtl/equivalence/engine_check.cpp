// SPDX-License-Identifier: Apache-2.0
#include "tests/rtl/equivalence/engine_check.hpp"

#include PP_COMPRESSOR_HEADER
#include PP_DECOMPRESSOR_HEADER
#include <fmt/format.h>
#include <lz4.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "model/codec/decoder_cycles.hpp"
#include "model/codec/engine_cycles.hpp"
#include "model/codec/lz4_decoder.hpp"
#include "model/codec/lz4_engine.hpp"
#include "tests/rtl/equivalence/engine_stream.hpp"

namespace pagepress::test {
namespace {

using Compressor = PP_COMPRESSOR;  // what Verilator made
using Decompressor = PP_DECOMPRESSOR;

constexpr unsigned kInFlight = 8;     // pages that wait before the compressor
constexpr unsigned kBatch = 64;       // pages between turns of the decompressor
constexpr unsigned kProgress = 2000;  // pages
constexpr unsigned kLz4Every = 16;    // every so many pages liblz4's block is decompressed, too
constexpr unsigned kOk = 0;           // PP_STATUS_*
constexpr unsigned kSameFilled = 1;
constexpr unsigned kIncompressible = 2;

struct PageJob {
  std::uint64_t number = 0;
  std::uint32_t limit = kPageBytes;
  bool raw = false;  // leaves as it is if its block is too long
  MadePage page;

  [[nodiscard]] const std::uint8_t* data() const { return page.bytes.data(); }
  [[nodiscard]] unsigned beats() const { return kPageBytes / kBeatBytes; }
};

struct BlockJob {
  std::uint64_t number = 0;
  const char* maker = "";
  std::uint32_t size = 0;
  std::uint32_t crc32c = 0;
  std::vector<std::uint8_t> block;  // padded to a whole beat
  MadePage page;                    // what it must become

  [[nodiscard]] const std::uint8_t* data() const { return block.data(); }
  [[nodiscard]] unsigned beats() const { return (size + kBeatBytes - 1) / kBeatBytes; }
};

void set_page_inputs(Compressor& m, const PageJob& job) {
  m.in_work_i = 0;
  m.in_size_i = 0;
  m.in_limit_i = static_cast<std::uint16_t>(job.limit);
  m.in_raw_i = job.raw;
  m.in_verify_i = 0;
}

void set_block_inputs(Decompressor& m, const BlockJob& job) {
  m.in_len_i = static_cast<std::uint16_t>(job.size);
  m.in_capacity_i = kPageBytes;
  m.in_expect_i = 1;
  m.in_expected_i = job.crc32c;
}

bool same_bytes(const std::uint8_t* one, const std::uint8_t* other, std::size_t size) {
  return std::memcmp(one, other, size) == 0;
}

class Checker {
 public:
  Checker(const PageSource& source, std::uint64_t seed) : source_(source), seed_(seed) {}

  Counts run(std::uint64_t first, std::uint64_t count,
             const std::function<void(const Counts&)>& progress) {
    next_ = first;
    end_ = first + count;
    while (counts_.pages < count) {
      const std::uint64_t until = std::min<std::uint64_t>(counts_.pages + kBatch, count);
      while (counts_.pages < until) compress();
      decompress(counts_.pages == count);
      if (counts_.pages % kProgress < kBatch) progress(counts_);
    }
    counts_.compressor_cycles = compressor_.cycle();
    counts_.decompressor_cycles = decompressor_.cycle();
    return counts_;
  }

 private:
  [[noreturn]] static void differ(std::uint64_t number, const MadePage& page, std::string what) {
    throw Difference(number, page, what);
  }
  // `one` is the hardware's.
  template <class Value>
  static void equal(const PageJob& job, const char* what, Value one, Value other) {
    if (one != other) {
      differ(job.number, job.page, fmt::format("{}: RTL {}, codec {}", what, one, other));
    }
  }

  void compress() {
    while (compressor_.waiting() < kInFlight && next_ < end_) {
      PageJob job{next_, kPageBytes, false, source_.page(next_)};
      Rng rng(seed_ ^ (next_ * 0x9e3779b97f4a7c15ULL));
      if (rng() % 8 == 0) job.limit = rng() % 2 == 0 ? 3625 : static_cast<unsigned>(rng() % 8192);
      job.raw = rng() % 4 == 0;
      inside_.push_back(job);
      compressor_.push(std::move(job));
      ++next_;
    }
    if (!compressor_.step(set_page_inputs)) return;
    if (inside_.empty()) throw std::runtime_error("a result of no page");
    judge(std::move(inside_.front()), compressor_.result());
    inside_.pop_front();
    ++counts_.pages;
  }

  // RTL compressor against codec and liblz4; what it made goes to the decompressor.
  void judge(PageJob job, const UnitResult& rtl) {
    const model::EngineResult codec = model::compress_unit(job.page.bytes, job.limit, config_);
    equal(job, "status", rtl.status, static_cast<unsigned>(codec.status));
    equal(job, "CRC32C", rtl.crc32c, codec.crc32c);
    equal(job, "word", rtl.word, codec.word);
    const bool raw = codec.status == model::EngineStatus::kIncompressible && job.raw;
    const std::uint32_t out_len = raw ? kPageBytes : codec.out_len;
    equal(job, "length", rtl.out_len, out_len);
    const model::UnitTimes times = compressor_times(job, codec, out_len);
    equal(job, "cycles", rtl.cycles, times.cycles);
    equal(job, "cycle of the result", rtl.offered, times.offered);
    counts_.same_filled += rtl.status == kSameFilled ? 1 : 0;
    counts_.incompressible += rtl.status == kIncompressible ? 1 : 0;
    const std::uint8_t* expected = raw ? job.page.bytes.data() : codec.data.data();
    if (rtl.out_len != 0 && !same_bytes(rtl.bytes.data(), expected, rtl.out_len)) {
      const auto at = std::mismatch(expected, expected + rtl.out_len, rtl.bytes.begin()).first;
      differ(job.number, job.page, fmt::format("output differs at byte {}", at - expected));
    }
    if (rtl.status != kOk) return;
    PageBytes back{};
    const int size = LZ4_decompress_safe(reinterpret_cast<const char*>(rtl.bytes.data()),
                                         reinterpret_cast<char*>(back.data()),
                                         static_cast<int>(rtl.out_len), kPageBytes);
    if (size != static_cast<int>(kPageBytes) || back != job.page.bytes) {
      differ(job.number, job.page, "liblz4 decodes the block to something else");
    }
    if (job.number % kLz4Every == 0) push_lz4(job, rtl.crc32c);
    push_block(job.number, "the RTL compressor", rtl.bytes.data(), rtl.out_len, rtl.crc32c,
               std::move(job.page));
  }

  model::UnitTimes compressor_times(const PageJob& job, const model::EngineResult& codec,
                                    std::uint32_t out_len) {
    model::UnitFacts facts;
    facts.skipped = codec.status == model::EngineStatus::kSameFilled;
    facts.limit = job.limit;
    facts.out_len = out_len;
    facts.block_leaves = codec.status == model::EngineStatus::kOk;
    if (facts.skipped) return compressor_timeline_.push({}, facts);
    return compressor_timeline_.push(model::find_rows(job.page.bytes, config_), facts);
  }

  void push_block(std::uint64_t number, const char* maker, const std::uint8_t* bytes,
                  std::uint32_t size, std::uint32_t crc32c, MadePage page) {
    BlockJob job{number, maker, size, crc32c, {bytes, bytes + size}, std::move(page)};
    job.block.resize(std::size_t{job.beats()} * kBeatBytes);
    blocks_.push_back(job);
    decompressor_.push(std::move(job));
  }

  void push_lz4(const PageJob& job, std::uint32_t crc32c) {
    std::array<char, LZ4_COMPRESSBOUND(kPageBytes)> block{};
    const int size = LZ4_compress_fast(reinterpret_cast<const char*>(job.page.bytes.data()),
                                       block.data(), kPageBytes, static_cast<int>(block.size()), 1);
    push_block(job.number, "liblz4", reinterpret_cast<const std::uint8_t*>(block.data()),
               static_cast<std::uint32_t>(size), crc32c, job.page);
  }

  // Runs until the blocks are taken; at the end until they are out.
  void decompress(bool drain) {
    while (drain ? !blocks_.empty() : decompressor_.waiting() > 1) {
      if (!decompressor_.step(set_block_inputs)) continue;
      if (blocks_.empty()) throw std::runtime_error("a decompressed unit of no block");
      judge(blocks_.front(), decompressor_.result());
      blocks_.pop_front();
      ++counts_.decompressed;
    }
  }

  void judge(const BlockJob& job, const UnitResult& rtl) {
    const auto bad = [&job](const std::string& what) {
      differ(job.number, job.page,
             fmt::format("decompressing the block of {}: {}", job.maker, what));
    };
    const std::vector<std::uint8_t> block(job.block.begin(), job.block.begin() + job.size);
    const model::DecodeResult codec = model::decompress_block(block, kPageBytes);
    if (codec.status != model::DecodeStatus::kOk) bad("the codec takes it for malformed");
    if (rtl.status != kOk) bad(fmt::format("status {}", rtl.status));
    if (rtl.out_len != kPageBytes) bad(fmt::format("length {}", rtl.out_len));
    if (rtl.crc32c != codec.crc32c) bad("CRC32C");
    if (rtl.bytes != job.page.bytes) bad("output differs");
    const model::DecodeTimes times = decompressor_timeline_.push(block, kPageBytes);
    if (rtl.cycles != times.cycles) {
      bad(fmt::format("cycles: RTL {}, codec {}", rtl.cycles, times.cycles));
    }
    if (rtl.offered != times.offered) {
      bad(fmt::format("cycle of the result: RTL {}, codec {}", rtl.offered, times.offered));
    }
  }

  const PageSource& source_;
  std::uint64_t seed_;
  std::uint64_t next_ = 0;
  std::uint64_t end_ = 0;
  EngineStream<Compressor, PageJob> compressor_;
  EngineStream<Decompressor, BlockJob> decompressor_;
  const model::EngineConfig config_ = model::EngineConfig::of(engine_width());
  model::EngineTimeline compressor_timeline_{config_};
  model::DecoderTimeline decompressor_timeline_;
  std::deque<PageJob> inside_;   // of the compressor or before it
  std::deque<BlockJob> blocks_;  // likewise of the decompressor
  Counts counts_;
};

}  // namespace

unsigned engine_width() { return PP_EQUIVALENCE_W; }
unsigned engine_banks() { return model::EngineConfig::of(engine_width()).banks; }

Counts check_pages(const PageSource& source, std::uint64_t seed, std::uint64_t first,
                   std::uint64_t count, const std::function<void(const Counts&)>& progress) {
  return Checker(source, seed).run(first, count, progress);
}

}  // namespace pagepress::test
