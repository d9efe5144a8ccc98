// SPDX-License-Identifier: Apache-2.0
// Reference codec of the engine: the bytes that rtl/ produces, window by window.
// It is the specification: where this and the RTL differ, one of them has a bug
// (tests/rtl/engine proves them equal). docs/engine.md explains the algorithm, and
// plain_match_finder.cpp is the match finder to read beside the RTL.
//
// Limitations: compression only (lz4_decoder.hpp decodes); cycles of units alone
// (engine_cycles.hpp has streams).
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace pagepress::model {

inline constexpr std::size_t kUnit = 4096;      // bytes of the smallest unit
inline constexpr std::size_t kMaxUnit = 65536;  // and of the largest: every power of two between

// Geometry of the match finder: the parameters of rtl/lz/pp_match_finder.sv.
struct EngineConfig {
  unsigned w = 16;            // W: positions a cycle; 8, 16 or 32
  unsigned banks = 32;        // BANKS of each hash table; a power of two
  unsigned ways = 2;          // WAYS of the table of 4-byte hashes: 1 or 2 entries a row
  unsigned rows = 1024;       // ROWS of it, all banks together
  unsigned long_rows = 1024;  // LONG_ROWS of the table of 8-byte hashes, one entry a row; 0: none
  unsigned near = 16;         // NEAR: distances 1..near are compared directly; at most w
  unsigned units = 4;         // UNITS: distances that are followed in a window
  unsigned starts = 2;        // STARTS: matches that can start in a window: 2 or 4

  bool operator==(const EngineConfig&) const = default;

  // The geometry that the hardware has by default at this width.
  [[nodiscard]] static EngineConfig of(unsigned w);
};

// Throws std::invalid_argument for a geometry that the RTL does not elaborate with either.
void check_geometry(const EngineConfig& config);
// Throws std::invalid_argument for a size that no unit has.
void check_unit_size(std::size_t size);

// One LZ4 sequence: lit_len literals from lit_pos, then a match. The last
// sequence of a unit has match_len 0 and offset 0.
struct Sequence {
  std::uint32_t lit_pos = 0;
  std::uint32_t lit_len = 0;
  std::uint32_t match_len = 0;
  std::uint32_t offset = 0;
  bool operator==(const Sequence&) const = default;
};

enum class EngineStatus : std::uint8_t { kOk = 0, kSameFilled = 1, kIncompressible = 2 };

struct EngineResult {
  EngineStatus status = EngineStatus::kOk;
  std::uint32_t out_len = 0;       // bytes; 0 unless kOk
  std::uint32_t crc32c = 0;        // of the unit
  std::uint64_t word = 0;          // kSameFilled: the repeated word, little-endian; else 0
  std::uint32_t cycles = 0;        // that the unit holds the match finder (res_cycles_o), or the
                                   // input with kSameFilled; if nothing makes it wait
  std::uint32_t latency = 0;       // cycles from its first beat to its result, likewise
  std::vector<std::uint8_t> data;  // out_len bytes
};

// The sequences of a row: at most so many as the engine has lanes. They stand in the row itself,
// so that the rows of a unit are one piece of memory.
class SequenceList {
 public:
  static constexpr std::size_t kMost = 4;

  [[nodiscard]] const Sequence* data() const { return items_.data(); }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] const Sequence* begin() const { return items_.data(); }
  [[nodiscard]] const Sequence* end() const { return items_.data() + size_; }
  [[nodiscard]] const Sequence& operator[](std::size_t n) const { return items_[n]; }
  void push_back(const Sequence& sequence) {
    assert(size_ < kMost);
    items_[size_++] = sequence;
  }

  bool operator==(const SequenceList& other) const { return *this == std::span(other); }
  bool operator==(std::span<const Sequence> other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

 private:
  std::array<Sequence, kMost> items_{};
  std::size_t size_ = 0;
};

// The sequences that leave the parser in one cycle. `cycle`: the window, counted from the
// unit's first one, whose parse ended the first of them; size / w for those of the unit's end.
struct SequenceRow {
  std::uint32_t cycle = 0;
  SequenceList sequences;
  bool operator==(const SequenceRow&) const = default;
};

// The match finder and parser alone (rtl/lz). Throws std::invalid_argument for a
// geometry or a unit's size that the engine does not have.
[[nodiscard]] std::vector<SequenceRow> find_rows(std::span<const std::uint8_t> unit,
                                                 const EngineConfig& config = {});

// The sequences of those rows, in order.
[[nodiscard]] std::vector<Sequence> sequences_of(std::span<const SequenceRow> rows);

// find_rows(), and all sequences of its rows.
[[nodiscard]] std::vector<Sequence> find_sequences(std::span<const std::uint8_t> unit,
                                                   const EngineConfig& config = {});

// The LZ4 block that those sequences make (rtl/lz4).
[[nodiscard]] std::vector<std::uint8_t> encode_sequences(std::span<const std::uint8_t> unit,
                                                         std::span<const Sequence> sequences);

// A word of 8 bytes, again and again: the engine stores no block of it.
[[nodiscard]] bool is_same_filled(std::span<const std::uint8_t> unit);

// What the engine answers for one unit. `limit`: longest useful output in bytes; a
// limit above the unit's size acts as that size.
[[nodiscard]] EngineResult compress_unit(std::span<const std::uint8_t> unit, std::uint32_t limit,
                                         const EngineConfig& config = {});

// The same for many units: what they need is allocated once.
//
// Limitation: not for two threads at once.
class Lz4Engine {
 public:
  explicit Lz4Engine(const EngineConfig& config = {});
  ~Lz4Engine();
  Lz4Engine(Lz4Engine&&) noexcept;
  Lz4Engine& operator=(Lz4Engine&&) noexcept;

  [[nodiscard]] const EngineConfig& config() const;
  // Valid until the next call.
  [[nodiscard]] const std::vector<SequenceRow>& find_rows(std::span<const std::uint8_t> unit);
  // In place of what `result` held; the room of its data is used again.
  void compress(std::span<const std::uint8_t> unit, std::uint32_t limit, EngineResult& result);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace pagepress::model
