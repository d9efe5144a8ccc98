// SPDX-License-Identifier: Apache-2.0
// Reference of the encoder (rtl/lz4/pp_lz4_encoder.sv): the bytes are encode_sequences()'s in
// lz4_engine.hpp; here is what they cost. docs/engine.md has slots and steps in words.
#pragma once

#include <span>

#include "model/codec/lz4_engine.hpp"

namespace pagepress::model {

// Slots of at most 16 output bytes that a sequence is broken into.
[[nodiscard]] unsigned encode_slots(const Sequence& sequence);

// Cycles that a row holds the sequencer: it works on `lanes` slots of one row in each.
[[nodiscard]] unsigned encode_steps(std::span<const Sequence> row, unsigned lanes);

}  // namespace pagepress::model
