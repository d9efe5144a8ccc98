// SPDX-License-Identifier: Apache-2.0
// The match finder and parser of rtl/lz in program order, position by position, as it is read
// beside the RTL. It is the specification of find_rows(): tests/codec/match_finder_test.cpp holds
// that, which is fast, to this one.
//
// Limitation: slow; for tests only.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/codec/lz4_engine.hpp"

namespace pagepress::model {

// What find_rows() gives. The geometry must be one that it takes, and so must be the unit's size.
[[nodiscard]] std::vector<SequenceRow> plain_find_rows(std::span<const std::uint8_t> unit,
                                                       const EngineConfig& config = {});

}  // namespace pagepress::model
