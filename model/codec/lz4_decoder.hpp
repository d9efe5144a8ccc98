// SPDX-License-Identifier: Apache-2.0
// Reference of the engine's LZ4 decoder: what rtl/lz4/pp_lz4_decompressor.sv answers.
// It accepts and rejects exactly the blocks that LZ4_decompress_safe() of liblz4 1.9.4
// does, and gives the same bytes (tests/codec/decoder_test.cpp holds it to that).
// docs/decoder.md has the rules in words.
//
// Limitations: what a stream of blocks takes is DecoderTimeline's to say (decoder_cycles.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pagepress::model {

enum class DecodeStatus : std::uint8_t { kOk = 0, kMalformed = 3, kVerifyFailed = 4 };

struct DecodeResult {
  DecodeStatus status = DecodeStatus::kOk;
  std::uint32_t out_len = 0;       // bytes; 0 unless kOk
  std::uint32_t crc32c = 0;        // of the output; 0 with kMalformed
  std::vector<std::uint8_t> data;  // out_len bytes
  // Of a block alone in an idle decompressor whose surroundings never let it wait:
  std::uint32_t cycles = 0;   // res_cycles_o: from behind its first beat to its last chunk
  std::uint32_t latency = 0;  // from its first beat being taken to its result being offered
};

struct DecodeOptions {
  std::optional<std::uint32_t> expected_crc32c;  // another one gives kVerifyFailed
  std::optional<std::uint32_t> flip_bit;         // fault injection: invert this bit of the output
};

// The bytes of the block, or nothing if liblz4 rejects it with that capacity.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_block(
    std::span<const std::uint8_t> block, std::size_t capacity);

// What the engine answers for one block, but for cycles and latency.
[[nodiscard]] DecodeResult decompress_untimed(std::span<const std::uint8_t> block,
                                              std::size_t capacity,
                                              const DecodeOptions& options = {});

// What the engine answers for one block.
[[nodiscard]] DecodeResult decompress_block(std::span<const std::uint8_t> block,
                                            std::size_t capacity,
                                            const DecodeOptions& options = {});

}  // namespace pagepress::model
