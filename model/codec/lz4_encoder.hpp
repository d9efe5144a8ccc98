// SPDX-License-Identifier: Apache-2.0
// Reference of the encoder (rtl/lz4/pp_lz4_encoder.sv): the bytes are encode_sequences()'s in
// lz4_engine.hpp; here is what they cost, and the same bytes of rows. docs/engine.md has slots and
// steps in words.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "model/codec/lz4_engine.hpp"

namespace pagepress::model {

// Bytes of the block that a unit's rows make, and the block of that size, in place of what `out`
// held.
[[nodiscard]] std::size_t encoded_size(std::span<const SequenceRow> rows);
void encode_rows(std::span<const std::uint8_t> unit, std::span<const SequenceRow> rows,
                 std::size_t size, std::vector<std::uint8_t>& out);

// Slots of at most 16 output bytes that a sequence is broken into.
[[nodiscard]] unsigned encode_slots(const Sequence& sequence);

// Cycles that a row holds the sequencer: it works on `lanes` slots of one row in each.
[[nodiscard]] unsigned encode_steps(std::span<const Sequence> row, unsigned lanes);

}  // namespace pagepress::model
